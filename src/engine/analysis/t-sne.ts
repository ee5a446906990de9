import { loadKernels, padToVector, type Kernels } from '../kernels/kernels.ts';
import { Random } from '../base/random.ts';
import { classicalScaling } from './classical-scaling.ts';
import type { DistanceMatrix } from './neuron-distances.ts';
import { similarities, type Similarities } from './similarities.ts';

/** Effective neighbours of a point; at most a third of the points. */
const perplexity = 30;

/** The first steps pull neighbours together more strongly, so that clusters form before they are arranged. */
const exploration = { steps: 250, exaggeration: 12, momentum: 0.5 };
const arrangement = { exaggeration: 1, momentum: 0.8 };
/** Where padding lies: its similarity to any point is zero in single precision. */
const faraway = 1e15;

function layoutOf(count: number, edges: number) {
  const axis = ['f32', padToVector(count)] as const;
  return {
    x: axis,
    y: axis,
    starts: ['i32', count + 1] as const,
    partners: ['i32', edges] as const,
    weights: ['f32', edges] as const,
    forceX: axis,
    forceY: axis,
    gradientX: axis,
    gradientY: axis,
    velocityX: axis,
    velocityY: axis,
    gainsX: axis,
    gainsY: axis,
  };
}
type Layout = ReturnType<typeof layoutOf>;

/**
 * t-SNE (van der Maaten and Hinton 2008) in the plane, with the exact gradient, for up to a few thousand points.
 * It starts from the principal components, so that equal input and seed give an equal map, and is advanced in pieces,
 * so that it can be watched and left.
 */
export class Tsne {
  readonly #count: number;
  readonly #similarities: Similarities;
  readonly #kernels: Kernels<Layout>;
  #done = 0;
  #normaliser = 0;

  private constructor(affinities: Similarities, kernels: Kernels<Layout>) {
    this.#count = affinities.count;
    this.#similarities = affinities;
    this.#kernels = kernels;
  }

  /**
   * @param squared squared distances of the points
   * @throws RangeError when a distance is not finite
   */
  static async of(squared: DistanceMatrix, { seed }: { seed: number }): Promise<Tsne> {
    const { count, values } = squared;
    if (!values.every(Number.isFinite)) throw new RangeError('distances must be finite');
    const fitting = Math.max(1, Math.min(perplexity, (count - 1) / 3));
    const affinities =
      count > 1
        ? similarities(squared, fitting)
        : { count, starts: new Int32Array(count + 1), partners: new Int32Array(), weights: new Float32Array() };
    const kernels = await loadKernels(layoutOf(count, affinities.partners.length));
    const { at } = kernels;
    at.starts.set(affinities.starts);
    at.partners.set(affinities.partners);
    at.weights.set(affinities.weights);
    at.gainsX.fill(1);
    at.gainsY.fill(1);
    at.x.fill(faraway);
    at.y.fill(faraway);
    const start = startingPositions(values, count, seed);
    for (let i = 0; i < count; i++) {
      at.x[i] = start[2 * i];
      at.y[i] = start[2 * i + 1];
    }
    return new Tsne(affinities, kernels);
  }

  /** Descends by that many steps. */
  advance(steps: number): void {
    if (this.#count < 2) return;
    const { call, at } = this.#kernels;
    const rate = Math.max(this.#count / exploration.exaggeration / 4, 50);
    for (let step = 0; step < steps; step++) {
      const { exaggeration, momentum } = this.#done < exploration.steps ? exploration : arrangement;
      this.#gradient(exaggeration);
      call.tsneUpdate(at.x, at.gradientX, at.velocityX, at.gainsX, this.#count, rate, momentum);
      call.tsneUpdate(at.y, at.gradientY, at.velocityY, at.gainsY, this.#count, rate, momentum);
      this.#done++;
    }
  }

  /** Steps done so far; a map is settled after about 1 000. */
  get steps(): number {
    return this.#done;
  }

  /** [count, 2] row-major. */
  positions(): Float64Array {
    const { at } = this.#kernels;
    return Float64Array.from({ length: this.#count * 2 }, (_, k) => (k % 2 === 0 ? at.x : at.y)[k >> 1]);
  }

  /** The Kullback-Leibler divergence that is minimised, >= 0. */
  divergence(): number {
    if (this.#count < 2) return 0;
    this.#gradient(1);
    const { starts, partners, weights } = this.#similarities;
    const { x, y } = this.#kernels.at;
    let sum = 0;
    for (let i = 0; i < this.#count; i++) {
      for (let edge = starts[i]; edge < starts[i + 1]; edge++) {
        const j = partners[edge];
        const q = 1 / (1 + (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2) / this.#normaliser;
        sum += weights[edge] * Math.log(weights[edge] / Math.max(q, 1e-300));
      }
    }
    return sum;
  }

  #gradient(exaggeration: number): void {
    const { call, at } = this.#kernels;
    this.#normaliser = call.tsneGradient(
      at.x,
      at.y,
      this.#count,
      at.x.length,
      at.starts,
      at.partners,
      at.weights,
      exaggeration,
      at.forceX,
      at.forceY,
      at.gradientX,
      at.gradientY,
    );
  }
}

/** Principal components, small, with a grain of noise that parts duplicates; noise alone where all points are equal. */
function startingPositions(squared: Float64Array, count: number, seed: number): Float64Array {
  const positions = classicalScaling(squared, count);
  const spread = Math.sqrt(positions.reduce((sum, value, at) => (at % 2 === 0 ? sum + value * value : sum), 0) / count);
  const scale = spread > 0 ? 1e-4 / spread : 0;
  const random = new Random(seed, 't-SNE');
  return positions.map((value) => value * scale + (random.uniform() - 0.5) * 1e-6);
}
