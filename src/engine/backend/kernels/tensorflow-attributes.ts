import type { PlainWindow } from './window.ts';
import type { Attribute, Native } from './native.ts';

/** oneDNN's kernels have names of their own, which TensorFlow's rewriter puts in place; the label selects their only form. */
export const oneDnnKernel = (native: Native): Attribute => native.string('_kernel', 'MklNameChangeOp');

/** What every operation with a window over [N, H, W, C] takes. */
const common = (native: Native, { stride, padding }: PlainWindow): Attribute[] => [
  native.type('T', 'float'),
  native.integer('strides', [1, stride, stride, 1]),
  native.string('padding', padding.toUpperCase()),
  native.string('data_format', 'NHWC'),
];

export const convolving = (native: Native, window: PlainWindow): Attribute[] => [
  ...common(native, window),
  native.integer('dilations', [1, 1, 1, 1]),
];

export const pooling = (native: Native, window: PlainWindow): Attribute[] => [
  ...common(native, window),
  native.integer('ksize', [1, window.kernel, window.kernel, 1]),
];
