import type { Features } from '../../src/engine/base/features.ts';
import type { RecordingPlan } from './plan.ts';

/**
 * Few images that hold enough of each neuron's patches. Those of its strongest are among them; the rest are taken one by
 * one, each the image with patches of most neurons that still lack some (the greedy cover; of equals the lower image).
 * Of the newest epoch each neuron gets `patches`, or all that it has; of an earlier one half of what it has is enough,
 * for a neuron that is active for a few hundred images alone would ask for each of them.
 * @param epochs the features of every layer, by epoch; the newest last
 * @returns places in the images that patches are of, ascending
 */
export function carriedImages(
  epochs: readonly (readonly Features[])[],
  { patches, strongest, strongestOfLast }: Pick<RecordingPlan, 'patches' | 'strongest' | 'strongestOfLast'>,
): number[] {
  const carried = new Set<number>();
  /** The images of each neuron's patches, and how many of them have still to be carried. */
  const neurons: { images: Int32Array; missing: number }[] = [];
  for (const [place, layers] of epochs.entries()) {
    const isNewest = place === epochs.length - 1;
    const share = isNewest ? 1 : 0.5;
    for (const [index, { image, perNeuron }] of layers.entries()) {
      const first = isNewest && index === layers.length - 1 ? strongestOfLast : strongest;
      for (let from = 0; from < image.length; from += perNeuron) {
        const images = image.subarray(from, from + perNeuron).filter((one) => one >= 0);
        for (const one of images.subarray(0, first)) carried.add(one);
        neurons.push({ images, missing: Math.min(patches, Math.ceil(images.length * share)) });
      }
    }
  }
  const neuronsOf = new Map<number, number[]>();
  for (const [neuron, { images }] of neurons.entries()) {
    for (const one of images) {
      const known = neuronsOf.get(one);
      if (known) known.push(neuron);
      else neuronsOf.set(one, [neuron]);
    }
  }
  /** Neurons that lack patches, an image that is not carried; 0 and below is of no use to any. */
  const uses = new Map([...neuronsOf].map(([image, { length }]) => [image, length]));
  const carry = (image: number): void => {
    carried.add(image);
    uses.delete(image);
    for (const place of neuronsOf.get(image) ?? []) {
      const neuron = neurons[place];
      if (--neuron.missing !== 0) continue;
      for (const other of neuron.images) uses.set(other, (uses.get(other) ?? 0) - 1);
    }
  };
  for (const image of [...carried]) carry(image);
  for (;;) {
    let best = -1;
    let most = 0;
    for (const [image, use] of uses) {
      if (carried.has(image) || use < most || (use === most && image > best)) continue;
      best = image;
      most = use;
    }
    if (most === 0) return [...carried].sort((a, b) => a - b);
    carry(best);
  }
}

/** Of each neuron's patches the strongest `patches` that lie in these images; -1 ends a neuron that has fewer. */
export function patchesIn(features: Features, images: ReadonlySet<number>, patches: number): Features {
  const { neurons, perNeuron } = features;
  const kept = Math.min(patches, perNeuron);
  const shape = neurons * kept;
  const result: Features = {
    neurons,
    perNeuron: kept,
    image: new Int32Array(shape).fill(-1),
    y: new Int32Array(shape),
    x: new Int32Array(shape),
    activation: new Float32Array(shape),
  };
  for (let neuron = 0; neuron < neurons; neuron++) {
    let to = neuron * kept;
    for (let from = neuron * perNeuron; from < (neuron + 1) * perNeuron && to < (neuron + 1) * kept; from++) {
      if (!images.has(features.image[from])) continue;
      for (const what of ['image', 'y', 'x', 'activation'] as const) result[what][to] = features[what][from];
      to++;
    }
  }
  return result;
}
