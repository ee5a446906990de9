/**
 * What may be done to pixels (0..255) before a network sees them:
 *
 * - `whitening`: `contrast`, then ZCA whitening; what the paper's networks were trained on;
 * - `contrast`: the mean image is subtracted, then each image's contrast is normalised; still on the 0..255 scale;
 * - `standardise`: every channel to mean 0 and deviation 1 over the training images;
 * - `scale`: divided by 255.
 */
export const preparations = ['whitening', 'contrast', 'standardise', 'scale'] as const;
export type Preparation = (typeof preparations)[number];

/** The steps of a preparation in order, as a run records them. */
export const preparationSteps: Readonly<Record<Preparation, readonly string[]>> = {
  whitening: ['mean subtraction', 'contrast normalisation', 'ZCA whitening'],
  contrast: ['mean subtraction', 'contrast normalisation'],
  standardise: ['channel standardisation'],
  scale: ['division by 255'],
};

/** The preparation that consists of these steps, if any does. */
export function preparationOf(steps: readonly string[]): Preparation | undefined {
  return preparations.find((kind) => preparationSteps[kind].join() === steps.join());
}
