import type { Remark } from '../store/store-format.ts';

/** Values of 16 bits that nothing says the range of: they are taken for as many bits as the greatest of them needs. */
const bitsOf = (greatest: number): number => Math.max(8, Math.ceil(Math.log2(greatest + 1)));

/** The white of values that use all of their 16 bits. */
export const allBits = 65_535;

/** What stands for white: 255, 511, ... 65535. */
export const whiteOf = (greatest: number): number => 2 ** bitsOf(greatest) - 1;

/**
 * What is to be said of such values, for nothing in them says so.
 * @param count images that have them
 */
export function sixteenBits(greatest: number, count = 1): Remark {
  const white = whiteOf(greatest);
  const message =
    `images have more than 8 bits per value and use 0 to ${greatest} of them: ` +
    `${white} was taken for white (${bitsOf(greatest)} bits)`;
  return { code: 'sixteen-bits', count, message };
}
