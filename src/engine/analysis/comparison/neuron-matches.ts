import { linearSumAssignment } from 'linear-sum-assignment';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { groupByClass, magnitudeOf, requireFinite, wassersteinOfSorted, type Samples } from '../../metrics/index.ts';
import type { Pause } from '../neuron-distances.ts';

/** A layer's samples, and the class of each image: the same number means the same class on both sides. */
export interface ClassedSamples {
  samples: Samples;
  classOf: ArrayLike<number>;
}

/** "The same" neurons of two layers. */
export interface MatchedNeurons {
  /** Neurons from 0, in the order of the first layer, and how far their distributions are apart. */
  pairs: { a: number; b: number; distance: number }[];
  onlyA: number[];
  onlyB: number[];
}

/** The largest layer whose neurons are matched: above that an assignment takes minutes. */
export const mostMatched = 1024;

/**
 * How different each neuron of a layer is from each of another: the sum over the classes that both have of the
 * 2-Wasserstein distance of their activations, as `neuronDistances` has it within a layer. The images may be others, and
 * so may be how many there are of a class.
 * @returns [neurons of a][neurons of b], in `unit`, a power of two
 * @throws DeepviewError `non-finite`
 */
export async function crossDistances(
  a: ClassedSamples,
  b: ClassedSamples,
  pause?: Pause,
): Promise<{ unit: number; distances: Float64Array[] }> {
  for (const { samples } of [a, b]) requireFinite(samples);
  const unit = Math.max(magnitudeOf(a.samples.values), magnitudeOf(b.samples.values));
  const [one, other] = [sortedByClass(a, unit), sortedByClass(b, unit)];
  const distances = Array.from({ length: a.samples.neurons }, () => new Float64Array(b.samples.neurons));
  for (const [label, rows] of one) {
    const columns = other.get(label) ?? [];
    for (const [p, row] of rows.entries()) {
      columns.forEach((column, q) => (distances[p][q] += wassersteinOfSorted(row, column)));
      await pause?.();
    }
  }
  return { unit, distances };
}

/** Of each class each neuron's samples, ascending. */
function sortedByClass({ samples, classOf }: ClassedSamples, unit: number): Map<number, Float64Array[]> {
  const { values, neurons } = samples;
  const { classes, order, starts } = groupByClass(classOf);
  return new Map(
    classes.map((label, place) => {
      const images = order.subarray(starts[place], starts[place + 1]);
      const ofNeuron = (neuron: number): Float64Array =>
        Float64Array.from(images, (image) => values[image * neurons + neuron] / unit).sort();
      return [label, Array.from({ length: neurons }, (_, neuron) => ofNeuron(neuron))];
    }),
  );
}

/**
 * Matches each neuron of the smaller layer with one of the other, so that the sum of their distances is least (a linear
 * sum assignment).
 * @throws DeepviewError `too-many-neurons`, `non-finite`
 */
export async function matchNeurons(a: ClassedSamples, b: ClassedSamples, pause?: Pause): Promise<MatchedNeurons> {
  const [countA, countB] = [a, b].map(({ samples }) => samples.neurons);
  if (Math.max(countA, countB) > mostMatched) {
    throw new DeepviewError('too-many-neurons', `${countA} and ${countB} neurons are too many to be matched`, {
      hint: `Layers of up to ${mostMatched} neurons are.`,
      exitCode: exitCodes.unreadable,
    });
  }
  const { unit, distances } = await crossDistances(a, b, pause);
  const { rowAssignments, columnAssignments } = linearSumAssignment(distances, { maximaze: false });
  const without = (assignments: Float64Array): number[] =>
    Array.from(assignments.keys()).filter((neuron) => assignments[neuron] < 0);
  return {
    pairs: Array.from(rowAssignments).flatMap((other, neuron) =>
      other < 0 ? [] : [{ a: neuron, b: other, distance: distances[neuron][other] * unit }],
    ),
    onlyA: without(rowAssignments),
    onlyB: without(columnAssignments),
  };
}
