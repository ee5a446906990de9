import type { Matrices } from '../../base/matrices.ts';
import type { ImageSet } from '../dataset.ts';
import { Passes, type PassContext } from './passes.ts';
import { cancelled } from '../../base/progress.ts';

/** Deviations below this one are raised no further: they are noise. On the 0..255 scale. */
const leastDeviation = 10;

/**
 * The ZCA matrix of centred images (MatConvNet's `cnn_cifar`): with the covariance `Z^T Z / N`, its eigenvalues d and
 * eigenvectors V, `V diag(e / max(sqrt(d), 10)) V^T`, where `e = sqrt(mean(d))` keeps the images' scale.
 *
 * Every direction whose deviation is below 10 gets the same factor e/10, so only the leading ones need be known:
 * `(e/10) I + V_k diag(e / sqrt(d_k) - e/10) V_k^T`. The mean of all eigenvalues is that of the covariance's diagonal.
 * @param images contrast-normalised, of `size` values each
 * @returns [size, size] row-major, symmetric
 * @throws DeepviewError `cancelled`
 */
export async function whiteningMatrix(
  images: ImageSet,
  size: number,
  matrices: Matrices,
  context: PassContext,
): Promise<Float32Array> {
  const covariance = await covarianceOf(images, size, matrices, context);
  let trace = 0;
  for (let i = 0; i < size; i++) trace += covariance[i * size + i];
  const scale = Math.sqrt(trace / size);
  const usual = scale / leastDeviation;

  const { values, vectors } = await timed(
    { label: 'finding the directions in which images vary', expected: matrices.secondsFor(size) },
    () => matrices.leadingEigenvectors(covariance, size, leastDeviation ** 2, context.signal),
    context,
  );
  // The leading directions are shrunk more than the others: W = usual I - sum of (usual - e/sqrt(d)) v v^T.
  values.forEach((value, k) => {
    const weight = Math.sqrt(Math.max(0, usual - scale / Math.sqrt(value)));
    for (let i = k * size; i < (k + 1) * size; i++) vectors[i] *= weight;
  });
  const shrinking = matrices.gram(size);
  if (values.length > 0) shrinking.add(vectors);
  const whitening = await shrinking.take();
  for (let i = 0; i < whitening.length; i++) whitening[i] = -whitening[i];
  for (let i = 0; i < size; i++) whitening[i * size + i] += usual;
  return whitening;
}

/** `Z^T Z / N`. */
async function covarianceOf(
  images: ImageSet,
  size: number,
  matrices: Matrices,
  context: PassContext,
): Promise<Float32Array> {
  const passes = new Passes('measuring how pixels vary together', images.count, context);
  const range = rangeReader(images, size);
  const sum = matrices.gram(size);
  await passes.over(images, (from, to) => sum.add(range(from, to)));
  passes.finish();
  const covariance = await sum.take();
  for (let i = 0; i < covariance.length; i++) covariance[i] /= images.count;
  return covariance;
}

/**
 * Reads prepared images one piece after another.
 * @returns the images `from` to `to - 1`, [to - from, size], until the next call: memory is taken once, since the
 *   engine's tensors hide from the garbage collector how much of it is in use
 */
export function rangeReader(images: ImageSet, size: number): (from: number, to: number) => Float32Array {
  let room = new Float32Array();
  return (from, to) => {
    const values = (to - from) * size;
    if (room.length < values) room = new Float32Array(values);
    const target = room.subarray(0, values);
    images.fill(
      Uint32Array.from({ length: to - from }, (_, offset) => from + offset),
      target,
    );
    return target;
  };
}

/** Milliseconds between two reports: seconds are shown. */
const interval = 250;

/**
 * Waits for work that cannot tell how far it is, and tells how long it has taken.
 * @param expected about the seconds of the whole
 * @throws DeepviewError `cancelled` when the work ended because its signal was given, else what the work threw
 */
export async function timed<Result>(
  { label, expected }: { label: string; expected: number },
  work: () => Promise<Result>,
  { onProgress, signal }: PassContext,
): Promise<Result> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const tell = (): void => onProgress({ label, done: seconds(), unit: 'seconds', expected });
  tell();
  const clock = setInterval(tell, interval);
  try {
    const result = await work();
    const done = seconds();
    onProgress({ label, done, total: done, unit: 'seconds', expected });
    return result;
  } catch (thrown) {
    throw signal.aborted ? cancelled(label) : thrown;
  } finally {
    clearInterval(clock);
  }
}
