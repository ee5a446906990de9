import type { Window } from '../../backend/kernels/index.ts';
import { extentOf, reach } from '../../backend/kernels/index.ts';
import { extendField } from '../receptive-field.ts';
import type { Inflow, Refuse } from './definition.ts';

/**
 * The output of a window that moves over the input.
 * @param channels of the output
 * @param field that is at fault where the window does not fit
 */
export function windowed(
  { shape, field: seen }: Inflow,
  { window, channels, field }: { window: Window; channels: number; field: 'kernel' | 'size' },
  refuse: Refuse,
): Inflow {
  const [rows, columns] = [extentOf(shape[0], window), extentOf(shape[1], window)];
  if (rows.output < 1 || columns.output < 1) {
    return refuse(`has a window of ${reach(window)} pixels, but its input is ${shape[1]}x${shape[0]}`, {
      hint: 'Use a smaller window, "same" padding, or less pooling before it.',
      field,
    });
  }
  return {
    shape: [rows.output, columns.output, channels],
    field: extendField(seen, { kernel: reach(window), stride: window.stride, paddingBefore: rows.before }),
  };
}

/** One position, which sees the whole of its input; the longer side counts, for fields are square. */
export const wholeInput = ({ shape, field }: Inflow, channels: number): Inflow => ({
  shape: [1, 1, channels],
  field: extendField(field, { kernel: Math.max(shape[0], shape[1]), stride: 1, paddingBefore: 0 }),
});
