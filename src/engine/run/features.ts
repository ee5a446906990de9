import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { encodeSafetensors, type TensorToWrite } from '../arrays/safetensors.ts';
import { DeepviewError, exitCodes } from '../base/errors.ts';
import { fileError, namesIn, readText } from '../base/files.ts';
import { makeDirectoryInside, writeFileAtomically } from '../base/write-files.ts';
import { limits } from '../base/limits.ts';
import { check, list, needed, openObject, whole } from '../base/schema/index.ts';
import { patchImagesOf, type Features } from '../base/features.ts';
import { readJson, runError } from './check.ts';
import { checksumOf } from './epoch-data.ts';
import { checksumForm } from './forms.ts';
import type { FileChecksum } from './epoch-line.ts';
import { verifyChecksum, withEpochFile } from './epoch-reader.ts';
import { isTrained, type LayerRecord, type RunHeader } from './format.ts';
import { epochOfFolder, runFiles, runFolders } from './layout.ts';

/** Patches a neuron that are read at most. */
const mostPatches = 100_000;

/**
 * Writes an epoch's features, a file per layer and last their checksums: without `features.json` an epoch has none.
 * @param layers as many as the network has, in order; what was there for this epoch is replaced
 */
export async function writeFeatures(
  directory: string,
  header: RunHeader,
  epoch: number,
  layers: readonly Features[],
): Promise<void> {
  const folder = runFiles.featureFolder(directory, epoch);
  const index = runFiles.featureIndex(directory, epoch);
  try {
    await makeDirectoryInside(directory, runFolders.features, basename(folder));
    // Old checksums must not vouch for new files.
    await rm(index, { force: true });
    const checksums: (FileChecksum & { index: number })[] = [];
    for (const [place, features] of layers.entries()) {
      const layer = header.network.layers[place];
      const pieces = encodeFeatures(features, layer, epoch);
      await writeFileAtomically(runFiles.features(directory, epoch, layer.index), pieces);
      checksums.push({ index: layer.index, ...checksumOf(pieces) });
    }
    await writeFileAtomically(index, encodeFeatureIndex(epoch, checksums));
  } catch (thrown) {
    throw fileError(thrown, 'write', folder);
  }
}

function encodeFeatures(features: Features, layer: LayerRecord, epoch: number): Uint8Array[] {
  const shape = [features.neurons, features.perNeuron];
  const small = Math.max(...layer.shape) <= 2 ** 15;
  const coordinates = (values: Int32Array): TensorToWrite =>
    small ? { type: 'int16', shape, data: Int16Array.from(values) } : { type: 'int32', shape, data: values };
  return encodeSafetensors(
    new Map<string, TensorToWrite>([
      ['image', { type: 'int32', shape, data: features.image }],
      ['activation', { type: 'float32', shape, data: features.activation }],
      ['y', coordinates(features.y)],
      ['x', coordinates(features.x)],
    ]),
    { format: 'deepview-features', epoch: String(epoch), layer: String(layer.index) },
  );
}

const featureIndexForm = openObject({
  format: needed(whole(1, 1), 'Of the file.'),
  layers: needed(
    list(openObject({ index: needed(whole(1, limits.layers), 'From 1.'), ...checksumForm.fields }), 0, limits.layers),
    'What the layers’ files are like.',
  ),
});

/** What `features.json` says: it is written last, and vouches for the layers' files. */
export const encodeFeatureIndex = (epoch: number, layers: readonly (FileChecksum & { index: number })[]): string =>
  `${JSON.stringify({ format: 1, epoch, layers })}\n`;

const featureFolders = (directory: string): Promise<string[]> =>
  namesIn(join(directory, runFolders.features), exitCodes.unreadable);

/** The epochs whose features were written to the end, ascending. */
export async function featureEpochs(directory: string): Promise<number[]> {
  const epochs: number[] = [];
  for (const epoch of (await featureFolders(directory)).map(epochOfFolder)) {
    if (epoch === undefined) continue;
    const complete = await stat(runFiles.featureIndex(directory, epoch)).then(
      (info) => info.isFile(),
      () => false,
    );
    if (complete) epochs.push(epoch);
  }
  return epochs.sort((a, b) => a - b);
}

/** @returns DeepviewError `no-features` (exit code 4), saying how to get some @param word by which a command means the run */
export function noFeatures(
  header: Pick<RunHeader, 'clock' | 'program' | 'dataset'>,
  epoch: number,
  word: string,
): DeepviewError {
  // Of a run that says nothing of images, that is what the header's form puts there.
  const hasImages = header.dataset.imageShape.some((side) => side > 1);
  return new DeepviewError('no-features', `The run has no strongest patches at or before ${header.clock} ${epoch}.`, {
    hint: isTrained(header)
      ? 'Training stores them with the first, the last and every fifth epoch, unless it was given `--features off`; ' +
        `\`deepview-tui train --resume ${word} --features 1\` stores them from here on.`
      : !hasImages
        ? 'Patches are cut from images, and this run says of none.'
        : `What wrote the run, ${header.program.name}, may write them as docs/run-format.md says (features/).`,
    exitCode: exitCodes.unreadable,
  });
}

/** The newest epoch with features that is not after `epoch`. */
export async function newestFeatures(directory: string, epoch: number): Promise<number | undefined> {
  return (await featureEpochs(directory)).filter((one) => one <= epoch).at(-1);
}

/** What identifies a layer's features, for caches of what was computed from them. */
export async function featureChecksum(directory: string, epoch: number, layer: number): Promise<FileChecksum> {
  const path = runFiles.featureIndex(directory, epoch);
  let text: string;
  try {
    text = await readText(path, limits.jsonBytes, (problem) => runError(path, problem));
  } catch (thrown) {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
  const { layers } = readJson(text, path, (value) => check(featureIndexForm, value));
  const entry = layers.find(({ index }) => index === layer);
  if (!entry) throw runError(path, `it has no layer ${layer}`);
  return { bytes: entry.bytes, crc32: entry.crc32 };
}

/**
 * A layer's features at an epoch that has some.
 * @throws DeepviewError `bad-run` or `bad-array` (exit code 4), naming the file: cut short, of wrong sizes, images or
 *   positions that cannot be, activations that are not finite or not in order
 */
export async function readFeatures(
  directory: string,
  header: RunHeader,
  epoch: number,
  layer: LayerRecord,
): Promise<Features> {
  const path = runFiles.features(directory, epoch, layer.index);
  await verifyChecksum(path, await featureChecksum(directory, epoch, layer.index));
  return withEpochFile(path, async (file) => {
    const shape = file.tensors.get('image')?.shape ?? [];
    const [neurons, perNeuron] = shape;
    if (shape.length !== 2 || neurons !== layer.units || perNeuron < 1 || perNeuron > mostPatches) {
      throw runError(path, `image is [${shape.join(', ')}], not [${layer.units}, patches]`);
    }
    const read = async (name: string, kinds: readonly string[]): Promise<ArrayLike<number>> => {
      const entry = file.tensors.get(name);
      if (entry && (entry.shape.join() !== shape.join() || !kinds.includes(entry.type))) {
        const is = `${entry.type} [${entry.shape.join(', ')}]`;
        throw runError(path, `${name} is ${is}, not ${kinds.join(' or ')} [${shape.join(', ')}]`);
      }
      return (await file.read(name)).data as ArrayLike<number>;
    };
    const whole = ['int16', 'int32', 'uint8', 'uint16'];
    const features: Features = {
      neurons,
      perNeuron,
      image: Int32Array.from(await read('image', ['int32', 'int16'])),
      y: Int32Array.from(await read('y', whole)),
      x: Int32Array.from(await read('x', whole)),
      activation: Float32Array.from(await read('activation', ['float32', 'float16', 'bfloat16', 'float64'])),
    };
    requirePossible(features, path, header, layer);
    return features;
  });
}

function requirePossible(features: Features, path: string, header: RunHeader, layer: LayerRecord): void {
  const { image, y, x, activation, perNeuron } = features;
  const [height, width] = layer.shape;
  const images = patchImagesOf(header.dataset).count || Infinity;
  for (let at = 0; at < image.length; at++) {
    const rank = at % perNeuron;
    const where = `patch ${rank} of neuron ${Math.floor(at / perNeuron)}`;
    if (image[at] === -1) continue;
    if (rank > 0 && image[at - 1] === -1) throw runError(path, `${where} follows one that is missing`);
    if (image[at] < 0 || image[at] >= images) throw runError(path, `${where} is of image ${image[at]} of ${images}`);
    if (y[at] < 0 || y[at] >= height || x[at] < 0 || x[at] >= width) {
      throw runError(path, `${where} is at (${x[at]}, ${y[at]}), outside of ${width}x${height}`);
    }
    if (!Number.isFinite(activation[at])) throw runError(path, `${where} has the activation ${activation[at]}`);
    if (rank > 0 && activation[at] > activation[at - 1])
      throw runError(path, `${where} is stronger than the one before`);
  }
}

/** Removes the features of epochs after `last`, and what was not written to the end. */
export async function removeFeaturesAfter(directory: string, last: number): Promise<void> {
  const complete = new Set(await featureEpochs(directory));
  for (const name of await featureFolders(directory)) {
    const epoch = epochOfFolder(name);
    if (epoch !== undefined && (epoch > last || !complete.has(epoch))) {
      await rm(join(directory, runFolders.features, name), { recursive: true, force: true });
    }
  }
}
