import { crc32 } from 'node:zlib';
import { encodeSafetensors, type TensorToWrite } from '../arrays/safetensors.ts';
import { fitsHalf } from '../arrays/float16.ts';
import type { NeuronMetrics } from '../metrics/metric.ts';
import { groupByClass, type Samples } from '../metrics/samples.ts';
import type { FileChecksum } from './epoch-line.ts';
import { classOfImages, type LayerRecord, type RunHeader } from './format.ts';

/** What is kept of one layer at one epoch. */
export interface LayerEpoch {
  metrics: NeuronMetrics;
  /** [images, neurons] row-major, images in the order of the header's `probe`. */
  samples: Float32Array;
}

/** The tensor of a layer (from 1) in an epoch's file: of a metric, or `samples` or `quantiles`. */
export const tensorName = (layer: number, what: string): string => `${layer}.${what}`;

/**
 * An epoch's data file: per layer its metrics [C] in double precision and `samples`
 * [m, n, C] (classes, images of a class, neurons), or [N, C] in probe order where the classes' sizes differ;
 * half precision, or single where a sample is beyond its range.
 */
export function encodeEpochData(
  header: RunHeader,
  epoch: number,
  layers: readonly LayerEpoch[],
): { pieces: Uint8Array[]; data: FileChecksum } {
  const images = header.probe.indices.length;
  const groups = groupByClass(classOfImages(header, images));
  const tensors = new Map<string, TensorToWrite>();
  if (layers.length !== header.network.layers.length) {
    throw new RangeError(`${layers.length} layers for a network of ${header.network.layers.length}`);
  }
  layers.forEach((layer, place) => {
    const { index, units } = header.network.layers[place];
    if (layer.samples.length !== images * units) {
      throw new RangeError(`layer ${index}: ${layer.samples.length} samples are not [${images}, ${units}]`);
    }
    setMetrics(tensors, header.network.layers[place], layer.metrics);
    const sorted = groups.equalSize !== undefined;
    tensors.set(tensorName(index, 'samples'), {
      type: fitsHalf(layer.samples) ? 'float16' : 'float32',
      shape: sorted ? [groups.classes.length, groups.equalSize ?? 0, units] : [images, units],
      data: sorted ? rowsInOrder(layer.samples, groups.order, units) : layer.samples,
    });
  });
  const pieces = encodeSafetensors(tensors, { format: 'deepview-run', epoch: String(epoch) });
  return { pieces, data: checksumOf(pieces) };
}

/** A file's checksum, of its pieces. */
export const checksumOf = (pieces: readonly Uint8Array[]): FileChecksum => ({
  bytes: pieces.reduce((sum, { length }) => sum + length, 0),
  crc32: pieces.reduce((sum, piece) => crc32(piece, sum), 0),
});

/** A layer's metrics as tensors of a file: [C]. */
function setMetrics(tensors: Map<string, TensorToWrite>, { index, units }: LayerRecord, metrics: NeuronMetrics): void {
  for (const [metric, data] of Object.entries(metrics)) {
    tensors.set(tensorName(index, metric), { type: 'float64', shape: [units], data });
  }
}

/** The rows of [N, C] in another order. */
export function rowsInOrder<Values extends Samples['values']>(
  values: Values,
  order: ArrayLike<number>,
  columns: number,
): Values {
  const result = values.slice() as Values;
  for (let row = 0; row < order.length; row++) {
    result.set(values.subarray(order[row] * columns, (order[row] + 1) * columns), row * columns);
  }
  return result;
}
