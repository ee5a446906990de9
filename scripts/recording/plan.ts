/** How much of a run a recording keeps. */
export interface RecordingPlan {
  /** Epochs whose strongest patches are kept: the first, the last, and others evenly between. */
  featureEpochs: number;
  /** Patches a neuron at most: its strongest of those in the images that are carried. */
  patches: number;
  /** Patches a neuron whose images are carried in any case, the strongest. */
  strongest: number;
  /** As many of the newest epoch's last layer: its classes are what one looks for. */
  strongestOfLast: number;
  /** Epochs whose quantiles are kept, chosen alike. */
  sampledEpochs: number;
  /** Quantiles a class: 11 are 0, 10, ..., 100 %. */
  quantiles: number;
  /** Of the pictures, 1..100. */
  quality: number;
}

/**
 * From the richest to the poorest that is worth looking at: a neuron's facets need some 200 patches. What goes first:
 * the pictures' quality and the epochs whose quantiles are kept, then epochs between the first and the last.
 */
export const recordingPlans: readonly RecordingPlan[] = [
  {
    featureEpochs: 5,
    patches: 200,
    strongest: 20,
    strongestOfLast: 100,
    sampledEpochs: 12,
    quantiles: 21,
    quality: 95,
  },
  {
    featureEpochs: 4,
    patches: 200,
    strongest: 12,
    strongestOfLast: 100,
    sampledEpochs: 10,
    quantiles: 11,
    quality: 90,
  },
  { featureEpochs: 3, patches: 200, strongest: 8, strongestOfLast: 100, sampledEpochs: 7, quantiles: 11, quality: 90 },
  { featureEpochs: 3, patches: 200, strongest: 8, strongestOfLast: 100, sampledEpochs: 5, quantiles: 11, quality: 85 },
  { featureEpochs: 3, patches: 200, strongest: 4, strongestOfLast: 100, sampledEpochs: 5, quantiles: 11, quality: 85 },
  { featureEpochs: 3, patches: 200, strongest: 4, strongestOfLast: 100, sampledEpochs: 5, quantiles: 11, quality: 75 },
  { featureEpochs: 2, patches: 200, strongest: 4, strongestOfLast: 100, sampledEpochs: 5, quantiles: 11, quality: 75 },
  { featureEpochs: 1, patches: 200, strongest: 4, strongestOfLast: 100, sampledEpochs: 4, quantiles: 11, quality: 75 },
  { featureEpochs: 1, patches: 20, strongest: 4, strongestOfLast: 20, sampledEpochs: 2, quantiles: 5, quality: 75 },
];

/** That many of a list, evenly: the first and the last are among them, of one only the last. */
export function evenly<T>(list: readonly T[], count: number): T[] {
  if (count >= list.length) return [...list];
  if (count <= 1) return list.slice(-1);
  const places = Array.from({ length: count }, (_, index) => Math.round((index * (list.length - 1)) / (count - 1)));
  return places.flatMap((place) => list.slice(place, place + 1));
}
