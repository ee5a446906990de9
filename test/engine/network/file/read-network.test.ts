import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { DeepviewError } from '../../../../src/engine/base/errors.ts';
import {
  isNetworkFile,
  readNetworkFile,
  resolveNetwork,
  type NetworkFile,
} from '../../../../src/engine/network/file/index.ts';
import { layerTable } from '../../../../src/engine/network/layer-table.ts';
import { asOrdinaryUser } from '../../../support/ordinary-user.ts';
import type { NetworkSpecification } from '../../../../src/engine/network/specification.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deepview-networks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const facts = { imageShape: [8, 8, 3], classes: 4 } as const;

async function read(content: string, name = 'mynet.json', allowModule = true): Promise<NetworkFile> {
  await writeFile(join(folder, name), content);
  return readNetworkFile(name, { cwd: folder, allowModule });
}

/** The error of reading a file, or of making a network of it for `facts`. */
async function refused(content: string, name?: string): Promise<DeepviewError> {
  const thrown = await read(content, name)
    .then((file) => resolveNetwork(file, facts))
    .catch((error: unknown) => error);
  if (!(thrown instanceof DeepviewError)) throw new Error('it was not refused', { cause: thrown });
  expect(thrown.exitCode).toBe(2);
  return thrown;
}

const samples = fileURLToPath(new URL('../../../../samples/networks', import.meta.url));
const sample = async (name: string): Promise<NetworkSpecification> =>
  resolveNetwork(await readNetworkFile(name, { cwd: samples, allowModule: false }), {
    imageShape: [32, 32, 3],
    classes: 10,
  });

describe('a network file', () => {
  it('needs only its layers', async () => {
    const file = await read(
      '{ "layers": [{ "kind": "convolution", "kernel": 3, "channels": 5 }, { "kind": "dense", "units": "classes" }] }',
    );
    const specification = resolveNetwork(file, { ...facts, epochs: 4 });
    expect(specification).toMatchObject({
      name: 'mynet',
      inputShape: [8, 8, 3],
      layers: [
        { kind: 'convolution', kernel: 3, channels: 5, padding: 'same', stride: 1, deviation: 'he', bias: true },
        { kind: 'dense', units: 4, learningRate: { weights: 1, biases: 1 } },
      ],
      training: {
        batch: 100,
        optimiser: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
        weightDecay: 0.01,
        loss: 'cross-entropy',
        preparation: 'standardise',
        augmentation: {},
      },
    });
    expect(specification.training.learningRate).toHaveLength(4);
    expect(resolveNetwork(file, facts).training.learningRate).toHaveLength(20);
  });

  it('has defaults that go with its optimiser, and a pooling that goes by its size', async () => {
    const file =
      await read(`{ "layers": [{ "kind": "pooling", "operation": "max", "size": 3 }, { "kind": "dense", "units": "classes" }],
      "training": { "optimiser": "sgd", "learningRate": [0.1, 0.2] } }`);
    expect(resolveNetwork(file, facts)).toMatchObject({
      layers: [{ size: 3, stride: 3, padding: 'valid' }, {}],
      training: { optimiser: { kind: 'sgd', momentum: 0.9 }, weightDecay: 0.0001, learningRate: [0.1, 0.2] },
    });
    expect(resolveNetwork(file, { ...facts, epochs: 3 }).training.learningRate).toEqual([0.1, 0.2, 0.2]);
  });

  it.each([
    ['javascript', 'net.mjs', 'export default { layers: [{ kind: "dense", units: "classes" }] };'],
    ['javascript of before', 'net.cjs', 'module.exports = { layers: [{ kind: "dense", units: "classes" }] };'],
  ])('may be a module of %s', async (_, name, content) => {
    expect(resolveNetwork(await read(content, name), facts).layers).toMatchObject([{ kind: 'dense', units: 4 }]);
  });

  it('is told from a name by a slash or its ending', () => {
    expect(['./lenet', 'a/b.json', 'net.json', 'net.MJS', 'net.ts'].map(isNetworkFile)).not.toContain(false);
    expect(['lenet', 'lenet-sig4-bn', 'nin', 'v1.2'].map(isNetworkFile)).not.toContain(true);
  });
});

/** A file with one layer, whose description is on line 3, before a dense one. */
const withLayer = (layer: string): string =>
  `{\n  "layers": [\n    ${layer},\n    { "kind": "dense", "units": "classes" }\n  ]\n}\n`;
const withTraining = (training: string): string =>
  `{ "layers": [{ "kind": "dense", "units": "classes" }],\n  "training": ${training} }`;

describe('what is wrong is shown with line and column', () => {
  it.each([
    [
      '{ "kind": "convolution", "kernel": -1, "channels": 3 }',
      '3:40: layers[0].kernel must be a whole number from 1 to 1024; it is -1',
    ],
    [
      '{ "kind": "convolution", "kernel": 1.5, "channels": 3 }',
      'layers[0].kernel must be a whole number from 1 to 1024; it is 1.5',
    ],
    ['{ "kind": "convolution", "kernel": 1e999, "channels": 3 }', 'it is Infinity'],
    ['{ "kind": "convolution", "kernel": "3", "channels": 3 }', 'it is "3"'],
    ['{ "kind": "convolution", "kernel": null, "channels": 3 }', 'it is null'],
    ['{ "kind": "convolution", "kernel": [3], "channels": 3 }', 'it is a list of 1'],
    ['{ "kind": "convolution", "channels": 3 }', '3:5: layers[0].kernel is missing; it must be a whole number'],
    ['{ "kind": "convolution", "kernal": 3, "channels": 3 }', '3:30: layers[0].kernal is no field that is known here'],
    ['{ "kind": "convolution", "kernel": 3, "channels": "class" }', 'from 1 to 65536 or "classes"; it is "class"'],
    [
      '{ "kind": "convolution", "kernel": 3, "channels": 3, "padding": "smae" }',
      'must be "same" or "valid" or a whole number',
    ],
    ['{ "kind": "convolutoin" }', '3:15: layers[0].kind must be "convolution", "dense"'],
    ['{ "kernel": 3 }', 'layers[0].kind is missing'],
    ['"relu"', '3:5: layers[0] must be an object with a kind; it is "relu"'],
    ['{ "kind": "dropout", "rate": 1 }', 'layers[0].rate must be a number from 0, below 1; it is 1'],
    ['{ "kind": "elu", "alpha": 0 }', 'must be a number above 0, up to 100; it is 0'],
    ['{ "kind": "relu", "name": "input" }', 'and not "input"; it is "input"'],
    ['{ "kind": "relu", "name": "\\u001b[2J" }', 'layers[0].name must be a letter'],
    [
      '{ "kind": "pooling", "operation": "max", "size": 2, "padding": 2 }',
      'layers[0].padding must be at most half of the size, 2',
    ],
    [
      '{ "kind": "pooling", "operation": "average", "size": 3, "padding": 2 }',
      'layers[0].padding must be at most half of the size, 3; it is 2',
    ],
    [
      '{ "kind": "relu", "from": "conv1" }',
      '3:31: layers[0] takes its input from "conv1", which no layer before it is called',
    ],
    ['{ "kind": "relu", "from": "dense1" }', 'takes its input from "dense1"'],
    ['{ "kind": "relu", "from": ["input", "input"] }', 'layers[0] takes one input, not 2'],
    ['{ "kind": "add", "from": ["input"] }', 'layers[0] takes two or more inputs, not 1'],
    ['{ "kind": "add" }', 'takes two or more inputs, not 1'],
    ['{ "kind": "relu" }, { "kind": "relu", "name": "relu1" }', '3:51: layers[1] is called "relu1", as one before it'],
    ['{ "kind": "relu" }, { "kind": "relu", "from": "input" }', '3:5: layers[0] is used by no layer after it'],
    [
      '{ "kind": "convolution", "kernel": 9, "channels": 3, "padding": "valid" }',
      '3:5: layers[0] has a window of 9 pixels, but its input is 8x8',
    ],
    ['{ "kind": "convolution", "kernel": 3, "channels": 4, "groups": 2 }', 'layers[0] has 2 groups, which its 3 input'],
    [
      '{ "kind": "pooling", "operation": "max", "size": 2 }, { "kind": "add", "from": ["pool1", "input"] }',
      'layers[1] adds 4x4x3 and 8x8x3',
    ],
    [
      '{ "kind": "pooling", "operation": "max", "size": 2 }, { "kind": "concatenate", "from": ["pool1", "input"] }',
      'layers[1] joins 4x4x3 and 8x8x3',
    ],
    ['{ "kind": "dense", "units": 65536 }, { "kind": "dense", "units": 65536 }', 'brings the parameters to'],
    [
      '{ "kind": "convolution", "kernel": 1, "channels": 60000 }, { "kind": "concatenate", "from": ["conv1", "conv1"] }',
      '120000 neurons',
    ],
  ])('%s', async (layer, message) => {
    const error = await refused(withLayer(layer));
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^mynet\.json:\d+:\d+: /);
  });

  it.each([
    ['{ "optimizer": "sgd" }', '2:17: training.optimizer is no field', 'Did you mean "optimiser"?'],
    ['{ "optimiser": "adamm" }', 'training.optimiser must be "sgd", "adam" or "adamw"', 'Did you mean "adam"?'],
    [
      '{ "optimiser": { "kind": "sgd", "beta1": 0.5 } }',
      'training.optimiser.beta1 is no field',
      'kind, momentum, nesterov',
    ],
    ['{ "learningRate": 0 }', 'training.learningRate must be a number above 0', ''],
    ['{ "learningRate": [] }', 'training.learningRate must be a list of 1 to', ''],
    ['{ "learningRate": [0.1, "x"] }', 'training.learningRate[1] must be a number', ''],
    ['{ "learningRate": { "kind": "cosine" } }', 'training.learningRate.rate is missing', ''],
    ['{ "earlyStopping": {} }', 'training.earlyStopping.patience is missing', ''],
    ['{ "augmentation": { "mirror": true } }', 'augmentation.mirror must be "batch" or "image"; it is true', ''],
    ['[]', 'training must be an object with epochs', ''],
  ])('training: %s', async (training, message, hint) => {
    const error = await refused(withTraining(training));
    expect(error.message).toContain(message);
    expect(error.hint ?? '').toContain(hint);
  });

  it.each([
    ['{ "layers": [] }', 'layers must be a list of 1 to 4096'],
    [
      '{ "layers": [{ "kind": "dense", "units": 9 }] }',
      'mynet.json:1:14: layers[0], the last one, has 9 outputs, and the data set has 4 classes',
    ],
    [
      '{ "layers": [{ "kind": "convolution", "kernel": 3, "channels": 4 }] }',
      'leaves 8x8 positions, and the loss needs one',
    ],
    [
      '{ "layers": [{ "kind": "global-pooling", "operation": "max" }], "input": [8, 8, 4] }',
      'follows no layer that learns',
    ],
    [
      '{ "layers": [{ "kind": "dense", "units": 2 }], "training": { "loss": "squared-error" } }',
      'squared-error takes 1',
    ],
    ['{ "layers": [{ "kind": "dense", "units": 4 }], "input": [8, 8] }', 'input must be a list of 3'],
    ['{ "layers": [{ "kind": "dense", "units": 4 }], "network": 1 }', 'network is no field'],
    ['{ "layers": [,] }', 'mynet.json:1:14: here a value was expected'],
    ['[1]', 'mynet.json:1:1: the network must be an object'],
    ['\ufeff\n\n  }', 'mynet.json:3:3: here a value was expected'],
  ])('the whole: %s', async (content, message) => {
    expect((await refused(content)).message).toContain(message);
  });

  it('a hundred layers in one another, each with a stride, are bounded', async () => {
    const layer = { kind: 'convolution', kernel: 3, channels: 1, stride: 1024 };
    const layers = [...Array.from({ length: 200 }, () => layer), { kind: 'dense', units: 'classes' }];
    const table = layerTable(resolveNetwork(await read(JSON.stringify({ layers })), facts));
    for (const { receptiveField } of table)
      expect(Object.values(receptiveField).every(Number.isSafeInteger)).toBe(true);
  });
});

test('whatever values are put into a file, it is read or refused with its place', async () => {
  const whole = JSON.parse(await readFile(join(samples, 'mlp.json'), 'utf8')) as object;
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.double(),
    fc.constantFrom('relu', 'same', 'classes', 'conv1'),
  );
  const paths = [['layers'], ['layers', 0], ['layers', 1, 'kind'], ['layers', 2, 'units'], ['layers', 2, 'from']];
  const place = fc.constantFrom(...paths, ['training'], ['training', 'learningRate'], ['training', 'more'], ['input']);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(place, anything), { minLength: 1, maxLength: 3 }), async (changes) => {
      const changed = structuredClone(whole) as Record<string | number, unknown>;
      for (const [path, value] of changes) {
        const parent = path
          .slice(0, -1)
          .reduce<unknown>((at, key) => (at as Record<string | number, unknown> | null)?.[key], changed);
        if (typeof parent === 'object' && parent !== null) Object.assign(parent, { [path[path.length - 1]]: value });
      }
      const thrown: unknown = await read(JSON.stringify(changed)).then(
        (file) => {
          expect(file.layers.length).toBeGreaterThan(0);
        },
        (error: unknown) => error,
      );
      if (thrown !== undefined) expect((thrown as Error).message).toMatch(/^mynet\.json:1:\d+: /);
    }),
  );
});

describe('what is no network file', () => {
  const refusedFile = (name: string, allowModule = true): Promise<unknown> =>
    readNetworkFile(name, { cwd: folder, allowModule }).then(
      () => 'read',
      (error: unknown) => `${(error as DeepviewError).message} ${(error as DeepviewError).hint}`,
    );

  it('is refused by name', async () => {
    expect(await refusedFile('./missing.json')).toMatch(/no such file/);
    await mkdir(join(folder, 'folder.json'));
    expect(await refusedFile('folder.json')).toMatch(/it is a directory/);
    await writeFile(join(folder, 'weights.bin'), '');
    expect(await refusedFile('./weights.bin')).toMatch(/weights\.bin is no network file.*must end in \.json, \.js/);
    await writeFile(join(folder, 'large.json'), Buffer.alloc(5 * 2 ** 20, ' '));
    expect(await refusedFile('large.json')).toMatch(/5242880 bytes.*at most 4194304/);
    if (process.platform !== 'win32') expect(await refusedFile('/dev/null/x.json')).toMatch(/not a directory/);
    const secret = join(folder, 'secret.json');
    await writeFile(secret, '{}');
    await chmod(secret, 0);
    await chmod(folder, 0o755);
    expect(await asOrdinaryUser(() => refusedFile('secret.json'))).toMatch(/secret\.json.*permission denied/);
  });

  it.each([
    ['throws.mjs', 'throw new Error("no\\u001b[2J luck")', /throws\.mjs does not load: no.\[2J luck/],
    ['syntax.mjs', 'export default {', /syntax\.mjs does not load/],
    ['nothing.mjs', 'export const layers = []', /nothing\.mjs has no default export/],
    ['function.mjs', 'export default () => ({})', /function\.mjs: the network must be an object.*it is a function/],
    ['none.mjs', 'export default undefined', /none\.mjs: the network is missing/],
    ['nan.mjs', 'export default { layers: [{ kind: "dense", units: NaN }] }', /layers\[0\]\.units must be.*it is NaN/],
    ['holes.mjs', 'export default { layers: [, { kind: "dense", units: 4 }] }', /layers\[0\] is missing/],
    ['symbol.mjs', 'export default { layers: [{ kind: Symbol() }] }', /layers\[0\]\.kind must be.*it is a symbol/],
    [
      'getter.mjs',
      'export default { get layers() { throw new Error("not\\u001b[2J today"); } }',
      /getter\.mjs throws when its network is read: not.\[2J today/,
    ],
    [
      'deep.mjs',
      'export default { layers: [{ kind: "dense", get units() { throw "units"; } }] }',
      /deep\.mjs throws when its network is read: units/,
    ],
    [
      'proxy.mjs',
      'export default new Proxy({}, { ownKeys() { throw new TypeError("no keys"); } })',
      /proxy\.mjs throws when its network is read: no keys/,
    ],
    [
      'revoked.mjs',
      'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); export default proxy;',
      /revoked\.mjs throws when its network is read: .*revoked/,
    ],
    [
      'hostile.mjs',
      `const trap = () => { throw hostile; };
       const hostile = new Proxy({}, { getPrototypeOf: trap, get: trap });
       export default { get layers() { throw hostile; } }`,
      /hostile\.mjs throws when its network is read: it throws something/,
    ],
    [
      'hostile-load.mjs',
      'throw { toString() { throw new Error("again"); } };',
      /hostile-load\.mjs does not load: it throws something/,
    ],
  ])('a module that is wrong: %s', async (name, content, message) => {
    expect((await refused(content, name)).message).toMatch(message);
  });

  it('a module is not run unless it may be', async () => {
    await writeFile(join(folder, 'sly.mjs'), 'globalThis.slyRan = true; export default {};');
    expect(await refusedFile('./sly.mjs', false)).toMatch(
      /is a module, which is only run when the command line names it/,
    );
    expect(globalThis).not.toHaveProperty('slyRan');
  });

  it('TypeScript says which Node reads it, unless this one does', async () => {
    const { message } = await refused('export default { layers: {} as object }', 'net.ts');
    const isRead = 'typescript' in process.features && process.features.typescript !== false;
    expect(message).toMatch(isRead ? /net\.ts: layers must be a list/ : /is TypeScript, which this Node/);
  });
});

describe('the samples', () => {
  it('a residual network of 20 layers with weights and 0.27 million parameters', async () => {
    const specification = await sample('resnet-20.json');
    const table = layerTable(specification);
    // By hand: convolutions 3x3 of 3-16, 6 of 16-16, 16-32, 5 of 32-32, 32-64, 5 of 64-64, two of 1x1, dense, and 2 for
    // each channel of the 21 normalisations.
    const weights = 432 + 6 * 2304 + 4608 + 5 * 9216 + 18432 + 5 * 36864 + 512 + 2048 + 650;
    const normalised = 2 * (7 * 16 + 7 * 32 + 7 * 64);
    expect(table.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(weights + normalised);
    const main = table.filter(({ label }) => /^conv3|^dense/.test(label));
    expect(main).toHaveLength(20);
    expect(table.filter(({ label }) => label === 'add')).toHaveLength(9);
    // Along the longest path: 3, then 2 more for each convolution of stride 1, by 1, 2 and 4 pixels.
    expect(table.find(({ name }) => name === 'block1.3')!.receptiveField.size).toBe(3 + 6 * 2);
    expect(table.find(({ name }) => name === 'block3.3')!.receptiveField.size).toBe(15 + 2 + 5 * 4 + 4 + 5 * 8);
    expect(specification.training).toMatchObject({ optimiser: { kind: 'sgd', momentum: 0.9 }, batch: 128 });
    const rates = specification.training.learningRate;
    expect([rates[0], rates[1], rates[82], rates[123], rates.length]).toEqual([0.05, 0.1, 0.01, 0.001, 164]);
  });

  it('a multilayer perceptron for any data set', async () => {
    const file = await readNetworkFile('mlp.json', { cwd: samples, allowModule: false });
    const table = layerTable(resolveNetwork(file, { imageShape: [28, 28, 1], classes: 7 }));
    expect(table.at(-1)!.shape).toEqual([1, 1, 7]);
    expect(table[0].parameters).toBe(785 * 128);
  });
});
