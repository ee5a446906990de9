import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configFiles, resolveSettings } from '../../src/commands/config.ts';
import { openArrays, readArray } from '../../src/engine/arrays/index.ts';
import { decodeImage, imageFacts } from '../../src/engine/data/folder/decode-image.ts';
import { findIdx, idxParts, readIdxParts } from '../../src/engine/data/idx/idx-folder.ts';
import { provideNpz } from '../../src/engine/data/npz/provide-npz.ts';
import { cifar10Of } from '../../src/engine/data/published/cifar10.ts';
import { openStore } from '../../src/engine/data/store/open-store.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { openKerasModel } from '../../src/engine/network/keras/index.ts';
import { openNetworkFile } from '../../src/engine/network/open-file.ts';
import { resolveNetwork } from '../../src/engine/network/file/index.ts';
import { layerTable } from '../../src/engine/network/layer-table.ts';
import { npmOption, pipOption } from '../../src/engine/transfer/registries.ts';
import { officialFiles, pack, smallLayout, writeFolder } from '../engine/data/published/small-archives.ts';
import { keras, saveModel } from '../engine/network/keras/saved-models.ts';
import { useEngine } from '../support/engines.ts';
import { copies, damaging, type Reading, type Sound, type Target } from './run.ts';

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const fixtures = async (folder: string, ends: RegExp): Promise<string[]> =>
  (await readdir(here(folder))).filter((name) => ends.test(name)).map((name) => join(here(folder), name));

const context = {
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onNotice: () => undefined,
  env: {},
};

async function arraysIn(path: string): Promise<Reading> {
  const file = await openArrays(path);
  try {
    const value: unknown[] = [];
    for (const source of file.arrays) value.push(await readArray(source));
    return { value };
  } finally {
    await file.close();
  }
}
const arrays = 'test/engine/arrays/fixtures';
const readable = /^(?!objects).*\.npy$/;

const images = (name: string, cases: number, telling: 'any' | 'cut', ends: RegExp): Target =>
  damaging(name, cases, telling, async (directory) =>
    copies(directory, await fixtures('test/engine/data/fixtures/images', ends), async (path) => {
      const { height, width } = await imageFacts(path);
      // At its own size, for which library resizes depends on the file's form, and they round differently.
      const isSmall = height * width < 1e5;
      const shape = isSmall ? ([height, width, 3] as const) : ([16, 16, 3] as const);
      return { value: Uint8Array.from(await decodeImage(path, shape, 'crop')) };
    }),
  );

async function networkIn(path: string): Promise<Reading> {
  const { file, notices } = await openNetworkFile(path, { cwd: '/', allowModule: false });
  const network = resolveNetwork(file, { imageShape: file.input ?? [32, 32, 3], classes: 10 });
  return { value: [layerTable(network), network.training], said: notices };
}

async function kerasModels(directory: string): Promise<{ model: string; weights: string }[]> {
  // The reference library draws first weights by an engine.
  await useEngine('wasm');
  const { layers } = keras;
  const model = keras.sequential({
    layers: [
      layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, activation: 'relu', padding: 'same' }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  const path = await saveModel(model);
  for (const name of ['model.json', 'weights-1of1.bin']) {
    await writeFile(join(directory, name), await readFile(path.replace('model.json', name)));
  }
  return [{ model: join(directory, 'model.json'), weights: join(directory, 'weights-1of1.bin') }];
}

async function idxFolder(directory: string): Promise<Sound[]> {
  const files = await fixtures('test/engine/data/fixtures/arrays/MNIST/raw', /ubyte/);
  const folder = join(directory, 'raw');
  await mkdir(folder);
  for (const file of files) await writeFile(join(folder, basename(file)), await readFile(file));
  const read = async (): Promise<Reading> => {
    const parts = await findIdx(folder);
    if (!parts) return { value: undefined, said: ['no IDX files'] };
    const unpacked = idxParts(await readIdxParts(parts, context));
    const value: unknown[] = [unpacked.shape, unpacked.classes];
    for (const part of unpacked.parts) {
      for await (const { pixels, label } of part.images()) value.push(label, Uint8Array.from(pixels));
    }
    return { value };
  };
  return files.map((file) => ({ path: join(folder, basename(file)), read }));
}

async function cifarArchive(directory: string): Promise<Sound[]> {
  const path = join(directory, 'cifar-10-binary.tar.gz');
  await writeFile(path, await pack(directory, 'cifar-10-batches-bin', officialFiles()));
  const folder = await writeFolder(join(directory, 'cifar-10-batches-bin'), officialFiles());
  const { read } = cifar10Of(smallLayout);
  const reading = (place: string) => async (): Promise<Reading> => {
    const value: unknown[] = [];
    for (const { images } of (await read([place], context)).parts) {
      for await (const { pixels, label } of images()) value.push(label, Uint8Array.from(pixels));
    }
    return { value };
  };
  return [
    { path, read: reading(path) },
    ...['data_batch_1.bin', 'test_batch.bin'].map((name) => ({ path: join(folder, name), read: reading(folder) })),
  ];
}

async function keptImages(directory: string): Promise<Sound[]> {
  const paths = pathsFor({ HOME: directory });
  const [plain] = await fixtures('test/engine/data/fixtures/arrays', /^plain\.npz$/);
  await provideNpz(plain, {}, { ...context, paths });
  const folder = join(paths.cache, 'images');
  const [id] = (await readdir(folder)).filter((name) => /^[0-9a-f]{32}$/.test(name));
  const store = join(folder, id);
  const read = async (): Promise<Reading> => {
    const opened = await openStore(store);
    if (opened.state !== 'ready') return { value: opened.state, said: [opened.state] };
    const { images: parts, classes, imageShape } = opened.store;
    const all = Object.values(parts).map((part) => [part.labels, part.view(0, part.count)]);
    return { value: [classes, imageShape, all] };
  };
  return ['images.json', 'all.bin'].map((name) => ({ path: join(store, name), read }));
}

const npmrc = 'registry=https://example.org/npm/\n//example.org/npm/:_authToken="abc${X}"\n; x=1\ncafile = /a/b\n';
const pipConf = '[global]\nindex-url = https://example.org/simple\n[install]\nfind-links=/x\n';

export const fileTargets: Target[] = [
  damaging('npy', 1500, 'cut', async (directory) => copies(directory, await fixtures(arrays, readable), arraysIn)),
  damaging('npz', 800, 'any', async (directory) => copies(directory, await fixtures(arrays, /\.npz$/), arraysIn)),
  damaging('safetensors', 1000, 'cut', async (directory) =>
    copies(directory, await fixtures(arrays, /\.safetensors$/), arraysIn),
  ),
  damaging('network', 1200, 'none', async (directory) =>
    copies(directory, await fixtures('samples/networks', /\.json$/), networkIn),
  ),
  damaging('keras-model', 600, 'none', async (directory) =>
    (await kerasModels(directory)).map(({ model }) => ({ path: model, read: () => networkIn(model) })),
  ),
  damaging('keras-weights', 300, 'cut', async (directory) =>
    (await kerasModels(directory)).map(({ model, weights }) => ({
      path: weights,
      read: async () => ({ value: [...(await (await openKerasModel(model)).weights())] }),
    })),
  ),
  damaging('settings', 800, 'none', async (directory) => {
    const [path] = configFiles(join(directory, 'config.json'), directory);
    const text = {
      network: 'lenet',
      epochs: 3,
      augment: 'mirror,shift=2',
      learningRate: 0.05,
      color: '256',
      mouse: true,
    };
    await writeFile(path, JSON.stringify(text));
    const source = { flags: {}, env: {}, userFile: path, cwd: directory };
    return [{ path, read: async () => ({ value: (await resolveSettings(source)).origins }) }];
  }),
  damaging('registries', 300, 'none', async (directory) => {
    const [npm, pip] = [join(directory, 'npmrc'), join(directory, 'pip.conf')];
    await writeFile(npm, npmrc);
    await writeFile(pip, pipConf);
    const env = { npm_config_userconfig: npm, PIP_CONFIG_FILE: pip, HOME: directory };
    const read = (): Promise<Reading> =>
      Promise.resolve({ value: [npmOption('registry', env), npmOption('cafile', env), pipOption('index-url', env)] });
    return [npm, pip].map((path) => ({ path, read }));
  }),
  damaging('idx', 600, 'cut', idxFolder),
  damaging('cifar10', 150, 'any', cifarArchive),
  damaging('kept-images', 400, 'any', keptImages),
  images('png', 400, 'any', /\.png$/),
  images('jpeg', 300, 'cut', /\.jpg$/),
  images('other-images', 400, 'cut', /\.(gif|webp|tiff|bmp|ppm|pgm)$/),
];
