import { describe, expect, it } from 'vitest';
import { openKerasModel } from '../../../../src/engine/network/keras/index.ts';
import { layerTable } from '../../../../src/engine/network/layer-table.ts';
import { input, layer, sequential, weight, writeModel, type GivenWeight } from './saved-models.ts';

type Config = Record<string, unknown>;
const learning = { deviation: 'glorot', learningRate: { weights: 1, biases: 1 } };
const end = [layer('Flatten', {}, 'flat'), layer('Dense', { units: 2, activation: 'softmax' }, 'end')];
const open = async (layers: readonly Config[], sides = [8, 8, 3]) =>
  openKerasModel(await writeModel(sequential([input(sides), ...layers])));
/** The rows of a layer between an image and a dense end. */
const rows = async (className: string, config: Config, before: readonly Config[] = []) => {
  const { specification } = await open([...before, layer(className, config, 'x'), ...end]);
  // The table takes what was translated: names, wiring and shapes fit.
  layerTable(specification);
  return specification.layers.slice(before.length, -1);
};

describe('what each class of layer becomes', () => {
  it.each<[string, Config, object[]]>([
    [
      'Conv2D',
      { filters: 6, kernel_size: [3, 3], strides: [2, 2], padding: 'same', activation: 'relu', use_bias: false },
      [
        {
          kind: 'convolution',
          name: 'x',
          kernel: 3,
          channels: 6,
          stride: 2,
          padding: 'same',
          bias: false,
          ...learning,
        },
        { kind: 'relu', name: 'x_relu' },
      ],
    ],
    [
      'Conv2D',
      { filters: 6, kernel_size: 3, dilation_rate: [2, 2], groups: 3, data_format: 'channels_last' },
      [
        {
          kind: 'convolution',
          name: 'x',
          kernel: 3,
          channels: 6,
          dilation: 2,
          groups: 3,
          padding: 'valid',
          ...learning,
        },
      ],
    ],
    [
      'DepthwiseConv2D',
      { kernel_size: [3, 3], depth_multiplier: 2, activation: 'linear' },
      [{ kind: 'convolution', name: 'x', kernel: 3, channels: 6, groups: 3, padding: 'valid', ...learning }],
    ],
    [
      'SeparableConv2D',
      { filters: 8, kernel_size: 3, strides: [2, 2], depth_multiplier: 2, padding: 'same', activation: 'relu' },
      [
        {
          kind: 'convolution',
          name: 'x_depthwise',
          kernel: 3,
          channels: 6,
          stride: 2,
          groups: 3,
          padding: 'same',
          bias: false,
          ...learning,
        },
        { kind: 'convolution', name: 'x', kernel: 1, channels: 8, padding: 'valid', ...learning },
        { kind: 'relu', name: 'x_relu' },
      ],
    ],
    [
      'MaxPooling2D',
      { pool_size: [2, 2] },
      [{ kind: 'pooling', name: 'x', operation: 'max', size: 2, stride: 2, padding: 'valid' }],
    ],
    [
      'AveragePooling2D',
      { pool_size: [3, 3], strides: [1, 1], padding: 'same' },
      [{ kind: 'pooling', name: 'x', operation: 'average', size: 3, stride: 1, padding: 'same' }],
    ],
    ['GlobalMaxPooling2D', { keepdims: true }, [{ kind: 'global-pooling', name: 'x', operation: 'max' }]],
    ['GlobalAveragePooling2D', {}, [{ kind: 'global-pooling', name: 'x', operation: 'average' }]],
    [
      'BatchNormalization',
      { axis: [3], momentum: 0.9, epsilon: 0.01, scale: false },
      [
        {
          kind: 'batch-normalisation',
          name: 'x',
          momentum: expect.closeTo(0.1),
          epsilon: 0.01,
          learningRate: { weights: 0, biases: 1 },
        },
      ],
    ],
    [
      'BatchNormalization',
      { trainable: false },
      [
        {
          kind: 'batch-normalisation',
          name: 'x',
          momentum: expect.closeTo(0.01),
          epsilon: 0.001,
          learningRate: { weights: 0, biases: 0 },
        },
      ],
    ],
    [
      'LayerNormalization',
      { axis: -1, center: false },
      [{ kind: 'layer-normalisation', name: 'x', epsilon: 0.001, learningRate: { weights: 1, biases: 0 } }],
    ],
    ['Dropout', { rate: 0.25, noise_shape: null, seed: null }, [{ kind: 'dropout', name: 'x', rate: 0.25 }]],
    ['Activation', { activation: 'gelu' }, [{ kind: 'gelu', name: 'x' }]],
    ['Activation', { activation: 'leaky_relu' }, [{ kind: 'leaky-relu', name: 'x', slope: 0.2 }]],
    ['Activation', { activation: 'linear' }, []],
    ['Activation', { activation: { class_name: 'function', config: 'tanh' } }, [{ kind: 'tanh', name: 'x' }]],
    ['ReLU', { max_value: null, negative_slope: 0, threshold: 0 }, [{ kind: 'relu', name: 'x' }]],
    ['ReLU', { max_value: 6 }, [{ kind: 'relu', name: 'x', maximum: 6 }]],
    ['Activation', { activation: 'relu6' }, [{ kind: 'relu', name: 'x', maximum: 6 }]],
    ['Activation', { activation: 'swish' }, [{ kind: 'swish', name: 'x' }]],
    ['Activation', { activation: 'silu' }, [{ kind: 'swish', name: 'x' }]],
    ['Activation', { activation: 'hard_swish' }, [{ kind: 'hard-swish', name: 'x' }]],
    ['Activation', { activation: 'hard_silu' }, [{ kind: 'hard-swish', name: 'x' }]],
    ['Dropout', { rate: 0.1, noise_shape: [null, 1, 1, 1] }, []],
    ['RandomFlip', { mode: 'horizontal', seed: null }, []],
    ['SpatialDropout2D', { rate: 0.5 }, []],
    ['ReLU', { negative_slope: 0.1 }, [{ kind: 'leaky-relu', name: 'x', slope: 0.1 }]],
    ['LeakyReLU', { alpha: 0.2 }, [{ kind: 'leaky-relu', name: 'x', slope: 0.2 }]],
    ['LeakyReLU', { negative_slope: 0.4 }, [{ kind: 'leaky-relu', name: 'x', slope: 0.4 }]],
    ['LeakyReLU', {}, [{ kind: 'leaky-relu', name: 'x', slope: 0.3 }]],
    ['ELU', { alpha: 0.5 }, [{ kind: 'elu', name: 'x', alpha: 0.5 }]],
    ['Softmax', { axis: -1 }, [{ kind: 'softmax', name: 'x' }]],
    [
      'Dense',
      { units: 4 },
      [{ kind: 'convolution', name: 'x', kernel: 1, channels: 4, padding: 'valid', ...learning }],
    ],
    ['Reshape', { target_shape: [-1] }, []],
  ])('%s %j', async (className, config, expected) => {
    expect(await rows(className, config)).toEqual(expected);
  });

  it('a ZeroPadding2D becomes the padding of what follows it', async () => {
    const pad = (padding: unknown) => layer('ZeroPadding2D', { padding }, 'pad');
    const convolution = { filters: 2, kernel_size: 3, strides: 2 };
    const after = async (padding: unknown, config: Config) =>
      (await open([pad(padding), layer('Conv2D', config, 'x'), ...end])).specification.layers[0];
    expect(
      await after(
        [
          [1, 1],
          [1, 1],
        ],
        convolution,
      ),
    ).toMatchObject({ padding: 1, stride: 2 });
    expect(await after(2, { filters: 2, kernel_size: 5 })).toMatchObject({ padding: 2 });
    expect(
      await after(
        [
          [0, 1],
          [0, 1],
        ],
        convolution,
      ),
    ).toMatchObject({ padding: 'same', stride: 2 });
    expect(await after(0, convolution)).toMatchObject({ padding: 'valid' });
  });

  it('a Rescaling to 0..1 is the preparation of the images; another is a convolution that does not learn', async () => {
    const rescaled = async (config: Config) => open([layer('Rescaling', config, 'x'), ...end]);
    expect((await rescaled({ scale: 1 / 255, offset: 0 })).specification.layers).toHaveLength(1);
    const around = layer('Rescaling', { scale: 1 / 127.5, offset: -1 }, 'x');
    const given: GivenWeight[] = [weight('end/kernel', [12, 2], new Float32Array(24)), weight('end/bias', [2], [0, 0])];
    const network = await openKerasModel(await writeModel(sequential([input([2, 2, 3]), around, ...end]), given));
    expect(network.specification.layers[0]).toMatchObject({ groups: 3, learningRate: { weights: 0, biases: 0 } });
    const weights = await network.weights();
    expect([...weights.get('x.weights')!.data]).toEqual([2, 2, 2]);
    expect([...weights.get('x.biases')!.data]).toEqual([-1, -1, -1]);
  });

  it('a scale for each channel, a Normalization and a sum with a number are convolutions that do not learn', async () => {
    const given: GivenWeight[] = [weight('end/kernel', [12, 2], new Float32Array(24)), weight('end/bias', [2], [0, 0])];
    const values = async (one: Config, more: readonly GivenWeight[] = []) => {
      const topology = sequential([input([2, 2, 3]), one, ...end]);
      const network = await openKerasModel(await writeModel(topology, [...more, ...given]));
      for (const row of network.specification.layers.slice(0, -1))
        expect(row).toMatchObject({ groups: 3, learningRate: { weights: 0, biases: 0 } });
      const weights = await network.weights();
      return ['x_mean.biases', 'x.weights', 'x.biases'].map((name) => [...(weights.get(name)?.data ?? [])]);
    };
    const scaled = layer('Rescaling', { scale: [1 / 255, 2 / 255, 3 / 255], offset: [0, 1, 2] }, 'x');
    expect(await values(scaled)).toEqual([[], [1, 2, 3], [0, 1, 2]]);
    const told = layer('Normalization', { axis: [3], mean: [1, 2, 3], variance: [[[[4, 0.25, 1]]]] }, 'x');
    expect(await values(told)).toEqual([[], [0.5, 2, 1], [-0.5, -4, -3]]);
    const adapted = layer('Normalization', { axis: [-1], mean: null, variance: null }, 'x');
    const statistics = [
      weight('x/mean', [3], [1, 2, 3]),
      weight('x/variance', [3], [4, 0.25, 1]),
      weight('x/count', [], [7]),
    ];
    expect(await values(adapted, statistics)).toEqual([
      [-1, -2, -3],
      [0.5, 2, 1],
      [0, 0, 0],
    ]);
    const history = (from: string) => ({ class_name: '__keras_tensor__', config: { keras_history: [from, 0, 0] } });
    const called = (one: Config, args: unknown[]) => ({
      ...one,
      name: (one['config'] as Config)['name'],
      inbound_nodes: args.length > 0 ? [{ args, kwargs: {} }] : [],
    });
    for (const [className, numbers] of [
      ['Add', [1, 3]],
      ['Multiply', [3, 0]],
    ] as const) {
      const layers = [
        called(input([2, 2, 3], 'in'), []),
        called(layer(className, {}, 'x'), [history('in'), 3]),
        called(end[0], [history('x')]),
        called(end[1], [history('flat')]),
      ];
      const config = { name: 'sums', layers, input_layers: ['in', 0, 0], output_layers: ['end', 0, 0] };
      const path = await writeModel({ model_config: { class_name: 'Functional', config } }, given);
      const weights = await (await openKerasModel(path)).weights();
      expect(['x.weights', 'x.biases'].map((name) => weights.get(name)!.data[2])).toEqual(numbers);
    }
    await expect(open([layer('Rescaling', { scale: [1, 2] }, 'x'), ...end])).rejects.toMatchObject({
      message: expect.stringContaining('has 2 values as its scale') as string,
    });
  });

  it('takes a list of values for the image that it most likely is', async () => {
    const shape = async (values: number) =>
      (await open([layer('Dense', { units: 2 }, 'x')], [values])).specification.inputShape;
    expect(await shape(784)).toEqual([28, 28, 1]);
    expect(await shape(3072)).toEqual([32, 32, 3]);
    expect(await shape(10)).toEqual([1, 1, 10]);
    const reshaped = [layer('Reshape', { target_shape: [4, 8, 2] }, 'shaped'), ...end];
    expect((await open(reshaped, [64])).specification.inputShape).toEqual([4, 8, 2]);
  });

  it('trains further with the optimiser that the model was compiled with, else with Adam', async () => {
    const compiled = async (optimizer: unknown, keyOfFile: 'trainingConfig' | 'training_config') => {
      const config = { optimizer_config: optimizer, loss: 'categorical_crossentropy' };
      const path = await writeModel(sequential([input([8, 8, 3]), ...end]), [], (model) => {
        if (keyOfFile === 'trainingConfig') model['trainingConfig'] = config;
        else (model['modelTopology'] as Config)['training_config'] = config;
      });
      const { optimiser, learningRate, weightDecay } = (await openKerasModel(path)).specification.training;
      return { optimiser, rate: learningRate[0], weightDecay };
    };
    const sgd = { class_name: 'SGD', config: { learning_rate: 0.1, momentum: 0.8, nesterov: true } };
    expect(await compiled(sgd, 'trainingConfig')).toEqual({
      optimiser: { kind: 'sgd', momentum: 0.8, nesterov: true },
      rate: 0.1,
      weightDecay: 0,
    });
    const adamw = { class_name: 'AdamW', config: { learning_rate: 0.01, weight_decay: 0.02, epsilon: 1e-8 } };
    expect(await compiled(adamw, 'training_config')).toEqual({
      optimiser: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      rate: 0.01,
      weightDecay: 0.02,
    });
    const usual = { optimiser: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, rate: 0.001, weightDecay: 0 };
    const schedule = { class_name: 'Adam', config: { learning_rate: { class_name: 'ExponentialDecay', config: {} } } };
    expect(await compiled(schedule, 'trainingConfig')).toEqual(usual);
    expect(await compiled({ class_name: 'Lion', config: {} }, 'trainingConfig')).toEqual(usual);
    expect((await open(end)).specification.training).toMatchObject({ loss: 'cross-entropy', preparation: 'scale' });
    const one = await open([layer('Flatten', {}, 'flat'), layer('Dense', { units: 1, activation: 'sigmoid' }, 'end')]);
    expect(one.specification.training.loss).toBe('squared-error');
    expect(one.specification.layers.at(-1)).toMatchObject({ kind: 'sigmoid' });
  });

  it('leaves out what only training has, in front of a Rescaling too, and says so', async () => {
    const flip = layer('RandomFlip', { mode: 'horizontal' }, 'flip');
    const rescaling = layer('Rescaling', { scale: 1 / 255, offset: 0 }, 'scaled');
    const { specification, notices } = await open([flip, rescaling, ...end]);
    expect(specification.layers).toHaveLength(1);
    expect(notices).toEqual(['training here leaves out RandomFlip: --augment changes images at random']);
  });

  it('tells which frozen normalisations would train otherwise', async () => {
    const frozen = await open([layer('BatchNormalization', { trainable: false }, 'bn'), ...end]);
    expect(frozen.notices).toEqual([expect.stringContaining('bn is frozen') as string]);
    expect((await open(end)).notices).toEqual([]);
  });
});

describe('what has no exact counterpart is refused by name', () => {
  const pad = (padding: unknown) => layer('ZeroPadding2D', { padding }, 'pad');
  const convolution = { filters: 2, kernel_size: 3 };
  const flat = layer('Flatten', {}, 'before');
  it.each<[string, Config, string, Config[]?]>([
    ['LSTM', { units: 3 }, 'is of a class that has no counterpart here'],
    ['constructor', {}, 'is of a class that has no counterpart here'],
    ['Conv2D', { filters: 2, kernel_size: [3, 5] }, 'has the kernel_size 3x5, which is not square'],
    ['Conv2D', { ...convolution, strides: [1, 2] }, 'has the strides 1x2'],
    ['Conv2D', { ...convolution, data_format: 'channels_first' }, 'has the data_format "channels_first"'],
    ['Conv2D', { ...convolution, padding: 'causal' }, 'has the padding "causal"'],
    ['Conv2D', { ...convolution, activation: 'mish' }, 'has the activation "mish"'],
    ['Conv2D', { ...convolution, activation: 'toString' }, 'has the activation "toString"'],
    [
      'Conv2D',
      { ...convolution, activation: { class_name: 'LeakyReLU', config: {} } },
      'has an activation that is no plain function',
    ],
    ['Conv2D', { ...convolution, groups: 2 }, 'parts 3 input and 2 output channels into 2 groups'],
    ['Conv2D', { filters: 2, kernel_size: 9 }, 'has a window that does not fit into its input of 8x8x3'],
    ['Conv2D', convolution, 'is called on a list of values, not on an image', [flat]],
    [
      'Conv2D',
      convolution,
      'follows a ZeroPadding2D of 2, 0, 1 and 1 pixels',
      [
        pad([
          [2, 0],
          [1, 1],
        ]),
      ],
    ],
    ['Conv2D', { ...convolution, padding: 'same' }, 'follows a ZeroPadding2D', [pad(1)]],
    ['AveragePooling2D', {}, 'would average the zeros', [pad(1)]],
    ['MaxPooling2D', {}, 'takes the maximum of a ZeroPadding2D around values below zero', [pad(1)]],
    ['BatchNormalization', {}, 'follows a ZeroPadding2D', [pad(1)]],
    ['BatchNormalization', { axis: 1 }, 'works along axis 1'],
    ['BatchNormalization', {}, 'works on a flattened image', [flat]],
    ['BatchNormalization', { renorm: true }, 'has renorm'],
    ['LayerNormalization', { axis: [1, 2, 3] }, 'works along 3 axes'],
    ['Softmax', {}, 'works on a flattened image', [flat]],
    ['Dropout', { rate: 0.5, noise_shape: [1, 1, 1, 3] }, 'has a noise_shape'],
    ['ReLU', { max_value: 6, negative_slope: 0.1 }, 'leaks and has a max_value'],
    ['ReLU', { threshold: 1 }, 'has the threshold 1'],
    ['BatchNormalization', { momentum: 1 }, 'has the momentum 1'],
    ['Reshape', { target_shape: [4, 16, 3] }, 'makes [4, 16, 3] of [8, 8, 3]'],
    ['Add', {}, 'is called on 1 input'],
    ['Multiply', {}, 'is called on 1 input'],
    ['RandomCrop', { height: 4, width: 4 }, 'is of a class that has no counterpart here'],
  ])('%s %j: %s', async (className, config, words, before = []) => {
    const thrown = await open([...before, layer(className, config, 'x'), ...end]).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'unsupported-keras-model', exitCode: 4 });
    expect((thrown as Error).message).toContain(`the layer "x" (${className}) ${words}`);
  });

  it.each<[string, Config, string]>([
    [
      'Conv2D',
      { filters: 1e9, kernel_size: 3 },
      'config.filters must be a whole number from 1 to 65536; it is 1000000000',
    ],
    [
      'Conv2D',
      { filters: 'many', kernel_size: 3 },
      'config.filters must be a whole number from 1 to 65536; it is "many"',
    ],
    ['Conv2D', { filters: 2, kernel_size: [0, 0] }, 'config.kernel_size[0] must be a whole number from 1 to'],
    ['Dense', {}, 'config.units is missing'],
    ['Dropout', { rate: -1 }, 'config.rate must be a number from 0 to 1; it is -1'],
  ])('%s %j is no such layer', async (className, config, words) => {
    await expect(open([layer(className, config, 'x'), ...end])).rejects.toMatchObject({
      code: 'bad-keras-model',
      message: expect.stringContaining(words) as string,
    });
  });

  it('a model that ends in positions, or in zeros', async () => {
    await expect(open([layer('Conv2D', convolution, 'x')])).rejects.toMatchObject({
      code: 'unsupported-keras-model',
      message: expect.stringContaining('leaves 6x6 positions') as string,
    });
    await expect(open([pad(1)])).rejects.toMatchObject({ code: 'unsupported-keras-model' });
  });
});
