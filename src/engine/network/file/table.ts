import { limits } from '../../base/limits.ts';
import {
  above,
  below,
  choice,
  either,
  flag,
  jsonSchema,
  kinds,
  list,
  needed,
  number,
  object,
  optional,
  text,
  triple,
  usually,
  whole,
  type Form,
  type Kinds,
} from '../../base/schema/index.ts';
import { layerKinds, type LayerSpecification } from '../layers/index.ts';

/** What a network file may say: the only such table. Validation, schema and documentation follow from it. */

const from0 = (maximum: number) => number(0, maximum);
const above0 = (maximum: number) => above(0, maximum);

const name = text(64, {
  source: '^(?!input$)[A-Za-z][A-Za-z0-9_.-]{0,63}$',
  words: 'a letter, then at most 63 letters, digits, _, . or -, and not "input"',
});
const layerName = text(64);

const wiring = {
  name: optional(name, "The layer's name, unique in its network; by default its kind, counted: conv1, relu2."),
  from: optional(
    either(layerName, list(layerName, 1, 64)),
    'The layers before it that its input comes from, or "input", the images; by default the one before.',
  ),
};
/** What is true of a layer that the form lets through, whatever its kind. */
interface CheckedLayer {
  kind: LayerSpecification['kind'];
  from?: string | string[];
}

/** One layer of a network. */
export const layerForm = kinds(
  Object.fromEntries(layerKinds.map(({ kind, about, fields }) => [kind, { about, fields: { ...fields, ...wiring } }])),
) as Form<CheckedLayer> & { kinds: Kinds };

const rate = above0(1000);
const warmUp = usually(0, whole(0, limits.epochs), 'Epochs in which the rate rises evenly to its first value.');

const schedule = kinds({
  constant: { about: 'One rate.', fields: { rate: needed(rate, 'The rate.'), warmUp } },
  steps: {
    about: 'A rate that falls after certain epochs.',
    fields: {
      rate: needed(rate, 'The first rate.'),
      after: needed(list(whole(1, limits.epochs), 1, 1000), 'Epochs after which it is multiplied by the factor.'),
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
});

const share = (value: number, about: string) => usually(value, below(0, 1), about);
const moments = {
  beta1: share(0.9, 'Share of what was in the mean of the gradients.'),
  beta2: share(0.999, 'Share of what was in the mean of their squares.'),
  epsilon: usually(1e-8, above0(1), 'Added to the root of the mean square.'),
};

/** An optimiser with its settings. */
export const optimiserKinds = kinds({
  sgd: {
    about: 'Stochastic gradient descent.',
    fields: {
      momentum: share(0.9, 'Share of the velocity that stays.'),
      nesterov: usually(false, flag, "Nesterov's momentum: looks ahead by one step."),
    },
  },
  adam: { about: 'Adam (Kingma and Ba 2015).', fields: moments },
  adamw: { about: 'AdamW (Loshchilov and Hutter 2019).', fields: moments },
});

/** How a network is trained; all of it may be left out. */
export const trainingForm = object({
  epochs: optional(
    whole(1, limits.epochs),
    'Passes over the training images; by default as many as rates are listed, or 20.',
  ),
  batch: usually(100, whole(1, 10_000), 'Images of one step.'),
  optimiser: usually('adamw', either(choice(['sgd', 'adam', 'adamw']), optimiserKinds), 'What moves the weights.'),
  learningRate: optional(
    either(rate, list(from0(1000), 1, limits.epochs), schedule),
    'A rate, a list with one an epoch, or a schedule; by default a cosine from 0.001, with sgd from 0.05.',
  ),
  weightDecay: optional(from0(100), 'By default 0.01 with adamw, 0.0001 with sgd, 0 with adam.'),
  loss: usually(
    'cross-entropy',
    choice(['cross-entropy', 'squared-error']),
    "What is made small; squared-error is for one output, whose target is the class's number.",
  ),
  clipGradient: optional(above0(1e6), 'Largest L2 norm of the gradient over all parameters.'),
  earlyStopping: optional(
    object({
      patience: needed(whole(1, limits.epochs), 'Epochs without an improvement after which training ends.'),
      minimumChange: usually(0, from0(1e6), 'By how much the validation loss must fall to count as better.'),
    }),
    'Ends the training when it no longer gets better.',
  ),
  preparation: usually(
    'standardise',
    choice(['whitening', 'contrast', 'standardise', 'scale']),
    'What is done to the pixels first.',
  ),
  augmentation: optional(
    object({
      mirror: optional(
        choice(['batch', 'image']),
        'Left-right at random: batches as a whole, or each image by itself.',
      ),
      shift: optional(whole(1, 64), 'Most pixels that an image is moved.'),
      crop: optional(above0(1), 'Least share of the area that a random crop keeps.'),
      colour: optional(above0(1), 'Strength of random brightness, contrast and saturation.'),
    }),
    'How training images are changed at random.',
  ),
});

export const layersForm = list(layerForm, 1, limits.layers);

/** The whole file. */
export const networkForm = object({
  $schema: optional(text(2000), "This schema's address, for editors."),
  name: optional(name, "The network's name; by default the file's."),
  description: usually('', text(limits.nameLength), 'One line for a person who chooses.'),
  input: optional(triple(whole(1, 4096)), '[height, width, channels] of one image; by default what the data set has.'),
  layers: needed(layersForm, 'In order; each takes its input from layers before it.'),
  training: optional(trainingForm, 'How it is trained.'),
});

/** The JSON Schema of network files. */
export const networkSchema = (): object => jsonSchema('A network for deepview-tui', networkForm);
