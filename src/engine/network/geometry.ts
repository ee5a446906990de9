import type { Window } from '../backend/kernels/index.ts';

export type { Window };

/** Output positions and padding along one axis. */
export interface Extent {
  output: number;
  before: number;
  after: number;
}

/**
 * TensorFlow's rule: `same` gives ceil(input / stride) positions, the smaller half of the padding before;
 * `valid` none, dropping pixels that no whole window covers.
 * @param input pixels along the axis
 */
export function extentOf(input: number, { kernel, stride, padding }: Window): Extent {
  if (padding === 'valid')
    return { output: Math.max(0, Math.floor((input - kernel) / stride) + 1), before: 0, after: 0 };
  const output = Math.ceil(input / stride);
  const total = Math.max(0, (output - 1) * stride + kernel - input);
  const before = Math.floor(total / 2);
  return { output, before, after: total - before };
}
