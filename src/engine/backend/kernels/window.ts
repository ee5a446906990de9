/** A square window moved over an image: its side, its step, and how the border is treated (TensorFlow's words). */
export interface Window {
  kernel: number;
  stride: number;
  padding: 'same' | 'valid';
}
