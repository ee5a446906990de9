/** A layer's strongest positions, strongest first; of equals the image with the lowest number. */
export interface Features {
  neurons: number;
  /** Patches a neuron. */
  perNeuron: number;
  /** [neurons, perNeuron] each; image (a place in those that `patchImagesOf` names) -1 where a neuron is active for fewer. */
  image: Int32Array;
  /** Positions in the layer's output. */
  y: Int32Array;
  x: Int32Array;
  activation: Float32Array;
}

/** What a run says of the images that its patches are places in. */
export interface PatchImages {
  /** Training images, the first ones; without it, they are the validation images. */
  patchImages?: number | undefined;
  validationImages: number;
}

/** The part whose images patches are places in, and how many of them, the first ones; 0 where a recorder does not say. */
export const patchImagesOf = ({
  patchImages,
  validationImages,
}: PatchImages): { part: 'training' | 'validation'; count: number } =>
  patchImages === undefined
    ? { part: 'validation', count: validationImages }
    : { part: 'training', count: patchImages };
