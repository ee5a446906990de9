/**
 * A seeded source of random numbers: sfc32 (Doty-Humphrey, PractRand), 32-bit integer arithmetic alone, so that the
 * same seed gives the same numbers on every machine and Node version. Not for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  /** Of the pair that normal() draws at once. */
  #spare: number | undefined;

  /**
   * @param seed any finite number; its whole value counts
   * @param stream what the numbers are for, so that two uses of one seed do not share their numbers: a name, an epoch
   */
  constructor(seed: number, ...stream: readonly (number | string)[]) {
    const key = [seed, ...stream].join('\u0000');
    this.#a = hash(key, 0x9e3779b9);
    this.#b = hash(key, 0x243f6a88);
    this.#c = hash(key, 0xb7e15162);
    for (let i = 0; i < 12; i++) this.next();
  }

  /** An integer, 0..2^32-1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number in [0, 1) with 53 random bits. */
  uniform(): number {
    return ((this.next() >>> 5) * 2 ** 26 + (this.next() >>> 6)) / 2 ** 53;
  }

  /**
   * An integer, 0..bound-1, all equally likely.
   * @param bound 1..2^32
   */
  below(bound: number): number {
    const unbiased = 2 ** 32 - (2 ** 32 % bound);
    let value = this.next();
    while (value >= unbiased) value = this.next();
    return value % bound;
  }

  /** A number from the normal distribution with mean 0 and standard deviation 1 (Box and Muller 1958). */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Shuffles in place (Fisher-Yates). */
  shuffle<Items extends { length: number; [index: number]: unknown }>(items: Items): Items {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  }
}

/** FNV-1a over UTF-16 units with a final mix (that of MurmurHash3). */
function hash(text: string, start: number): number {
  let h = start | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
