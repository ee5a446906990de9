import type * as TensorFlow from '@tensorflow/tfjs-core';

export type EngineName = 'tensorflow' | 'wasm';

/** A TensorFlow.js whose backend is ready. */
export interface Engine {
  readonly name: EngineName;
  /** The only tfjs-core of the process: tensors of another copy would be foreign to the backend. */
  readonly tf: typeof TensorFlow;
  /** Of the library underneath: libtensorflow 2.21.0, tfjs-backend-wasm 4.22.0. */
  readonly version: string;
  /** What computes, as the library says once it is loaded. */
  readonly device: 'cpu' | 'gpu';
  /** The GPU, as its driver calls it. */
  readonly gpu?: string | undefined;
  /** Threads that a kernel on the CPU shares its work among. */
  readonly threads: number;
  /** Why this engine was taken, in one line. */
  readonly reason: string;
}

/** `tf.tidy` for a plain result: it would look for tensors in every element of what is returned. */
export function inTidy<Result>(tf: Engine['tf'], work: () => Result): Result {
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}
