import { openKernels, padToVector } from '../kernels/kernels.ts';
import { magnitudeOf } from './magnitude.ts';
import type { Samples } from './samples.ts';

/** Spreads below this share of the values are what is left of rounding, and no difference between images. */
const rounding = 2 ** -40;

/**
 * Samples less each neuron's mean, near to one in size, so that squares and their sums stay finite; zeros where they are
 * the same for all images.
 * @param rows out, zeroed: [images][stride], or with `byNeuron` [neurons][stride]
 */
export function placeCentred(
  { values, images, neurons }: Samples,
  rows: Float32Array | Float64Array,
  stride: number,
  byNeuron = false,
): void {
  const unit = magnitudeOf(values);
  const means = new Float64Array(neurons);
  for (let at = 0; at < values.length; at++) means[at % neurons] += values[at] / unit / images;
  const centred = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) centred[at] = values[at] / unit - means[at % neurons];
  const spread = magnitudeOf(centred);
  if (spread < rounding) return;
  for (let image = 0, at = 0; image < images; image++) {
    for (let c = 0; c < neurons; c++, at++) {
      rows[byNeuron ? c * stride + image : image * stride + c] = centred[at] / spread;
    }
  }
}

/** Rows whose products with all others are made at a time. */
const block = 64;

/** Multiplications of a layer's samples up to which they are made: that takes a core some 0.3 s. */
const mostMultiplied = 2 ** 29;

/** What of two layers' products the metrics are made of. */
interface Products {
  /** The squared Frobenius norm of X^T Y, of centred samples X and Y [images, neurons]. */
  square: number;
  /** The sum of squares of X. */
  trace: number;
}

const ownProducts = new WeakMap<Samples, Products>();

/**
 * The products of a layer's samples with themselves: made once for all metrics of one `Samples`.
 * @returns undefined of layers so large that they would hold up what waits for them
 */
export function productsOf(samples: Samples): Products | undefined {
  const { images, neurons } = samples;
  // What has few neurons, or images, takes memory rather than time.
  if (images * neurons * Math.max(64, Math.min(images, neurons)) > mostMultiplied) return undefined;
  const known = ownProducts.get(samples) ?? productsWith(samples, samples);
  ownProducts.set(samples, known);
  return known;
}

/**
 * The products of samples of one shape. By neurons the square is the sum of squares of all products of rows, by images, where
 * these are fewer, the sum of products of the two Gram matrices' cells. It takes at most images * neurons *
 * min(images, neurons) multiplications, half of them where both are one.
 */
export function productsWith(one: Samples, other: Samples): Products {
  const { images, neurons } = one;
  const byNeuron = neurons <= images;
  const count = Math.min(neurons, images);
  const stride = padToVector(Math.max(neurons, images));
  const isOwn = one === other;
  const { call, at } = openKernels({
    rows: ['f64', count * stride],
    others: ['f64', isOwn ? 0 : count * stride],
    products: ['f64', block * count],
    more: ['f64', block * count],
  });
  placeCentred(one, at.rows, stride, byNeuron);
  if (!isOwn) placeCentred(other, at.others, stride, byNeuron);
  const others = isOwn ? at.rows : at.others;
  const multiply = (a: Float64Array, b: Float64Array, first: number, from: number, out: Float64Array): void => {
    const rows = Math.min(block, count - first);
    call.doubleProducts(a.subarray(first * stride), rows, b.subarray(from * stride), count - from, stride, out);
  };
  // What is symmetric is made once.
  const isSymmetric = isOwn || !byNeuron;
  const products: Products = { square: 0, trace: 0 };
  for (let first = 0; first < count; first += block) {
    const from = isSymmetric ? first : 0;
    multiply(at.rows, byNeuron ? others : at.rows, first, from, at.products);
    const factors = isSymmetric && !isOwn ? at.more : at.products;
    if (factors === at.more) multiply(others, others, first, from, at.more);
    for (let row = first, cell = 0; row < Math.min(first + block, count); row++) {
      for (let column = from; column < count; column++, cell++) {
        if (isSymmetric && column < row) continue;
        const times = isSymmetric && column > row ? 2 : 1;
        products.square += times * at.products[cell] * factors[cell];
        if (column === row) products.trace += at.products[cell];
      }
    }
  }
  return products;
}
