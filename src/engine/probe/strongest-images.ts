import { DeepviewError, exitCodes } from '../base/errors.ts';
import type { Features } from '../base/features.ts';
import { printable } from '../base/printable.ts';

/** Patches that are kept of a neuron: the paper's facets are made of as many (section 3.3). */
export const keptImages = 1000;

/** What the collector must know of a layer. */
export interface CollectedLayer {
  index: number;
  name: string;
  units: number;
  /** [height, width, channels] */
  shape: readonly number[];
}

/** The best of one layer so far: a heap a neuron, whose root is the weakest of those kept. */
interface Heaps {
  activation: Float32Array;
  image: Int32Array;
  place: Int32Array;
  /** Entries a neuron, [neurons]. */
  sizes: Int32Array;
}

/**
 * Keeps, for every neuron of every layer, the images that activate it most strongly, one position per image.
 * Memory is bounded by what is kept: 12 bytes per neuron and image. An image whose strongest activation is exactly zero is one
 * that a rectified neuron does not respond to; it is never kept. The result does not depend on how images are batched.
 */
export class StrongestImages {
  /** How many there are. */
  readonly layers: number;
  readonly #layers: readonly CollectedLayer[];
  readonly #perNeuron: number;
  readonly #heaps: Heaps[];
  readonly #epoch: number;
  readonly #part: string;
  readonly #leaveOut: boolean;

  /**
   * @param images how many will be shown: fewer than `kept` need less room
   * @param epoch and `part`, of which the images are: for messages
   * @param leaveOut what is not finite is not kept, instead of refused
   */
  constructor(
    layers: readonly CollectedLayer[],
    images: number,
    {
      epoch,
      part = 'validation',
      kept = keptImages,
      leaveOut = false,
    }: { epoch: number; part?: 'training' | 'validation'; kept?: number; leaveOut?: boolean },
  ) {
    this.layers = layers.length;
    this.#layers = layers;
    this.#epoch = epoch;
    this.#part = part;
    this.#leaveOut = leaveOut;
    this.#perNeuron = Math.max(1, Math.min(kept, images));
    this.#heaps = layers.map(({ units }) => ({
      activation: new Float32Array(units * this.#perNeuron),
      image: new Int32Array(units * this.#perNeuron).fill(-1),
      place: new Int32Array(units * this.#perNeuron),
      sizes: new Int32Array(units),
    }));
  }

  /**
   * Shows the next images' strongest activations of a layer (from 0). Images must come in ascending order.
   * @param firstImage the number of the first of them
   * @param largest [images, neurons] row-major
   * @param places y * width + x of each, [images, neurons]
   * @throws DeepviewError `non-finite`, naming layer, epoch, neuron and image
   */
  add(layer: number, firstImage: number, largest: Float32Array, places: Int32Array): void {
    const { units } = this.#layers[layer];
    const { activation, image, place, sizes } = this.#heaps[layer];
    const kept = this.#perNeuron;
    const images = largest.length / units;
    for (let i = 0, at = 0; i < images; i++) {
      for (let neuron = 0; neuron < units; neuron++, at++) {
        const value = largest[at];
        if (value === 0) continue;
        const root = neuron * kept;
        const size = sizes[neuron];
        if (size === kept) {
          // Of equals the earlier image stays, and images come in order.
          if (value <= activation[root]) continue;
          if (!this.#mayKeep(value, layer, neuron, firstImage + i)) continue;
          activation[root] = value;
          image[root] = firstImage + i;
          place[root] = places[at];
          sink(activation, image, place, root, 0, kept);
        } else {
          if (!this.#mayKeep(value, layer, neuron, firstImage + i)) continue;
          activation[root + size] = value;
          image[root + size] = firstImage + i;
          place[root + size] = places[at];
          sizes[neuron] = size + 1;
          if (size + 1 === kept) {
            for (let parent = (kept >> 1) - 1; parent >= 0; parent--)
              sink(activation, image, place, root, parent, kept);
          }
        }
      }
    }
  }

  /** What was kept of a layer (from 0), in order. */
  result(layer: number): Features {
    const { units, shape } = this.#layers[layer];
    const { activation, image, place, sizes } = this.#heaps[layer];
    const kept = this.#perNeuron;
    const width = shape[1] ?? 1;
    const total = units * kept;
    const result: Features = {
      neurons: units,
      perNeuron: kept,
      image: new Int32Array(total).fill(-1),
      y: new Int32Array(total),
      x: new Int32Array(total),
      activation: new Float32Array(total),
    };
    for (let neuron = 0; neuron < units; neuron++) {
      const start = neuron * kept;
      const order = Array.from({ length: sizes[neuron] }, (_, at) => start + at).sort(
        (a, b) => activation[b] - activation[a] || image[a] - image[b],
      );
      order.forEach((from, rank) => {
        result.image[start + rank] = image[from];
        result.y[start + rank] = Math.floor(place[from] / width);
        result.x[start + rank] = place[from] % width;
        result.activation[start + rank] = activation[from];
      });
    }
    return result;
  }

  #mayKeep(value: number, layer: number, neuron: number, image: number): boolean {
    if (Number.isFinite(value) || this.#leaveOut) return Number.isFinite(value);
    const { index, name } = this.#layers[layer];
    throw new DeepviewError(
      'non-finite',
      `layer ${index} (${printable(name)}), epoch ${this.#epoch}: the activation of neuron ${neuron} for ${this.#part} image ${image} is ${value}`,
      { hint: 'A lower learning rate usually keeps activations finite.', exitCode: exitCodes.failed },
    );
  }
}

/** Restores the heap below a place: the weaker child rises while it is weaker than what is there. */
function sink(
  activation: Float32Array,
  image: Int32Array,
  place: Int32Array,
  root: number,
  from: number,
  size: number,
): void {
  const weaker = (a: number, b: number): boolean =>
    activation[a] < activation[b] || (activation[a] === activation[b] && image[a] > image[b]);
  for (let at = from; ;) {
    let child = 2 * at + 1;
    if (child >= size) return;
    if (child + 1 < size && weaker(root + child + 1, root + child)) child++;
    const [a, b] = [root + at, root + child];
    if (!weaker(b, a)) return;
    [activation[a], activation[b]] = [activation[b], activation[a]];
    [image[a], image[b]] = [image[b], image[a]];
    [place[a], place[b]] = [place[b], place[a]];
    at = child;
  }
}
