import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFloat16 } from '../../../../src/engine/arrays/float16.ts';
import { openKerasModel } from '../../../../src/engine/network/keras/index.ts';
import { input, layer, sequential, weight, writeModel, type GivenWeight } from './saved-models.ts';

type Config = Record<string, unknown>;
const topology = sequential([input([3]), layer('Dense', { units: 2 }, 'top')]);
const kernel = weight('top/kernel', [3, 2], [1, 2, 3, 4, 5, 6]);
const bias = weight('top/bias', [2], [7, 8]);
const read = async (path: string) => (await openKerasModel(path)).weights();
const values = async (path: string, name = 'top.weights') => [...(await read(path)).get(name)!.data];
const refusal = (path: string, words: string) =>
  expect(read(path)).rejects.toMatchObject({
    code: 'bad-keras-model',
    exitCode: 4,
    message: expect.stringContaining(words) as string,
  });
type Manifest = { paths: string[]; weights: Config[] }[];
const manifestOf = (model: Config): Manifest => model['weightsManifest'] as Manifest;

describe('reading weights', () => {
  it('takes arrays that lie across several files and groups', async () => {
    const path = await writeModel(topology, [kernel, bias], (model) => {
      model['weightsManifest'] = [
        { paths: ['a.bin', 'b.bin', 'sub/c.bin'], weights: [{ name: 'top/kernel', shape: [3, 2], dtype: 'float32' }] },
        { paths: ['d.bin'], weights: [{ name: 'top/bias', shape: [2], dtype: 'float32' }] },
      ];
    });
    const beside = (name: string): string => join(dirname(path), name);
    await mkdir(beside('sub'));
    await writeFile(beside('a.bin'), kernel.bytes.subarray(0, 5));
    await writeFile(beside('b.bin'), kernel.bytes.subarray(5, 6));
    await writeFile(beside('sub/c.bin'), kernel.bytes.subarray(6));
    await writeFile(beside('d.bin'), bias.bytes);
    expect(await values(path)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await values(path, 'top.biases')).toEqual([7, 8]);
    expect((await read(path)).get('top.weights')!.shape).toEqual([3, 2]);
  });

  it('undoes each quantisation of the format', async () => {
    const stored = (dtype: string, bytes: Uint8Array, more: object): GivenWeight => ({
      ...kernel,
      bytes,
      quantization: { dtype, ...more },
    });
    const scaled = { scale: 0.5, min: -1 };
    const small = Uint8Array.of(0, 1, 2, 3, 4, 255);
    // The odd length puts the whole numbers of two bytes behind it out of line.
    const before = { ...weight('other/seed_generator/vars/0', [1], [0]), dtype: 'uint8', bytes: Uint8Array.of(9) };
    expect(await values(await writeModel(topology, [stored('uint8', small, scaled), bias]))).toEqual([
      -1, -0.5, 0, 0.5, 1, 126.5,
    ]);
    const wide = new Uint8Array(Uint16Array.of(0, 1, 2, 3, 4, 65_535).buffer);
    expect(await values(await writeModel(topology, [before, stored('uint16', wide, scaled), bias]))).toEqual([
      -1, -0.5, 0, 0.5, 1, 32_766.5,
    ]);
    const halves = new Uint8Array(encodeFloat16(Float32Array.of(1, 2, 3, 4, 5, 0.25)).buffer);
    expect(await values(await writeModel(topology, [stored('float16', halves, {}), bias]))).toEqual([
      1, 2, 3, 4, 5, 0.25,
    ]);
  });

  it('quantisation to a byte is undone to half a step', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 6, maxLength: 6 }),
        async (given) => {
          const [min, max] = [Math.min(...given), Math.max(...given)];
          const scale = max > min ? (max - min) / 255 : 1;
          const bytes = Uint8Array.from(given, (value) => Math.round((value - min) / scale));
          const quantised = { ...kernel, bytes, quantization: { dtype: 'uint8', scale, min } };
          const found = await values(await writeModel(topology, [quantised, bias]));
          found.forEach((value, index) =>
            expect(Math.abs(value - given[index])).toBeLessThanOrEqual(scale * 0.501 + 1e-5),
          );
        },
      ),
      { numRuns: 10 },
    );
  });

  it('passes over the state of optimisers and of random generators', async () => {
    const path = await writeModel(topology, [kernel, bias, weight('SGD/top/kernel/momentum', [1], [3])], (model) => {
      manifestOf(model)[0].weights[2]['group'] = 'optimizer';
    });
    expect(await values(path)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('names of weights', () => {
  const named = (...names: string[]): GivenWeight[] => [
    { ...kernel, name: names[0] },
    { ...bias, name: names[1] },
  ];
  it.each([
    ['of Keras and TensorFlow.js', ['top/kernel', 'top/bias']],
    ['with the slot of TensorFlow 1', ['top/kernel:0', 'top/bias:0']],
    ['behind the name of the model', ['sequential/top/kernel', 'sequential/top/bias']],
    ['with a scope within', ['top/cell/kernel', 'top/cell/bias']],
    ['numbered, by the name of the layer', ['layers/top/vars/0', 'layers/top/vars/1']],
    ['numbered, by the class of the layer', ['layers/dense/vars/0', 'layers/dense/vars/1']],
    [
      'numbered, of older versions',
      ['_layer_checkpoint_dependencies/dense/vars/0', '_layer_checkpoint_dependencies/dense/vars/1'],
    ],
  ])('%s', async (_, names) => {
    expect(await values(await writeModel(topology, named(...names)))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('numbered ones are counted class by class, in the order of the layers', async () => {
    const normal = layer('BatchNormalization', { scale: false }, 'z');
    const model = sequential([
      input([2]),
      layer('Dense', { units: 2, use_bias: false }, 'b'),
      normal,
      layer('Dense', { units: 2 }, 'a'),
    ]);
    const given = [
      weight('layers/dense/vars/0', [2, 2], [1, 2, 3, 4]),
      weight('layers/batch_normalization/vars/0', [2], [10, 11]),
      weight('layers/batch_normalization/vars/1', [2], [12, 13]),
      weight('layers/batch_normalization/vars/2', [2], [14, 15]),
      weight('layers/dense_1/vars/0', [2, 2], [5, 6, 7, 8]),
      weight('layers/dense_1/vars/1', [2], [9, 9]),
    ];
    const weights = await read(await writeModel(model, given));
    const found = Object.fromEntries([...weights].map(([name, { data }]) => [name, [...data]]));
    expect(found).toEqual({
      'b.weights': [1, 2, 3, 4],
      'z.gain': [1, 1],
      'z.bias': [10, 11],
      'z.mean': [12, 13],
      'z.variance': [14, 15],
      'a.weights': [5, 6, 7, 8],
      'a.biases': [9, 9],
    });
  });

  it('numbered ones that may be of either of two layers are refused', async () => {
    const model = sequential([
      input([2]),
      layer('Dense', { units: 2, use_bias: false }, 'dense_1'),
      layer('Dense', { units: 2, use_bias: false }, 'dense'),
    ]);
    const given = [
      weight('layers/dense/vars/0', [2, 2], [1, 2, 3, 4]),
      weight('layers/dense_1/vars/0', [2, 2], [1, 2, 3, 4]),
    ];
    await refusal(await writeModel(model, given), 'may be another layer');
  });
});

describe('weights that are not the model’s', () => {
  const changed = (change: (model: Config) => void) => writeModel(topology, [kernel, bias], change);
  const entry = (model: Config, index = 0): Config => manifestOf(model)[0].weights[index];

  it.each<[string, () => Promise<string>, string]>([
    [
      'a file cut short',
      async () => {
        const path = await writeModel(topology, [kernel, bias]);
        await truncate(join(dirname(path), 'group1-shard1of1.bin'), 31);
        return path;
      },
      'group1-shard1of1.bin holds 31 bytes of weights, and the manifest needs 32: cut short',
    ],
    [
      'a file too long',
      async () => {
        const path = await writeModel(topology, [kernel, bias]);
        await writeFile(join(dirname(path), 'group1-shard1of1.bin'), Buffer.alloc(40));
        return path;
      },
      'holds 40 bytes of weights, and the manifest needs 32: too many',
    ],
    [
      'a missing file',
      async () => {
        const path = await writeModel(topology, [kernel, bias]);
        await rm(join(dirname(path), 'group1-shard1of1.bin'));
        return path;
      },
      'in group1-shard1of1.bin, and there is no such file',
    ],
    [
      'a directory in place of a file',
      () => changed((model) => (manifestOf(model)[0].paths = ['.'])),
      'which is not a file',
    ],
    [
      'a manifest that asks for more than the file holds',
      () => changed((model) => (entry(model)['shape'] = [3000, 2])),
      'needs 24008: cut short',
    ],
    [
      'a path that leads up',
      () => changed((model) => (manifestOf(model)[0].paths = ['../x.bin'])),
      'paths[0] is "../x.bin", which is not the name',
    ],
    ['an absolute path', () => changed((model) => (manifestOf(model)[0].paths = ['/etc/passwd'])), 'is "/etc/passwd"'],
    [
      'a path of another system',
      () => changed((model) => (manifestOf(model)[0].paths = ['C:\\x.bin'])),
      'which is not the name',
    ],
    ['an absurd shape', () => changed((model) => (entry(model)['shape'] = [2 ** 31, 2 ** 31])), 'beyond the 8 GiB'],
    [
      'a negative side',
      () => changed((model) => (entry(model)['shape'] = [-3, 2])),
      'shape[0] must be a whole number from 0 to ',
    ],
    ['text in place of numbers', () => changed((model) => (entry(model)['dtype'] = 'string')), 'dtype must be'],
    [
      'an unknown quantisation',
      () => changed((model) => (entry(model)['quantization'] = { dtype: 'int4' })),
      'quantization.dtype must be',
    ],
    [
      'a quantisation without its scale',
      () => changed((model) => (entry(model)['quantization'] = { dtype: 'uint8', min: 0 })),
      'scale is missing',
    ],
    ['whole numbers', () => changed((model) => (entry(model)['dtype'] = 'int32')), '"top/kernel" are of type int32'],
    ['no manifest', () => changed((model) => delete model['weightsManifest']), 'weightsManifest is missing'],
    [
      'another shape',
      () => changed((model) => (entry(model)['shape'] = [2, 3])),
      'top/kernel have the shape [2, 3], and the layer needs [3, 2]',
    ],
    ['a missing array', () => writeModel(topology, [kernel]), 'there are no weights top/bias'],
    [
      'an array of no layer',
      () => writeModel(topology, [kernel, bias, weight('next/kernel', [1], [1])]),
      '"next/kernel" belong to none of its layers',
    ],
    ['an array twice', () => writeModel(topology, [kernel, bias, bias]), '"top/bias" are there twice'],
    [
      'two arrays that may be meant',
      () => writeModel(topology, [{ ...kernel, name: 'a/top/kernel' }, { ...kernel, name: 'b/top/kernel' }, bias]),
      'both "a/top/kernel" and "b/top/kernel"',
    ],
    [
      'a value that is not a number',
      () => writeModel(topology, [kernel, weight('top/bias', [2], [1, NaN])]),
      '"top/bias" have values that are not finite',
    ],
    [
      'a value without bound',
      () =>
        writeModel(topology, [
          { ...kernel, bytes: new Uint8Array(6).fill(255), quantization: { dtype: 'uint8', scale: 1e308, min: 0 } },
          bias,
        ]),
      'not finite',
    ],
  ])('%s', async (_, make, words) => {
    await refusal(await make(), words);
  });

  it('variances below zero', async () => {
    const model = sequential([input([1]), layer('BatchNormalization', { center: false, scale: false }, 'bn')]);
    const given = [weight('bn/moving_mean', [1], [0]), weight('bn/moving_variance', [1], [-1])];
    await refusal(await writeModel(model, given), 'bn/moving_variance have variances below zero');
  });

  it('a name that could steer a terminal is made safe', async () => {
    const path = await writeModel(topology, [kernel, bias, weight('\u001b[2J', [1], [1])]);
    const thrown = await read(path).catch((error: unknown) => error);
    expect((thrown as Error).message).toContain('\ufffd[2J');
    expect(await readFile(path, 'utf8')).toContain('\\u001b');
  });
});
