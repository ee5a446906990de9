import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Matrices } from '../../base/matrices.ts';
import { inTidy, type Engine, type EngineName } from '../engine.ts';
import type { EngineContext } from '../open-engine.ts';
import { decomposeApart } from './decompose-apart.ts';
import { decompositionOf } from './decomposition.ts';

/** The largest matrix that an engine decomposes in reasonable time, and the seconds of that on two cores. */
const largest: Readonly<Record<EngineName, { rows: number; seconds: number }>> = {
  tensorflow: { rows: 4096, seconds: 28 },
  // ml-matrix, in JavaScript, on the processor.
  webgpu: { rows: 1024, seconds: 10 },
  wasm: { rows: 1024, seconds: 10 },
};

/** Seconds of a decomposition from which on a process of its own is worth its start. */
const worthAProcess = 0.5;

/**
 * An engine's linear algebra. Products are taken in single precision.
 * @param places where another process finds the same engine; without them everything happens on this thread
 */
export function matricesOf(engine: Engine, places?: Pick<EngineContext, 'env'>): Matrices {
  const { tf } = engine;
  const rowsOf = (values: Float32Array, size: number): Tensor2D => tf.tensor2d(values, [values.length / size, size]);
  const { rows: most, seconds } = largest[engine.name];
  const secondsFor = (size: number): number => seconds * (size / most) ** 3;
  return {
    largest: most,
    threads: engine.threads,
    secondsFor,
    gram: (size) => {
      let sum: Tensor2D | undefined;
      return {
        add: (rows) => {
          const before = sum;
          sum = tf.tidy(() => {
            const x = rowsOf(rows, size);
            const piece = tf.matMul<Tensor2D>(x, x, true, false);
            return tf.keep(before ? tf.add<Tensor2D>(before, piece) : piece);
          });
          before?.dispose();
        },
        take: async () => {
          const result = (await sum?.data<'float32'>()) ?? new Float32Array(size * size);
          sum?.dispose();
          sum = undefined;
          return result;
        },
      };
    },
    multiply: (rows, square, size) =>
      inTidy(tf, () => tf.matMul(rowsOf(rows, size), rowsOf(square, size)).data<'float32'>()),
    leadingEigenvectors: async (symmetric, size, least, signal) =>
      places && secondsFor(size) >= worthAProcess
        ? decomposeApart(
            { engine: engine.name === 'tensorflow' ? engine.name : 'wasm', symmetric, size, least },
            { ...places, signal },
          )
        : decompositionOf(engine)(symmetric, size, least),
  };
}
