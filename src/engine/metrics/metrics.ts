import { DeepviewError, exitCodes } from '../base/errors.ts';
import { groupByClass, requireFinite, type ClassGroups, type Samples, type SamplesOrigin } from './samples.ts';
import { squaredDistance, squaredDistanceEqual } from './wasserstein.ts';

/** Both metrics of one layer's neurons. */
export interface NeuronMetrics {
  /** [neurons], >= 0, in the unit of the activations. */
  discriminability: Float64Array;
  /** [neurons], 0..1. */
  density: Float64Array;
}

/**
 * How well each neuron tells the classes apart (section 2.1 of the paper):
 * the mean of the 2-Wasserstein distance over all pairs of classes that occur.
 * Does not depend on the images' order; D(a x) = |a| D(x); adding a constant changes nothing.
 * @param classOf the class of each image, [images]
 * @returns [neurons]
 * @throws DeepviewError `non-finite`, `one-class`
 */
export function discriminability(samples: Samples, classOf: ArrayLike<number>, origin?: SamplesOrigin): Float64Array {
  requireFinite(samples, origin);
  return discriminabilityOfGroups(samples, groupsOf(samples, classOf));
}

/**
 * How much of a neuron's answers is active (section 2.2 of the paper): the mean over images of clip(s, 0, 1).
 * @returns [neurons], 0..1
 * @throws DeepviewError `non-finite`
 */
export function density(samples: Samples, origin?: SamplesOrigin): Float64Array {
  requireFinite(samples, origin);
  return densityOf(samples);
}

/** Both metrics at once; the samples are checked and grouped only once. */
export function neuronMetrics(samples: Samples, classOf: ArrayLike<number>, origin?: SamplesOrigin): NeuronMetrics {
  requireFinite(samples, origin);
  return {
    discriminability: discriminabilityOfGroups(samples, groupsOf(samples, classOf)),
    density: densityOf(samples),
  };
}

/** A layer's value: the mean over its neurons. */
export function layerMean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < values.length; c++) sum += values[c];
  return values.length === 0 ? 0 : sum / values.length;
}

function groupsOf(samples: Samples, classOf: ArrayLike<number>): ClassGroups {
  if (classOf.length !== samples.images) {
    throw new DeepviewError('length-mismatch', `${classOf.length} labels for ${samples.images} images`, {
      hint: 'Every image needs exactly one label.',
      exitCode: exitCodes.unreadable,
    });
  }
  const groups = groupByClass(classOf);
  if (groups.classes.length < 2) {
    throw new DeepviewError('one-class', `all ${samples.images} images are of one class`, {
      hint: 'Discriminability compares classes: give images of at least two.',
      exitCode: exitCodes.unreadable,
    });
  }
  return groups;
}

function discriminabilityOfGroups({ values, neurons }: Samples, groups: ClassGroups): Float64Array {
  const { order, starts, equalSize } = groups;
  const m = groups.classes.length;
  const pairs = (m * (m - 1)) / 2;
  const result = new Float64Array(neurons);
  const column = new Float64Array(order.length);
  const classes = Array.from({ length: m }, (_, k) => column.subarray(starts[k], starts[k + 1]));
  for (let c = 0; c < neurons; c++) {
    for (let i = 0; i < order.length; i++) column[i] = values[order[i] * neurons + c];
    for (const one of classes) one.sort();
    let sum = 0;
    for (let k = 0; k < m; k++) {
      for (let l = k + 1; l < m; l++) {
        sum += Math.sqrt(
          equalSize === undefined
            ? squaredDistance(column, starts[k], classes[k].length, column, starts[l], classes[l].length)
            : squaredDistanceEqual(column, starts[k], starts[l], equalSize),
        );
      }
    }
    result[c] = sum / pairs;
  }
  return result;
}

function densityOf({ values, images, neurons }: Samples): Float64Array {
  const result = new Float64Array(neurons);
  for (let i = 0, at = 0; i < images; i++) {
    for (let c = 0; c < neurons; c++, at++) {
      const value = values[at];
      if (value > 0) result[c] += value < 1 ? value : 1;
    }
  }
  for (let c = 0; c < neurons; c++) result[c] = images === 0 ? 0 : Math.min(1, result[c] / images);
  return result;
}
