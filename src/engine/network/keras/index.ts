import { basename, dirname, join, resolve } from 'node:path';
import { printable } from '../../base/printable.ts';
import type { NetworkSpecification } from '../specification.ts';
import { parseManifest } from './manifest.ts';
import { readModelFile } from './model-file.ts';
import { readShards, requireShards } from './shards.ts';
import { readTopology } from './topology.ts';
import { trainingOf } from './training.ts';
import { translate } from './translate.ts';
import { assignWeights, type Weights } from './weights.ts';

export { isKerasModel } from './model-file.ts';
export type { Weights } from './weights.ts';

/** A Keras model as a network of this program. */
export interface KerasNetwork {
  specification: NetworkSpecification;
  /** Reads the files beside model.json. @throws DeepviewError `bad-keras-model` */
  weights: () => Promise<Weights>;
  /** All files that it is made of: model.json, then its files of weights. */
  files: readonly string[];
  /** What differs from Keras when the network is trained further; nothing does when it only looks at images. */
  notices: string[];
}

/**
 * Opens a model that was saved for TensorFlow.js (`model.json` of the layers format). Its layers keep their names.
 * @throws DeepviewError exit code 4, naming the file and the layer that is wrong or has no counterpart
 */
export async function openKerasModel(path: string): Promise<KerasNetwork> {
  const { model, training, manifest } = await readModelFile(path);
  const topology = readTopology(model);
  const { inputShape, layers, parameters, frozenNormalisations, leftOut, outputs } = translate(topology, path);
  const groups = parseManifest(manifest);
  await requireShards(path, groups);
  const [frozen] = frozenNormalisations;
  const others = frozenNormalisations.length - 1;
  return {
    specification: {
      name: nameOf(topology.name, path),
      description: `Keras model of ${printable(basename(path), 60)}`,
      inputShape,
      layers,
      training: trainingOf(training, outputs),
    },
    weights: async () => assignWeights(path, topology.layers, parameters, await readShards(path, groups)),
    files: [path, ...groups.flatMap(({ paths }) => paths.map((name) => join(dirname(path), name)))],
    notices: [
      ...(frozen === undefined
        ? []
        : [
            `${frozen}${others > 0 ? ` and ${others} more` : ''} is frozen: trained here, it still normalises by the batch`,
          ]),
      ...(leftOut.length === 0
        ? []
        : [`training here leaves out ${leftOut.join(', ')}: --augment changes images at random`]),
    ],
  };
}

/** The model's name, or where it says nothing (`sequential`) that of its directory. */
function nameOf(given: string, path: string): string {
  const own = /^(sequential|functional|model)(_\d+)?$/i.test(given) ? '' : given;
  const name = (own || basename(dirname(resolve(path)))).replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^-+|-+$/g, '');
  return (/^[A-Za-z]/.test(name) && name !== 'input' ? name : `keras-${name}`).slice(0, 60);
}
