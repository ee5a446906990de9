import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { LeadingEigenvectors } from '../../base/matrices.ts';
import { inTidy, type Engine } from '../engine.ts';
import { nativeOf } from '../kernels/native.ts';

/** `Matrices.leadingEigenvectors` on this thread, which does nothing else meanwhile. */
export type Decomposition = (
  symmetric: Float32Array,
  size: number,
  least: number,
) => LeadingEigenvectors | Promise<LeadingEigenvectors>;

/** How an engine decomposes. */
export const decompositionOf = (engine: Engine): Decomposition =>
  engine.name === 'tensorflow' ? byTensorflow(engine) : byMlMatrix;

const byMlMatrix: Decomposition = (symmetric, size, least) => {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(rowArrays(symmetric, size)), {
    assumeSymmetric: true,
  });
  const chosen = [...realEigenvalues.keys()].filter((at) => realEigenvalues[at] > least);
  return {
    values: Float32Array.from(chosen, (at) => realEigenvalues[at]),
    vectors: Float32Array.from(chosen.flatMap((at) => eigenvectorMatrix.getColumn(at))),
  };
};

const rowArrays = (values: Float32Array, size: number): Float32Array[] =>
  Array.from({ length: size }, (_, row) => values.subarray(row * size, (row + 1) * size));

/**
 * TensorFlow decomposes in single precision, whose error is in proportion to the largest eigenvalue: too much for the
 * small ones of images, ten thousand times smaller. The leading vectors are therefore refined: one step of subspace
 * iteration, then Rayleigh and Ritz's projection (Golub and Van Loan, Matrix Computations, 8.2), in which the large
 * and the small eigenvalues hardly mix any more.
 */
const byTensorflow =
  (engine: Engine): Decomposition =>
  (symmetric, size, least) => {
    const { tf } = engine;
    const native = nativeOf(engine);
    const float = native.type('T', 'float');
    const decompose = (matrix: Tensor2D): Tensor2D[] =>
      native.runAll('SelfAdjointEigV2', [float, native.boolean('compute_v', true)], [matrix], 2) as Tensor2D[];
    const orthonormalise = (columns: Tensor2D): Tensor2D =>
      native.runAll('Qr', [float, native.boolean('full_matrices', false)], [columns], 2)[0] as Tensor2D;
    const refined = async (matrix: Tensor2D, leading: Tensor2D): Promise<LeadingEigenvectors> => {
      const basis = orthonormalise(tf.matMul(matrix, leading));
      const projected = tf.matMul(basis, tf.matMul(matrix, basis), true, false);
      const [, rotation] = decompose(tf.mul(tf.add(projected, tf.transpose(projected)), 0.5));
      const vectors = orthonormalise(tf.matMul(basis, tf.reverse(rotation, 1)));
      // Rayleigh quotients: the decomposition's own values are off in proportion to the largest one.
      const values = tf.sum(tf.mul(vectors, tf.matMul(matrix, vectors)), 0);
      return {
        values: await values.data<'float32'>(),
        vectors: await tf.transpose(vectors).data<'float32'>(),
      };
    };
    return inTidy(tf, async () => {
      const matrix = tf.tensor2d(symmetric, [size, size]);
      const [values, vectors] = decompose(matrix);
      const first = (await values.data<'float32'>()).findIndex((value) => value > least);
      if (first < 0) return { values: new Float32Array(), vectors: new Float32Array() };
      // The largest first: orthonormalising goes from left to right and keeps the first ones best.
      const leading = tf.reverse(tf.slice2d(vectors, [0, first], [size, size - first]), 1);
      vectors.dispose();
      return refined(matrix, leading);
    });
  };
