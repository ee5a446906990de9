/** Parts of a hash; two hashes that differ in less bits than there are parts have an equal one. */
export const hashParts = 4;

/**
 * The perceptual hash of a thumbnail: for every cell whether it is lighter than the median of all cells (block mean
 * value hashing: Yang, Gu and Niu 2006). Brightness, contrast, compression and size of an image hardly change it.
 * Neighbouring cells go to different parts, so that a plain sky does not fill one.
 * @param thumbnail [cells, channels], at most 64 cells
 * @param parts `hashParts` numbers of 16 bits to write
 */
export function blockHash(thumbnail: Float32Array, channels: number, parts: Uint16Array): void {
  const cells = thumbnail.length / channels;
  const greys = new Float32Array(cells);
  for (let at = 0; at < thumbnail.length; at++) greys[(at / channels) | 0] += thumbnail[at];
  const sorted = greys.slice().sort();
  const median = (sorted[(cells - 1) >> 1] + sorted[cells >> 1]) / 2;
  parts.fill(0);
  for (let cell = 0; cell < cells; cell++) {
    if (greys[cell] > median) parts[cell % hashParts] |= 1 << ((cell / hashParts) | 0);
  }
}

/** Bits that two hashes differ in; the hashes begin at those places of `parts`. */
export function hashDistance(parts: Uint16Array, one: number, other: number): number {
  const low = (parts[one] ^ parts[other]) | ((parts[one + 1] ^ parts[other + 1]) << 16);
  const high = (parts[one + 2] ^ parts[other + 2]) | ((parts[one + 3] ^ parts[other + 3]) << 16);
  return ones(low) + ones(high);
}

/** Bits that are set in 32. */
function ones(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
