/**
 * The square patch of the input that one position of a layer sees, along one axis:
 * position p sees input pixels [offset + p * stride, offset + p * stride + size).
 * A negative offset lies in the padding. Unit: input pixels.
 */
export interface ReceptiveField {
  size: number;
  stride: number;
  offset: number;
}

/** What the network's input sees of itself. */
export const inputField: ReceptiveField = { size: 1, stride: 1, offset: 0 };

/** The field behind one more window of `kernel` pixels moved by `stride`, with `padding` pixels before the first. */
export function extendField(
  field: ReceptiveField,
  window: { kernel: number; stride: number; paddingBefore: number },
): ReceptiveField {
  return {
    size: field.size + (window.kernel - 1) * field.stride,
    stride: field.stride * window.stride,
    offset: field.offset - window.paddingBefore * field.stride,
  };
}

/** The field where several ways meet: the largest, which the longest of them makes; of equals the first. */
export const widestField = (fields: readonly ReceptiveField[]): ReceptiveField =>
  fields.reduce((widest, field) => (field.size > widest.size ? field : widest));
