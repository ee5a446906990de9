import { magnitudeOf } from './magnitude.ts';
import type { Samples } from './samples.ts';

/**
 * Samples less each neuron's mean, near to one in size (so that squares and their sums stay finite), as rows of the
 * smaller of the two products that `squaredProduct` may take: a neuron a row, or where there are fewer images an image.
 */
export function centredRows({ values, images, neurons }: Samples): Float64Array[] {
  const unit = magnitudeOf(values);
  const means = new Float64Array(neurons);
  for (let at = 0; at < values.length; at++) means[at % neurons] += values[at] / unit / images;
  const byNeuron = neurons <= images;
  const rows = Array.from({ length: byNeuron ? neurons : images }, () => new Float64Array(byNeuron ? images : neurons));
  for (let image = 0, at = 0; image < images; image++) {
    for (let c = 0; c < neurons; c++, at++) {
      const value = values[at] / unit - means[c];
      if (byNeuron) rows[c][image] = value;
      else rows[image][c] = value;
    }
  }
  return rows;
}

/**
 * The squared Frobenius norm of X^T Y, of centred samples X and Y [images, neurons] of one shape: with a neuron a row it is
 * the sum of squares of all products of rows, with an image a row the sum of products of the two Gram matrices. It takes
 * images * neurons * min(images, neurons) multiplications.
 * @param byNeuron whether a row is a neuron
 */
export function squaredProduct(x: readonly Float64Array[], y: readonly Float64Array[], byNeuron: boolean): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    // What is symmetric is summed once.
    const symmetric = !byNeuron || x === y;
    for (let j = symmetric ? i : 0; j < y.length; j++) {
      const one = byNeuron ? product(x[i], y[j]) : product(x[i], x[j]);
      const other = byNeuron || x === y ? one : product(y[i], y[j]);
      sum += one * other * (symmetric && j > i ? 2 : 1);
    }
  }
  return sum;
}

function product(a: Float64Array, b: Float64Array): number {
  // Four sums: a single one waits for its own addition.
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = a.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    s0 += a[at] * b[at];
    s1 += a[at + 1] * b[at + 1];
    s2 += a[at + 2] * b[at + 2];
    s3 += a[at + 3] * b[at + 3];
  }
  for (let at = whole; at < a.length; at++) s0 += a[at] * b[at];
  return s0 + s1 + (s2 + s3);
}
