import type { Kernels } from './kernels.ts';

/** Neurons that the kernels take side by side. */
export const blockWidth = 8;

/** Values handed to the kernels at a time: few enough to stay in the second-level cache until they are in place. */
export const handedOver = 65_536;

/** Values of scratch that sorting the activations for some images needs: two of each, and 256 counts a byte of them. */
export const sortingScratch = (images: number): number => 2 * images + 1024;

/**
 * Lays samples out as the kernels sort them.
 * @param values [images, neurons] row-major
 * @param order the images, class after class
 * @param activations [blocks][images][8], out
 * @param rows scratch of `handedOver` values at least, and of eight neurons more than there are
 * @param places scratch, [images]
 * @param scales what to multiply the neurons' samples by
 */
export function placeSamples<A extends Float32Array | Float64Array>(
  { call }: Pick<Kernels<never>, 'call'>,
  values: Float32Array | Float64Array,
  order: ArrayLike<number>,
  { activations, rows, places }: { activations: A; rows: A; places: Int32Array },
  [first, end]: readonly [number, number],
  scales?: Float64Array,
): void {
  const images = order.length;
  const neurons = values.length / images;
  const width = end - first;
  for (let place = 0; place < images; place++) places[order[place]] = place;
  const together = Math.max(1, Math.floor((rows.length - blockWidth) / width));
  const place = rows instanceof Float32Array ? call.placeActivations : call.placeDoubles;
  // Rows that are wanted whole lie side by side.
  const step = width === neurons ? together : 1;
  for (let image = 0; image < images; image += together) {
    const count = Math.min(together, images - image);
    for (let at = 0; at < count; at += step) {
      const from = (image + at) * neurons + first;
      rows.set(values.subarray(from, from + Math.min(step, count) * width), at * width);
    }
    if (scales) for (let at = 0; at < count * width; at++) rows[at] *= scales[at % width];
    place(rows, places.subarray(image), count, width, activations, images);
  }
}
