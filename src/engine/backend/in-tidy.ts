import type { Engine } from './engine.ts';

/** `tf.tidy` for a plain result: it would look for tensors in every element of what is returned. */
export function inTidy<Result>(tf: Engine['tf'], work: () => Result): Result {
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}
