/**
 * How a window treats the border. `same`: ceil(input / stride) positions, an odd padding pixel goes to the bottom and
 * the right (TensorFlow's). `valid`: no padding. A number: so many pixels on every side (PyTorch's).
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
