/** How much of a run a recording keeps. */
export interface RecordingPlan {
  /** Epochs whose strongest patches are kept: the first, the last, and others evenly between. */
  featureEpochs: number;
  /** Patches a neuron; of the last layer's more, for its classes are what one looks for. */
  patches: number;
  lastLayerPatches: number;
  /** Epochs whose quantiles are kept, chosen alike. */
  sampledEpochs: number;
  /** Quantiles a class: 11 are 0, 10, ..., 100 %. */
  quantiles: number;
  /** Of the pictures, 1..100. */
  quality: number;
}

/**
 * From the richest to the poorest that is worth looking at. What goes first: patches beyond those that make a neuron's
 * average (the strongest 20), then the pictures' quality, then epochs between the first and the last.
 */
export const recordingPlans: readonly RecordingPlan[] = [
  { featureEpochs: 5, patches: 60, lastLayerPatches: 200, sampledEpochs: 12, quantiles: 21, quality: 95 },
  { featureEpochs: 4, patches: 40, lastLayerPatches: 100, sampledEpochs: 12, quantiles: 11, quality: 92 },
  { featureEpochs: 4, patches: 30, lastLayerPatches: 100, sampledEpochs: 10, quantiles: 11, quality: 92 },
  { featureEpochs: 4, patches: 24, lastLayerPatches: 100, sampledEpochs: 10, quantiles: 11, quality: 90 },
  { featureEpochs: 3, patches: 30, lastLayerPatches: 100, sampledEpochs: 10, quantiles: 11, quality: 90 },
  { featureEpochs: 3, patches: 24, lastLayerPatches: 100, sampledEpochs: 10, quantiles: 11, quality: 90 },
  { featureEpochs: 3, patches: 20, lastLayerPatches: 60, sampledEpochs: 10, quantiles: 11, quality: 90 },
  { featureEpochs: 3, patches: 20, lastLayerPatches: 60, sampledEpochs: 10, quantiles: 11, quality: 85 },
  { featureEpochs: 3, patches: 20, lastLayerPatches: 40, sampledEpochs: 8, quantiles: 11, quality: 80 },
  { featureEpochs: 2, patches: 20, lastLayerPatches: 40, sampledEpochs: 6, quantiles: 11, quality: 80 },
  { featureEpochs: 1, patches: 20, lastLayerPatches: 40, sampledEpochs: 4, quantiles: 11, quality: 80 },
  { featureEpochs: 1, patches: 12, lastLayerPatches: 24, sampledEpochs: 2, quantiles: 5, quality: 75 },
];

/** That many of a list, evenly: the first and the last are among them, of one only the last. */
export function evenly<T>(list: readonly T[], count: number): T[] {
  if (count >= list.length) return [...list];
  if (count <= 1) return list.slice(-1);
  const places = Array.from({ length: count }, (_, index) => Math.round((index * (list.length - 1)) / (count - 1)));
  return places.flatMap((place) => list.slice(place, place + 1));
}
