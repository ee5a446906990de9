import { clusterNeurons, type NeuronClusters } from '../engine/analysis/neuron-clusters.ts';
import type { Linkage } from '../engine/analysis/linkages.ts';
import type { Samples, SamplesOrigin } from '../engine/metrics/index.ts';

/** A layer's neurons grouped and laid out, as commands print it. */
export interface ClustersJson {
  linkage: Linkage;
  /** Clusters found. */
  k: number;
  /** A cluster a neuron; cluster 0 is the largest. */
  labels: number[];
  /** [x, y] a neuron. */
  positions: [number, number][];
  /** A neuron a cluster. */
  medoids: number[];
}

function clustersJson({ linkage, k, labels, positions, medoids }: NeuronClusters): ClustersJson {
  return {
    linkage,
    k,
    labels: Array.from(labels),
    positions: Array.from(labels, (_, neuron) => [positions[2 * neuron], positions[2 * neuron + 1]]),
    medoids: Array.from(medoids),
  };
}

/**
 * Clusters with their distances.
 * @throws DeepviewError `non-finite`
 */
export async function clustersOf(
  samples: Samples,
  labels: ArrayLike<number>,
  options: { k?: number; linkage?: Linkage },
  origin?: SamplesOrigin,
): Promise<{ json: ClustersJson; distances: NeuronClusters['distances'] }> {
  const clusters = await clusterNeurons(samples, labels, options, origin);
  return { json: clustersJson(clusters), distances: clusters.distances };
}
