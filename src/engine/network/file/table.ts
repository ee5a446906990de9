import { limits } from '../../base/limits.ts';
import type { FieldForm, Fields, Form } from './forms.ts';

/** What a network file may say: the only such table. Validation, schema and documentation follow from it. */

const whole = (minimum: number, maximum: number): Form => ({ form: 'whole', minimum, maximum });
const from0 = (maximum: number): Form => ({ form: 'number', minimum: 0, maximum });
const above0 = (maximum: number): Form => ({ form: 'number', minimum: 0, maximum, above: true });
const word = (...words: string[]): Form => ({ form: 'word', words });
const either = (...of: Form[]): Form => ({ form: 'either', of });
const needed = (is: Form, about: string): FieldForm => ({ is, about });
const optional = (is: Form, about: string): FieldForm => ({ is, about, otherwise: 'optional' });
const usually = (value: string | number | boolean, is: Form, about: string): FieldForm => ({
  ...{ is, about },
  otherwise: { value },
});
const flag: Form = { form: 'flag' };

/** Pixels of any window, stride or padding. */
const pixels = 1024;
const name: Form = {
  form: 'text',
  maximum: 64,
  pattern: {
    source: '^(?!input$)[A-Za-z][A-Za-z0-9_.-]{0,63}$',
    words: 'a letter, then at most 63 letters, digits, _, . or -, and not "input"',
  },
};
const layerName: Form = { form: 'text', maximum: 64 };

const wiring: Fields = {
  name: optional(name, "The layer's name, unique in its network; by default its kind, counted: conv1, relu2."),
  from: optional(
    either(layerName, { form: 'list', of: layerName, minimum: 1, maximum: 64 }),
    'The layers before it that its input comes from, or "input", the images; by default the one before.',
  ),
};
const neurons = (about: string): FieldForm =>
  needed(
    either(whole(1, limits.neurons), word('classes')),
    `${about}; "classes": as many as the data set has classes.`,
  );
const padding = usually(
  'same',
  either(word('same', 'valid'), whole(0, pixels)),
  'What is put around the input: "same" keeps its size divided by the stride, "valid" adds nothing, a number adds so many pixels on every side.',
);
const multipliers: FieldForm = optional(
  {
    form: 'object',
    fields: {
      weights: usually(1, from0(1000), "Of the weights, or of a normalisation's gains."),
      biases: usually(1, from0(1000), 'Of the biases.'),
    },
  },
  "Factors on the network's learning rate; 1 and 1 by default.",
);
const weights: Fields = {
  bias: usually(true, flag, 'Whether a bias is added.'),
  deviation: usually(
    'he',
    either(word('he', 'glorot'), from0(1000)),
    'How the first weights are drawn: "he" or "glorot", or normally with this standard deviation.',
  ),
  learningRate: multipliers,
};
const epsilon = (value: number): FieldForm => usually(value, above0(1), 'Added to the variance.');
const operation = needed(word('max', 'average'), 'What is taken of each window.');
const kind = (about: string, fields: Fields = {}): { about: string; fields: Fields } => ({
  about,
  fields: { ...fields, ...wiring },
});

/** One layer of a network. */
export const layerForm: Form = {
  form: 'kinds',
  kinds: {
    convolution: kind('A square window of weights over the image.', {
      kernel: needed(whole(1, pixels), 'Side of the window in pixels.'),
      channels: neurons('Output channels: neurons'),
      stride: usually(1, whole(1, pixels), 'Pixels from one window to the next.'),
      padding,
      dilation: usually(1, whole(1, pixels), 'Image pixels from one pixel of the window to the next.'),
      groups: usually(1, whole(1, limits.neurons), 'Channels fall into so many groups, each seeing only its own.'),
      ...weights,
    }),
    dense: kind('Every unit sees all of its input.', { units: neurons('Neurons'), ...weights }),
    pooling: kind('The maximum or the mean of a window over the image; only real pixels count.', {
      operation,
      size: needed(whole(1, pixels), 'Side of the window in pixels.'),
      stride: optional(whole(1, pixels), 'Pixels from one window to the next; by default the size.'),
      padding: { ...padding, otherwise: { value: 'valid' } },
    }),
    'global-pooling': kind('The maximum or the mean of all positions.', { operation }),
    relu: kind('Negative values become 0.'),
    'leaky-relu': kind('Negative values are multiplied by the slope.', {
      slope: usually(0.01, from0(1), 'Factor on negative values.'),
    }),
    elu: kind('Negative values become alpha (exp(x) - 1).', {
      alpha: usually(1, above0(100), 'What they tend to, negated.'),
    }),
    gelu: kind('Each value times the share of the standard normal distribution below it.'),
    sigmoid: kind('1 / (1 + exp(-x)).'),
    tanh: kind('The hyperbolic tangent.'),
    softmax: kind('Shares of the channels at each position; as the last layer it is part of the cross-entropy.'),
    'batch-normalisation': kind('Each channel to mean 0 and deviation 1 over the batch, then a gain and a bias.', {
      epsilon: epsilon(1e-5),
      momentum: usually(0.1, above0(1), 'Share of the newest batch in the saved mean and variance.'),
      learningRate: multipliers,
    }),
    'layer-normalisation': kind('The channels of each position to mean 0 and deviation 1, then a gain and a bias.', {
      epsilon: epsilon(1e-5),
      learningRate: multipliers,
    }),
    dropout: kind('Values are zeroed at random while training.', {
      rate: needed({ form: 'number', minimum: 0, maximum: 1, below: true }, 'Share of the values.'),
    }),
    add: kind('The sum of the layers named by "from", which are of one shape.'),
    concatenate: kind('The channels of the layers named by "from", which are of one height and width.'),
  },
};

const rate = above0(1000);
const warmUp = usually(0, whole(0, limits.epochs), 'Epochs in which the rate rises evenly to its first value.');

const schedule: Form = {
  form: 'kinds',
  kinds: {
    constant: { about: 'One rate.', fields: { rate: needed(rate, 'The rate.'), warmUp } },
    steps: {
      about: 'A rate that falls after certain epochs.',
      fields: {
        rate: needed(rate, 'The first rate.'),
        after: needed(
          { form: 'list', of: whole(1, limits.epochs), minimum: 1, maximum: 1000 },
          'Epochs after which it is multiplied by the factor.',
        ),
        factor: usually(0.1, above0(1), 'What it is multiplied by.'),
        warmUp,
      },
    },
    cosine: {
      about: 'A rate that falls as half a wave of the cosine, over all epochs after the warm-up.',
      fields: {
        rate: needed(rate, 'The first rate.'),
        least: usually(0, from0(1000), 'What it tends to.'),
        warmUp,
      },
    },
  },
};

const share = (about: string): FieldForm =>
  usually(0.9, { form: 'number', minimum: 0, maximum: 1, below: true }, about);
const moments: Fields = {
  beta1: share('Share of what was in the mean of the gradients.'),
  beta2: { ...share('Share of what was in the mean of their squares.'), otherwise: { value: 0.999 } },
  epsilon: usually(1e-8, above0(1), 'Added to the root of the mean square.'),
};

/** An optimiser with its settings. */
export const optimiserKinds: Form = {
  form: 'kinds',
  kinds: {
    sgd: {
      about: 'Stochastic gradient descent.',
      fields: {
        momentum: share('Share of the velocity that stays.'),
        nesterov: usually(false, flag, "Nesterov's momentum: looks ahead by one step."),
      },
    },
    adam: { about: 'Adam (Kingma and Ba 2015).', fields: moments },
    adamw: { about: 'AdamW (Loshchilov and Hutter 2019).', fields: moments },
  },
};

/** How a network is trained; all of it may be left out. */
export const trainingForm: Form = {
  form: 'object',
  fields: {
    epochs: optional(
      whole(1, limits.epochs),
      'Passes over the training images; by default as many as rates are listed, or 20.',
    ),
    batch: usually(100, whole(1, 10_000), 'Images of one step.'),
    optimiser: usually('adamw', either(word('sgd', 'adam', 'adamw'), optimiserKinds), 'What moves the weights.'),
    learningRate: optional(
      either(rate, { form: 'list', of: from0(1000), minimum: 1, maximum: limits.epochs }, schedule),
      'A rate, a list with one an epoch, or a schedule; by default a cosine from 0.001, with sgd from 0.05.',
    ),
    weightDecay: optional(from0(100), 'By default 0.01 with adamw, 0.0001 with sgd, 0 with adam.'),
    loss: usually(
      'cross-entropy',
      word('cross-entropy', 'squared-error'),
      "What is made small; squared-error is for one output, whose target is the class's number.",
    ),
    clipGradient: optional(above0(1e6), 'Largest L2 norm of the gradient over all parameters.'),
    earlyStopping: optional(
      {
        form: 'object',
        fields: {
          patience: needed(whole(1, limits.epochs), 'Epochs without an improvement after which training ends.'),
          minimumChange: usually(0, from0(1e6), 'By how much the validation loss must fall to count as better.'),
        },
      },
      'Ends the training when it no longer gets better.',
    ),
    preparation: usually(
      'standardise',
      word('whitening', 'contrast', 'standardise', 'scale'),
      'What is done to the pixels first.',
    ),
    augmentation: optional(
      {
        form: 'object',
        fields: {
          mirror: optional(
            word('batch', 'image'),
            'Left-right at random: batches as a whole, or each image by itself.',
          ),
          shift: optional(whole(1, 64), 'Most pixels that an image is moved.'),
          crop: optional(above0(1), 'Least share of the area that a random crop keeps.'),
          colour: optional(above0(1), 'Strength of random brightness, contrast and saturation.'),
        },
      },
      'How training images are changed at random.',
    ),
  },
};

export const layersForm: Form = { form: 'list', of: layerForm, minimum: 1, maximum: limits.layers };

/** The whole file. */
export const networkForm: Form = {
  form: 'object',
  fields: {
    $schema: optional({ form: 'text', maximum: 2000 }, "This schema's address, for editors."),
    name: optional(name, "The network's name; by default the file's."),
    description: usually('', { form: 'text', maximum: limits.nameLength }, 'One line for a person who chooses.'),
    input: optional(
      { form: 'list', of: whole(1, 4096), minimum: 3, maximum: 3 },
      '[height, width, channels] of one image; by default what the data set has.',
    ),
    layers: needed(layersForm, 'In order; each takes its input from layers before it.'),
    training: optional(trainingForm, 'How it is trained.'),
  },
};
