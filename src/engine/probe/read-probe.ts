import type { ImageSet } from '../data/dataset.ts';

/** What reads the layers' activations; the training engine does. */
export interface ProbedNetwork {
  readonly layers: readonly { units: number }[];
  /** Spatial means of each layer's output: for every layer [N, units] row-major. */
  samples(images: Float32Array): Promise<Float32Array[]>;
}

/** Images that go through the network at once: many enough for speed, few enough for memory. */
const chunk = 250;

/**
 * The activations of every layer's neurons on the probe images: s[i, c], the mean over the positions.
 * Between chunks `mayYield` is awaited, so that commands are heard; what it throws ends the reading.
 * @param indices into `images`
 * @param imageSize values of one image
 * @returns for every layer [indices.length, units] row-major, images in the order of `indices`
 */
export async function readProbe(
  network: ProbedNetwork,
  images: ImageSet,
  indices: ArrayLike<number>,
  imageSize: number,
  mayYield: () => Promise<void>,
): Promise<Float32Array[]> {
  const result = network.layers.map(({ units }) => new Float32Array(indices.length * units));
  for (let start = 0; start < indices.length; start += chunk) {
    await mayYield();
    const chosen = Array.prototype.slice.call(indices, start, start + chunk) as number[];
    const input = new Float32Array(chosen.length * imageSize);
    images.fill(chosen, input);
    const samples = await network.samples(input);
    samples.forEach((means, layer) => result[layer].set(means, start * network.layers[layer].units));
  }
  return result;
}
