import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { afterAll } from 'vitest';

const modules = createRequire(import.meta.url);
/** The reference: the library that saves such models. It shares the engine's tfjs-core. */
export const keras = modules('@tensorflow/tfjs-layers') as typeof Layers;
const { io } = modules('@tensorflow/tfjs-core') as typeof TensorFlow;

let folder: string | undefined;
let count = 0;
afterAll(() => (folder === undefined ? undefined : rm(folder, { recursive: true, force: true })));

/** A new directory of this test file's; gone when its tests are done. */
export async function newDirectory(): Promise<string> {
  folder ??= await mkdtemp(join(tmpdir(), 'deepview-keras-'));
  const directory = join(folder, String(++count));
  await mkdir(directory);
  return directory;
}

/** Saves a model as TensorFlow.js does. @returns the path of its model.json */
export async function saveModel(model: Layers.LayersModel, shards = 1): Promise<string> {
  const directory = await newDirectory();
  const path = join(directory, 'model.json');
  await model.save(
    io.withSaveHandler(async (artifacts) => {
      const bytes = new Uint8Array(artifacts.weightData as ArrayBuffer);
      const step = Math.ceil(bytes.length / shards);
      const paths = Array.from({ length: shards }, (_, index) => `weights-${index + 1}of${shards}.bin`);
      for (const [index, name] of paths.entries()) {
        await writeFile(join(directory, name), bytes.subarray(index * step, (index + 1) * step));
      }
      const manifest = [{ paths, weights: artifacts.weightSpecs! }];
      await writeFile(
        path,
        JSON.stringify({ ...artifacts, weightData: undefined, weightSpecs: undefined, weightsManifest: manifest }),
      );
      return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  return path;
}

export interface GivenWeight {
  name: string;
  shape: number[];
  dtype?: string;
  quantization?: { dtype: string; scale?: number; min?: number };
  /** As they are in the file. */
  bytes: Uint8Array;
}

/** Float32 weights of these values. */
export function weight(name: string, shape: number[], values: ArrayLike<number>): GivenWeight {
  return { name, shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

/** Writes a model as the converter does. @param change what is to be otherwise in model.json */
export async function writeModel(
  topology: unknown,
  weights: readonly GivenWeight[] = [],
  change: (model: Record<string, unknown>) => void = () => undefined,
): Promise<string> {
  const directory = await newDirectory();
  const paths = ['group1-shard1of1.bin'];
  const specified = weights.map(({ bytes: _, dtype = 'float32', ...rest }) => ({ ...rest, dtype }));
  const model = {
    format: 'layers-model',
    generatedBy: 'keras v2.15.0',
    convertedBy: 'TensorFlow.js Converter v4.22.0',
    modelTopology: topology,
    weightsManifest: [{ paths, weights: specified }],
  };
  change(model);
  await writeFile(join(directory, 'model.json'), JSON.stringify(model));
  await writeFile(join(directory, paths[0]), Buffer.concat(weights.map(({ bytes }) => bytes)));
  return join(directory, 'model.json');
}

type Config = Record<string, unknown>;

/** A layer as Keras 2 describes one. */
export const layer = (className: string, config: Config, name = className.toLowerCase()): Config => ({
  class_name: className,
  config: { name, trainable: true, dtype: 'float32', ...config },
});

/** A Sequential model as the converter writes one of Keras 2. @param first of it says the size of the input */
export const sequential = (layers: readonly unknown[], name = 'sequential'): Config => ({
  keras_version: '2.15.0',
  backend: 'tensorflow',
  model_config: { class_name: 'Sequential', config: { name, layers } },
});

/** An input layer of Keras 2. */
export const input = (sides: readonly (number | null)[], name = 'input_1'): Config =>
  layer('InputLayer', { batch_input_shape: [null, ...sides], sparse: false, ragged: false }, name);
