import type { TensorToWrite } from '../../src/engine/arrays/safetensors.ts';
import { fitsHalf } from '../../src/engine/arrays/float16.ts';
import type { Features } from '../../src/engine/base/features.ts';
import type { ClassGroups } from '../../src/engine/metrics/index.ts';
import { between, type Quantiles } from '../../src/engine/run/class-quantiles.ts';

/**
 * The quantiles of samples, class by class, interpolated linearly between neighbouring samples.
 * @param samples [images, neurons] row-major
 * @param count at least 2: the least and the greatest sample are always among them
 * @returns [classes, count, neurons] row-major
 */
export function quantilesOfSamples(
  samples: ArrayLike<number>,
  { count, neurons }: Quantiles,
  groups: ClassGroups,
): Float32Array {
  const result = new Float32Array(groups.classes.length * count * neurons);
  groups.classes.forEach((_, place) => {
    const images = groups.order.subarray(groups.starts[place], groups.starts[place + 1]);
    const sorted = new Float64Array(images.length);
    for (let neuron = 0; neuron < neurons; neuron++) {
      images.forEach((image, at) => (sorted[at] = samples[image * neurons + neuron]));
      sorted.sort();
      for (let q = 0; q < count; q++) {
        result[(place * count + q) * neurons + neuron] = between(sorted, q / (count - 1));
      }
    }
  });
  return result;
}

/**
 * A layer's patches in the narrowest types that hold the values; activations are rounded to half precision where that
 * has them.
 */
export function compactFeatures({ image, y, x, activation, neurons, perNeuron }: Features): Map<string, TensorToWrite> {
  const shape = [neurons, perNeuron];
  const narrow = (values: Int32Array, least: number, most: number): boolean =>
    values.every((value) => value >= least && value <= most);
  const place = (values: Int32Array): TensorToWrite =>
    narrow(values, 0, 255)
      ? { type: 'uint8', shape, data: Uint8Array.from(values) }
      : { type: 'int32', shape, data: values };
  return new Map<string, TensorToWrite>([
    [
      'image',
      narrow(image, -1, 32_767)
        ? { type: 'int16', shape, data: Int16Array.from(image) }
        : { type: 'int32', shape, data: image },
    ],
    ['activation', { type: fitsHalf(activation) ? 'float16' : 'float32', shape, data: activation }],
    ['y', place(y)],
    ['x', place(x)],
  ]);
}
