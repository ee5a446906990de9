import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.ts';

/** Computes something small with an implementation. @param numbers so many, neither equal nor in order */
type Trial<Operations> = (operations: Operations, engine: Engine, numbers: (count: number) => number[]) => Tensor[];

/** An implementation if it exists here and computes what the reference does, else the reference. */
export function firstAgreeing<Operations>(
  engine: Engine,
  candidate: Operations,
  reference: Operations,
  trial: Trial<Operations>,
): Operations {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => Math.sin(1 + 3 * index));
  const { tf } = engine;
  try {
    const agree = tf.tidy(() => {
      const expected = trial(reference, engine, numbers).map((tensor) => tensor.dataSync());
      return trial(candidate, engine, numbers).every((tensor, which) =>
        tensor.dataSync().every((value, index) => Math.abs(value - expected[which][index]) < 1e-3),
      );
    });
    return agree ? candidate : reference;
  } catch {
    return reference;
  }
}
