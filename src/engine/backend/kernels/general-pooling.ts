import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { crop, pad, plainPadding } from './borders.ts';
import type { Operations, PlainOperations } from './operations.ts';
import type { Window } from './window.ts';

type Pooling<Of extends Operations | PlainOperations> = Pick<
  Of,
  'maxPool' | 'maxPoolGradient' | 'averagePool' | 'averagePoolGradient'
>;

/** Below any value that a network comes to, and finite, for some kernels begin with a difference. */
const lowest = -3e38;

/** Pooling with padding by number, from an engine's plain one: pixels that no maximum notices, or no mean counts. */
export function generalPooling(tf: typeof TensorFlow, plain: Pooling<PlainOperations>): Pooling<Operations> {
  return {
    maxPool: (x, window) => {
      const { around, padding } = plainPadding(window);
      const own = { ...window, padding };
      if (around === 0) return plain.maxPool(x, own);
      const padded = pad(tf, x, around, lowest);
      const pooled = plain.maxPool(padded, own);
      // The padded image is looked at again by the gradient; it comes last.
      return { ...pooled, saved: [...pooled.saved, padded] };
    },
    maxPoolGradient: (x, pooled, gradient, window) => {
      const { around, padding } = plainPadding(window);
      const own = { ...window, padding };
      if (around === 0) return plain.maxPoolGradient(x, pooled, gradient, own);
      const padded = pooled.saved.at(-1) as Tensor4D;
      const inner = { ...pooled, saved: pooled.saved.slice(0, -1) };
      return tf.tidy(() => crop(tf, plain.maxPoolGradient(padded, inner, gradient, own), around));
    },
    averagePool: (x, window) => {
      const { around, padding } = plainPadding(window);
      const own = { ...window, padding };
      if (around === 0) return plain.averagePool(x, own);
      return tf.tidy(() =>
        tf.mul<Tensor4D>(plain.averagePool(pad(tf, x, around), own), realShare(tf, x, window, around)),
      );
    },
    averagePoolGradient: (x, gradient, window) => {
      const { around, padding } = plainPadding(window);
      const own = { ...window, padding };
      if (around === 0) return plain.averagePoolGradient(x, gradient, own);
      return tf.tidy(() => {
        const counted = tf.mul<Tensor4D>(gradient, realShare(tf, x, window, around));
        return crop(tf, plain.averagePoolGradient(pad(tf, x, around), counted, own), around);
      });
    },
  };
}

/** By what a mean over whole windows falls short of one over their real pixels: [1, H', W', 1]. */
function realShare(tf: typeof TensorFlow, x: Tensor4D, { kernel, stride }: Window, around: number): Tensor4D {
  const counts = (size: number): number[] =>
    Array.from({ length: Math.floor((size + 2 * around - kernel) / stride) + 1 }, (_, at) => {
      const first = at * stride - around;
      return Math.min(size, first + kernel) - Math.max(0, first);
    });
  const [rows, columns] = [counts(x.shape[1]), counts(x.shape[2])];
  const shares = rows.flatMap((row) => columns.map((column) => (kernel * kernel) / (row * column)));
  return tf.tensor4d(shares, [1, rows.length, columns.length, 1]);
}
