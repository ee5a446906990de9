import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { DeepviewError } from '../base/errors.ts';
import type { engineNames } from '../base/training-settings.ts';

export type EngineName = (typeof engineNames)[number];

/** A TensorFlow.js whose backend is ready. */
export interface Engine {
  readonly name: EngineName;
  /** The only tfjs-core of the process: tensors of another copy would be foreign to the backend. */
  readonly tf: typeof TensorFlow;
  /** Of the library underneath: libtensorflow 2.21.0, Dawn 0.6.2, tfjs-backend-wasm 4.22.0. */
  readonly version: string;
  /** What computes, as the library says once it is loaded. */
  readonly device: 'cpu' | 'gpu';
  /** The GPU, as its driver calls it. */
  readonly gpu?: string | undefined;
  /** Threads that a kernel on the CPU shares its work among. */
  readonly threads: number;
  /** Why this engine was taken, in one line. */
  readonly reason: string;
  /** What befell the device, if anything: it explains whatever fails afterwards. */
  readonly failure?: () => DeepviewError | undefined;
}

/**
 * `tf.tidy` for work that waits for values of the engine: what was made is gone afterwards. Nothing else may use the
 * engine meanwhile.
 */
export async function inTidy<Result>(tf: Engine['tf'], work: () => Promise<Result>): Promise<Result> {
  tf.engine().startScope();
  try {
    return await work();
  } finally {
    tf.engine().endScope();
  }
}

/**
 * The sum of tensors of one shape, at least one. `tf.addN` gives each a storage buffer of its own: WebGPU warrants eight,
 * one of them for the sum.
 */
export const sumOf = <Summand extends Tensor>(tf: Engine['tf'], [first, ...others]: readonly Summand[]): Summand =>
  tf.tidy(() => others.reduce((sum, each) => tf.add(sum, each), tf.clone(first)));
