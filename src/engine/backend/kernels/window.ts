/**
 * How a window treats the border. `same`: ceil(input / stride) positions, an odd padding pixel goes to the bottom and
 * the right (TensorFlow's). `valid`: no padding. A number: that many pixels on every side (PyTorch's).
 */
export type Padding = 'same' | 'valid' | number;

/** A square window moved over an image. */
export interface Window {
  /** Its side, in pixels of the window. */
  kernel: number;
  /** Input pixels from one position to the next. */
  stride: number;
  padding: Padding;
  /** Input pixels from one pixel of the window to the next; 1 by default. */
  dilation?: number;
}

/** A window as every engine's kernels take it: neither dilated nor padded by number. */
export interface PlainWindow {
  kernel: number;
  stride: number;
  padding: 'same' | 'valid';
}

/** Output positions and padding along one axis. */
export interface Extent {
  output: number;
  before: number;
  after: number;
}

/** Input pixels that a window covers along one axis, from its first to its last. */
export const reach = ({ kernel, dilation = 1 }: Pick<Window, 'kernel' | 'dilation'>): number =>
  (kernel - 1) * dilation + 1;

/**
 * Where a window finds room along one axis. `same` is TensorFlow's rule: ceil(input / stride) positions, the smaller
 * half of the padding before; `valid` has none, and a number is the padding on both sides: pixels that no whole window
 * covers are dropped.
 * @param input pixels along the axis
 */
export function extentOf(input: number, window: Window): Extent {
  const { stride, padding } = window;
  const covered = reach(window);
  if (padding !== 'same') {
    const side = padding === 'valid' ? 0 : padding;
    return { output: Math.max(0, Math.floor((input + 2 * side - covered) / stride) + 1), before: side, after: side };
  }
  const output = Math.ceil(input / stride);
  const total = Math.max(0, (output - 1) * stride + covered - input);
  const before = Math.floor(total / 2);
  return { output, before, after: total - before };
}
