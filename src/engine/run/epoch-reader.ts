import { crc32 } from 'node:zlib';
import { isFloat } from '../arrays/element-type.ts';
import { openSafetensors, readRange, type SafetensorsFile } from '../arrays/safetensors.ts';
import { exitCodes } from '../base/errors.ts';
import { fileError, openToRead } from '../base/files.ts';
import { limits } from '../base/limits.ts';
import { groupByClass, type NeuronMetrics, type Samples } from '../metrics/index.ts';
import { runError } from './check.ts';
import { samplesOfQuantiles } from './class-quantiles.ts';
import { rowsInOrder, tensorName } from './epoch-data.ts';
import type { FileChecksum } from './epoch-line.ts';
import { classOfImages, type LayerRecord, type RunHeader } from './format.ts';

/**
 * Compares a data file with its checksum.
 * @throws DeepviewError `bad-run` if a byte differs
 */
export async function verifyChecksum(path: string, checksum: FileChecksum): Promise<void> {
  try {
    const file = await openToRead(path);
    try {
      const { size } = await file.stat();
      if (size !== checksum.bytes)
        throw runError(path, `it has ${size} bytes, not the ${checksum.bytes} that were written`, damaged);
      let found = 0;
      for await (const piece of readRange(file, 0, size, path)) found = crc32(piece, found);
      if (found !== checksum.crc32) throw runError(path, 'it does not match its checksum', damaged);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
}

const damaged = 'The disk or a copy damaged it; the other epochs can still be read.';

/** Opens an epoch's file, runs `use`, and closes it whatever happens. */
export async function withEpochFile<T>(path: string, use: (file: SafetensorsFile) => Promise<T>): Promise<T> {
  const file = await openSafetensors(path);
  try {
    return await use(file);
  } catch (thrown) {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  } finally {
    await file.close();
  }
}

/** A layer's metrics as stored; checked against the layer's size. */
export async function readStoredLayer(file: SafetensorsFile, path: string, layer: LayerRecord): Promise<NeuronMetrics> {
  const result: Record<string, Float64Array> = {};
  const prefix = tensorName(layer.index, '');
  for (const [name, { type, shape }] of file.tensors) {
    const metric = name.slice(prefix.length);
    if (!name.startsWith(prefix) || metric === 'samples' || metric === 'quantiles') continue;
    if (shape.length !== 1 || shape[0] !== layer.units || !isFloat(type)) {
      throw runError(path, `${name} is ${type} [${shape.join(', ')}], not floats [${layer.units}]`);
    }
    const { data } = await file.read(name);
    result[metric] = Float64Array.from(data as Float64Array);
  }
  return result;
}

/** Whether an epoch's file holds a layer's activations, as samples or as their quantiles. */
export const holdsSamples = (file: SafetensorsFile, layer: number): boolean =>
  holdsWholeSamples(file, layer) || file.tensors.has(tensorName(layer, 'quantiles'));

/** Whether it holds them image by image. */
export const holdsWholeSamples = (file: SafetensorsFile, layer: number): boolean =>
  file.tensors.has(tensorName(layer, 'samples'));

/**
 * A layer's samples as [images, neurons] in the probe's order, whichever way they are stored; of a recording that keeps
 * quantiles alone, samples that have them. They may hold NaN where a recorder wrote it.
 * @throws DeepviewError `bad-run` for another shape than the header's labels or places of probe images ask for
 */
export async function readStoredSamples(
  file: SafetensorsFile,
  path: string,
  header: RunHeader,
  layer: LayerRecord,
): Promise<Samples['values']> {
  const name = tensorName(layer.index, 'samples');
  const entry = file.tensors.get(name);
  if (!entry && holdsSamples(file, layer.index)) return readStoredQuantiles(file, path, header, layer);
  if (!entry) throw runError(path, `it lacks ${name}`);
  const shape = entry.shape.join(', ');
  const images = probeImages(header) ?? Math.min(limits.probe, entry.shape[0]);
  const groups = groupByClass(classOfImages(header, images));
  const inProbeOrder = shape === `${images}, ${layer.units}`;
  const byClass = shape === `${groups.classes.length}, ${groups.equalSize}, ${layer.units}`;
  if ((!inProbeOrder && !byClass) || !isFloat(entry.type)) {
    const wanted = `[${probeImages(header) ?? 'images'}, ${layer.units}]`;
    throw runError(path, `${name} is ${entry.type} [${shape}], not floats ${wanted} (images, neurons)`);
  }
  const { data } = await file.read(name);
  const values = data as Samples['values'];
  if (inProbeOrder) return values;
  const placeOf = new Uint32Array(images);
  groups.order.forEach((image, place) => (placeOf[image] = place));
  return groups.order.every((image, place) => image === place) ? values : rowsInOrder(values, placeOf, layer.units);
}

/** Quantiles of a class that are read at most. */
const mostQuantiles = 1001;

async function readStoredQuantiles(
  file: SafetensorsFile,
  path: string,
  header: RunHeader,
  { index, units }: LayerRecord,
): Promise<Samples['values']> {
  const name = tensorName(index, 'quantiles');
  const { shape = [], type } = file.tensors.get(name) ?? {};
  const count = shape[1] ?? 0;
  // Of images that were not counted there are as many as quantiles.
  const groups = groupByClass(classOfImages(header, probeImages(header) ?? count));
  const fits = shape.join() === [groups.classes.length, count, units].join() && type && isFloat(type);
  if (!fits || count < 2 || count > mostQuantiles) {
    const wanted = `[${groups.classes.length}, 2 to ${mostQuantiles}, ${units}]`;
    throw runError(
      path,
      `${name} is ${type} [${shape.join(', ')}], not floats ${wanted} (classes, quantiles, neurons)`,
    );
  }
  const { data } = await file.read(name);
  const values = data as Samples['values'];
  for (let at = units; at < values.length; at++) {
    const falls = Math.floor(at / units) % count > 0 && values[at] < values[at - units];
    if (falls) throw runError(path, `${name} of neuron ${at % units} does not ascend`);
  }
  return samplesOfQuantiles(values, { count, neurons: units }, groups);
}

/** How many images the probe has, where the header says so. */
const probeImages = ({ probe }: RunHeader): number | undefined =>
  probe.labels?.length ?? (probe.indices.length > 0 ? probe.indices.length : undefined);
