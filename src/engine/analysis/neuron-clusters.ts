import { DeepviewError, exitCodes } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Samples, SamplesOrigin } from '../metrics/index.ts';
import { classicalScaling } from './classical-scaling.ts';
import { agglomerate, cutTree, medoids } from './linkage.ts';
import { defaultClusters, linkages, type Linkage } from './choices.ts';
import { inSquarableUnit, neuronDistances, type DistanceMatrix } from './neuron-distances.ts';
import { minimiseStress } from './smacof.ts';

/** A layer's neurons grouped and laid out by their activations: the paper's layer feature map. */
export interface NeuronClusters {
  distances: DistanceMatrix;
  linkage: Linkage;
  /** Clusters found: fewer than asked for where there are fewer neurons. */
  k: number;
  /** A cluster per neuron, [neurons]; cluster 0 is the largest. */
  labels: Int32Array;
  /** [neurons, 2] row-major, in the unit of the distances, centred. */
  positions: Float64Array;
  /** The neuron in the middle of each cluster, [k]. */
  medoids: Int32Array;
}

/**
 * Distances (equation 3), agglomerative clusters and a map by multidimensional scaling of a layer's neurons.
 * @param classOf the class of each image, [images]
 * @throws DeepviewError `non-finite`, naming neuron and image; `too-many-neurons`, `distances-too-large`
 */
export async function clusterNeurons(
  samples: Samples,
  classOf: ArrayLike<number>,
  { k = defaultClusters, linkage = linkages[0] }: { k?: number; linkage?: Linkage } = {},
  origin?: SamplesOrigin,
): Promise<NeuronClusters> {
  requireClusterable(samples.neurons);
  const distances = await neuronDistances(samples, classOf, origin);
  const { unit, distances: scaled } = inSquarableUnit(distances);
  const labels = cutTree(await agglomerate(scaled, linkage), k);
  const positions = classicalScaling(
    scaled.values.map((value) => value * value),
    scaled.count,
  );
  await minimiseStress(scaled, positions);
  const centres = medoids(scaled, labels);
  return {
    ...{ distances, linkage, k: centres.length, labels },
    ...{ positions: positions.map((value) => value * unit), medoids: centres },
  };
}

/**
 * Refuses layers whose distances would fill the memory.
 * @throws DeepviewError `too-many-neurons` (exit code 4)
 */
export function requireClusterable(neurons: number): void {
  if (neurons <= limits.clusteredNeurons) return;
  throw new DeepviewError(
    'too-many-neurons',
    `${neurons} neurons are too many to cluster; at most ${limits.clusteredNeurons} are.`,
    { hint: 'Only their metrics are there.', exitCode: exitCodes.unreadable },
  );
}
