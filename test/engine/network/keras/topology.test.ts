import { describe, expect, it } from 'vitest';
import { openKerasModel } from '../../../../src/engine/network/keras/index.ts';
import { input, layer, newDirectory, sequential, weight, writeModel, type GivenWeight } from './saved-models.ts';

const rowsOf = async (path: string) => (await openKerasModel(path)).specification.layers;
const refusal = async (path: string, code: string, words: string): Promise<void> => {
  await expect(openKerasModel(path)).rejects.toMatchObject({
    code,
    exitCode: 4,
    message: expect.stringContaining(words) as string,
  });
};

const dense = (units: number, name: string) => layer('Dense', { units, activation: 'linear' }, name);
const add = { class_name: 'Add', config: { name: 'sum', trainable: true } };

/** input -> a -> sum(a, b(a)) -> c, in any dialect. */
const joined = [
  { kind: 'dense', units: 4, name: 'a', deviation: 'glorot', learningRate: { weights: 1, biases: 1 } },
  { kind: 'dense', units: 4, name: 'b', deviation: 'glorot', learningRate: { weights: 1, biases: 1 } },
  { kind: 'add', name: 'sum', from: ['a', 'b'] },
  { kind: 'dense', units: 2, name: 'c', deviation: 'glorot', learningRate: { weights: 1, biases: 1 } },
];

const keras2 = (changes: Record<string, unknown> = {}) => ({
  keras_version: '2.15.0',
  backend: 'tensorflow',
  model_config: {
    class_name: 'Functional',
    config: {
      name: 'net',
      layers: [
        { ...input([4], 'in'), name: 'in', inbound_nodes: [] },
        { ...dense(4, 'a'), name: 'a', inbound_nodes: [[['in', 0, 0, {}]]] },
        { ...dense(4, 'b'), name: 'b', inbound_nodes: [[['a', 0, 0, {}]]] },
        {
          ...add,
          name: 'sum',
          inbound_nodes: [
            [
              ['a', 0, 0, {}],
              ['b', 0, 0, {}],
            ],
          ],
        },
        { ...dense(2, 'c'), name: 'c', inbound_nodes: [[['sum', 0, 0, {}]]] },
      ],
      input_layers: [['in', 0, 0]],
      output_layers: [['c', 0, 0]],
      ...changes,
    },
  },
});

const tensor = (name: string) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 4], dtype: 'float32', keras_history: [name, 0, 0] },
});
const node = (...args: unknown[]) => [{ args, kwargs: {} }];
const policy = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };
const keras3Layer = (className: string, config: Record<string, unknown>, nodes: unknown) => ({
  module: 'keras.layers',
  class_name: className,
  config: { trainable: true, dtype: policy, ...config },
  registered_name: null,
  build_config: { input_shape: [null, 4] },
  name: config['name'],
  inbound_nodes: nodes,
});

describe('the ways in which models are described', () => {
  it('reads a functional model of Keras 2, in any order', async () => {
    expect(await rowsOf(await writeModel(keras2()))).toEqual(joined);
    const { config } = keras2().model_config;
    const shuffled = await writeModel(keras2({ layers: [...config.layers].reverse() }));
    const rows = await rowsOf(shuffled);
    expect(rows.map(({ name }) => name)).toEqual(['a', 'b', 'sum', 'c']);
    expect(rows[2]).toEqual(joined[2]);
  });

  it('reads a functional model of Keras 3', async () => {
    const config = {
      name: 'net',
      trainable: true,
      layers: [
        keras3Layer('InputLayer', { batch_shape: [null, 4], name: 'in', sparse: false }, []),
        keras3Layer('Dense', { name: 'a', units: 4, activation: 'linear' }, node(tensor('in'))),
        keras3Layer('Dense', { name: 'b', units: 4, activation: 'linear' }, node(tensor('a'))),
        keras3Layer('Add', { name: 'sum' }, node([tensor('a'), tensor('b')])),
        keras3Layer('Dense', { name: 'c', units: 2, activation: 'softmax' }, node(tensor('sum'))),
      ],
      input_layers: [['in', 0, 0]],
      output_layers: [['c', 0, 0]],
    };
    const model = (more: Record<string, unknown>) => ({
      keras_version: '3.4.1',
      model_config: { class_name: 'Functional', config: { ...config, ...more } },
    });
    // The last softmax is the loss's.
    expect(await rowsOf(await writeModel(model({})))).toEqual(joined);
    // A single end may stand without a list around it.
    expect(await rowsOf(await writeModel(model({ input_layers: ['in', 0, 0], output_layers: ['c', 0, 0] })))).toEqual(
      joined,
    );
  });

  it('reads Sequential models of Keras 1, 2 and 3 alike', async () => {
    const kernels = [layer('Dense', { units: 3, activation: 'relu' }, 'first'), layer('Dense', { units: 2 }, 'second')];
    const first = { ...kernels[0], config: { ...(kernels[0]['config'] as object), batch_input_shape: [null, 5] } };
    const asList = { class_name: 'Sequential', config: [first, kernels[1]] };
    const keras3 = {
      class_name: 'Sequential',
      config: {
        name: 'sequential',
        layers: [{ class_name: 'InputLayer', config: { batch_shape: [null, 5], name: 'input_layer' } }, ...kernels],
      },
    };
    const expected = ['first', 'first_relu', 'second'];
    for (const topology of [asList, { model_config: asList }, sequential([input([5]), ...kernels]), keras3]) {
      const { specification } = await openKerasModel(await writeModel(topology));
      expect(specification.layers.map(({ name }) => name)).toEqual(expected);
      expect(specification.inputShape).toEqual([1, 1, 5]);
    }
  });

  it('takes models within models apart, and freezes what they freeze', async () => {
    const base = {
      class_name: 'Functional',
      config: {
        name: 'base',
        trainable: false,
        layers: [
          { ...input([6, 6, 1], 'in'), name: 'in', inbound_nodes: [] },
          {
            ...layer('Conv2D', { filters: 2, kernel_size: [3, 3] }, 'conv'),
            name: 'conv',
            inbound_nodes: [[['in', 0, 0, {}]]],
          },
        ],
        input_layers: [['in', 0, 0]],
        output_layers: [['conv', 0, 0]],
      },
    };
    const tail = [layer('GlobalAveragePooling2D', {}, 'pool'), dense(2, 'top')];
    const inner: GivenWeight[] = [
      weight('conv/kernel', [3, 3, 1, 2], new Float32Array(18).fill(1)),
      weight('conv/bias', [2], [1, 2]),
      weight('top/kernel', [2, 2], [1, 2, 3, 4]),
      weight('top/bias', [2], [0, 0]),
    ];
    const network = await openKerasModel(await writeModel(sequential([base, ...tail]), inner));
    expect(network.specification.inputShape).toEqual([6, 6, 1]);
    expect(network.specification.layers).toMatchObject([
      { kind: 'convolution', name: 'base_conv', learningRate: { weights: 0, biases: 0 } },
      { kind: 'global-pooling', name: 'pool' },
      { kind: 'dense', name: 'top', learningRate: { weights: 1, biases: 1 } },
    ]);
    expect([...(await network.weights()).get('base_conv.biases')!.data]).toEqual([1, 2]);

    // A functional model numbers the call of a model within it by 1.
    const outer = {
      class_name: 'Model',
      config: {
        name: 'outer',
        layers: [
          { ...input([6, 6, 1], 'images'), name: 'images', inbound_nodes: [] },
          { ...base, name: 'base', inbound_nodes: [[['images', 0, 0, {}]]] },
          { ...tail[0], name: 'pool', inbound_nodes: [[['base', 1, 0, {}]]] },
        ],
        input_layers: [['images', 0, 0]],
        output_layers: [['pool', 0, 0]],
      },
    };
    expect(await rowsOf(await writeModel(outer))).toMatchObject([{ name: 'base_conv' }, { name: 'pool' }]);
  });

  it('calls the network by its name, or by its directory where that says nothing', async () => {
    expect((await openKerasModel(await writeModel(keras2()))).specification.name).toBe('net');
    const unnamed = await openKerasModel(await writeModel(sequential([input([4]), dense(2, 'a')])));
    expect(unnamed.specification.name).toMatch(/^keras-\d+$/);
  });
});

describe('what is no such model', () => {
  it.each<[string, unknown, string, string]>([
    ['a graph model by its format', { node: [] }, 'unsupported-keras-model', 'is a graph model'],
    ['no topology', null, 'bad-keras-model', 'no modelTopology'],
    [
      'an unknown kind of model',
      { class_name: 'Chain', config: {} },
      'unsupported-keras-model',
      'of the class "Chain"',
    ],
    ['no layers', sequential([]), 'unsupported-keras-model', 'has no layers'],
    ['an input layer alone', sequential([input([4, 4, 1])]), 'unsupported-keras-model', 'has no layers'],
    ['no input size', sequential([dense(2, 'a')]), 'unsupported-keras-model', 'does not say what size'],
    [
      'an open height',
      sequential([input([null, 32, 3]), dense(2, 'a')]),
      'unsupported-keras-model',
      'side 1 of the input open',
    ],
    ['a sequence', sequential([input([5, 7]), dense(2, 'a')]), 'unsupported-keras-model', 'has 2 axes'],
    [
      'an absurd size',
      sequential([input([1e9, 1e9, 3]), dense(2, 'a')]),
      'bad-keras-model',
      'must be a whole number from 1 to 4096; it is 1000000000',
    ],
    [
      'a size that is no number',
      sequential([layer('InputLayer', { batch_input_shape: 'big' }), dense(2, 'a')]),
      'bad-keras-model',
      'is not a list',
    ],
    ['a layer that is no object', sequential([input([4]), 7]), 'bad-keras-model', 'is not an object'],
    [
      'two layers of one name',
      sequential([input([4]), dense(2, 'a'), dense(2, 'a')]),
      'bad-keras-model',
      'the name "a" of another',
    ],
  ])('%s is refused', async (_, topology, code, words) => {
    await refusal(await writeModel(topology), code, words);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    [
      'two inputs',
      {
        input_layers: [
          ['in', 0, 0],
          ['a', 0, 0],
        ],
      },
      'unsupported-keras-model',
      'has 2 inputs',
    ],
    [
      'two outputs',
      {
        output_layers: [
          ['c', 0, 0],
          ['a', 0, 0],
        ],
      },
      'unsupported-keras-model',
      'has 2 outputs',
    ],
    ['an output that is not there', { output_layers: [['z', 0, 0]] }, 'bad-keras-model', '"z", which is no layer'],
    ['an output within', { output_layers: [['sum', 0, 0]] }, 'bad-keras-model', '("c") leads to no output'],
  ])('a functional model with %s is refused', async (_, changes, code, words) => {
    await refusal(await writeModel(keras2(changes)), code, words);
  });

  it.each<[string, unknown, string, string]>([
    ['is called twice', [[['in', 0, 0, {}]], [['a', 0, 0, {}]]], 'unsupported-keras-model', '"b" is called 2 times'],
    ['is called on nothing', [], 'unsupported-keras-model', '"b" is a second input'],
    ['is called on what is not there', [[['z', 0, 0, {}]]], 'bad-keras-model', '"z", which is no layer'],
    ['is in a circle', [[['sum', 0, 0, {}]]], 'bad-keras-model', 'has a circle through'],
    ['asks for a second output', [[['a', 0, 1, {}]]], 'unsupported-keras-model', 'asks for output 1 of "a"'],
  ])('a functional model is refused whose layer %s', async (_, nodes, code, words) => {
    const { layers } = keras2().model_config.config;
    const changed = layers.map((one) => (one.name === 'b' ? { ...one, inbound_nodes: nodes } : one));
    await refusal(await writeModel(keras2({ layers: changed })), code, words);
  });

  it('a model within too many is refused, not followed', async () => {
    let inner: unknown = dense(2, 'a');
    for (let depth = 0; depth < 40; depth++) {
      inner = { class_name: 'Sequential', config: { name: `m${depth}`, layers: [input([4]), inner] } };
    }
    await refusal(await writeModel(inner), 'bad-keras-model', 'within more than 16 others');
  });

  it('text that is not JSON, and a file that is not there, are refused by name', async () => {
    const directory = await newDirectory();
    await expect(openKerasModel(`${directory}/model.json`)).rejects.toMatchObject({ code: 'not-found', exitCode: 4 });
    const path = await writeModel(keras2());
    const { writeFile } = await import('node:fs/promises');
    await writeFile(path, '{"modelTopology": ');
    await refusal(path, 'bad-keras-model', 'it is not JSON');
  });

  it('names that could steer a terminal are made safe', async () => {
    const hostile = '\u001b[2J\u202eevil';
    const path = await writeModel(sequential([input([4]), layer('Lambda', {}, hostile)]));
    const thrown = await openKerasModel(path).catch((error: unknown) => error as Error);
    expect(thrown).toMatchObject({ code: 'unsupported-keras-model' });
    // eslint-disable-next-line no-control-regex
    expect((thrown as Error).message).not.toMatch(/[\u001b\u202e]/);
    const { specification } = await openKerasModel(await writeModel(sequential([input([4]), dense(2, hostile)])));
    expect(specification.layers[0].name).toBe('layer__2J_evil');
  });
});
