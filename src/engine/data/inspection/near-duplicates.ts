import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProgressMeter } from '../../base/progress.ts';
import { hashDistance, hashParts } from './measure-image.ts';

/**
 * Two images are nearly the same when the squares of their differences, pixel by pixel, add up to no more than this
 * share of the squares of the differences from its own mean in the image that has less of them. Looked at one by one in
 * CIFAR-10, pairs below it are the same photograph; from 0.2 on, different ones with the same horizon come in.
 */
const mostDifference = 0.15;
/** Bits of 64 that the hashes of two images may differ in to be compared at all. */
const mostHashDistance = 8;
/** Hashes that are compared before the search is given up: sets in which everything looks alike. */
const mostComparisons = 1e9;
/** Comparisons between two looks at the caller's signal. */
const stride = 5e6;

/** Two images, by their numbers, the smaller first. */
export type ImagePair = readonly [one: number, other: number];

export interface NearSearch {
  /** Images to be compared, by their numbers. */
  images: Uint32Array;
  /** Of every image there is, also those that are not compared: [all, hashParts]. */
  hashes: Uint16Array;
  /** Of every image: [all, thumbnailSize]. */
  thumbnails: Uint8Array;
  thumbnailSize: number;
  /** How different two images are as they are, by `differenceShare`. */
  difference: (one: number, other: number) => number;
}

/**
 * Finds pairs of images that are nearly the same. Candidates are those whose hashes agree in a quarter and differ in few
 * bits: any pair that differs in three bits or less, and most with up to eight. They are compared as thumbnails, then
 * as they are.
 * @returns the pairs, and whether all were looked at
 * @throws DeepviewError `cancelled`
 */
export async function nearDuplicates(
  search: NearSearch,
  meter: ProgressMeter,
): Promise<{ pairs: ImagePair[]; isComplete: boolean }> {
  const { images, hashes, thumbnails, thumbnailSize, difference } = search;
  const variations = new Float64Array(hashes.length / hashParts);
  for (const image of images) {
    variations[image] = variation(thumbnails.subarray(image * thumbnailSize, (image + 1) * thumbnailSize));
  }
  const pairs: ImagePair[] = [];
  let comparisons = 0;
  let nextLook = stride;
  for (let part = 0; part < hashParts; part++) {
    for (const [from, to, ordered] of buckets(images, hashes, part)) {
      for (let first = from; first < to; first++) {
        const one = ordered[first];
        for (let second = first + 1; second < to; second++) {
          const other = ordered[second];
          if (hashDistance(hashes, one * hashParts, other * hashParts) > mostHashDistance) continue;
          // Seen already, when an earlier part is equal too.
          if (agreesBefore(hashes, one, other, part)) continue;
          const most = mostDifference * Math.min(variations[one], variations[other]);
          if (!isWithin(thumbnails, one * thumbnailSize, other * thumbnailSize, thumbnailSize, most)) continue;
          if (difference(one, other) > mostDifference) continue;
          pairs.push(one < other ? [one, other] : [other, one]);
        }
        comparisons += to - first - 1;
        if (comparisons < nextLook) continue;
        nextLook = comparisons + stride;
        await nextTurn();
        meter.advance(0);
        if (comparisons > mostComparisons) return { pairs, isComplete: false };
      }
    }
    meter.advance(images.length / hashParts);
  }
  return { pairs, isComplete: true };
}

/** Images with an equal part of the hash, as ranges of an ordered list; those that are alone are left out. */
function* buckets(
  images: Uint32Array,
  hashes: Uint16Array,
  part: number,
): Generator<[from: number, to: number, ordered: Uint32Array]> {
  const key = (image: number): number => hashes[image * hashParts + part];
  const ends = new Uint32Array(2 ** 16 + 1);
  for (const image of images) ends[key(image) + 1]++;
  for (let at = 1; at < ends.length; at++) ends[at] += ends[at - 1];
  const places = ends.slice();
  const ordered = new Uint32Array(images.length);
  for (const image of images) ordered[places[key(image)]++] = image;
  for (let at = 1; at < ends.length; at++) {
    if (ends[at] - ends[at - 1] > 1) yield [ends[at - 1], ends[at], ordered];
  }
}

function agreesBefore(hashes: Uint16Array, one: number, other: number, part: number): boolean {
  for (let before = 0; before < part; before++) {
    if (hashes[one * hashParts + before] === hashes[other * hashParts + before]) return true;
  }
  return false;
}

/** Whether the squares of the differences of two thumbnails add up to no more than `most`; most pairs are far from it. */
function isWithin(thumbnails: Uint8Array, one: number, other: number, size: number, most: number): boolean {
  let sum = 0;
  for (let at = 0; at < size; at++) {
    const difference = thumbnails[one + at] - thumbnails[other + at];
    sum += difference * difference;
    if (sum > most) return false;
  }
  return true;
}

/** The squares of the differences of an image's values from their mean, added up. */
function variation(values: Uint8Array): number {
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    sum += value;
    squares += value * value;
  }
  return squares - (sum * sum) / values.length;
}

/**
 * The squares of the differences of two images as a share of the squares of the differences from its own mean in the
 * plainer image: 0 for equal ones, about 2 for two that have nothing to do with each other.
 * @returns Infinity when one of two different images is constant
 */
export function differenceShare(one: Uint8Array, other: Uint8Array): number {
  let squares = 0;
  for (let at = 0; at < one.length; at++) {
    const difference = one[at] - other[at];
    squares += difference * difference;
  }
  if (squares === 0) return 0;
  const least = Math.min(variation(one), variation(other));
  return least > 0 ? squares / least : Infinity;
}

/** Numbers that belong together, joined pair by pair (union-find with halved paths). */
export class Groups {
  readonly #leaders: Uint32Array;

  constructor(count: number) {
    this.#leaders = Uint32Array.from({ length: count }, (_, index) => index);
  }

  join(one: number, other: number): void {
    const [a, b] = [this.#leaderOf(one), this.#leaderOf(other)];
    // The smaller number leads, so that groups come in their order.
    if (a < b) this.#leaders[b] = a;
    else this.#leaders[a] = b;
  }

  /** The groups of two and more, each ascending, by their first members. */
  list(): number[][] {
    const members = new Map<number, number[]>();
    for (let index = 0; index < this.#leaders.length; index++) {
      const leader = this.#leaderOf(index);
      if (leader === index && !members.has(leader)) continue;
      const group = members.get(leader);
      if (group) group.push(index);
      else members.set(leader, [leader, index]);
    }
    return [...members.values()].sort((a, b) => a[0] - b[0]);
  }

  #leaderOf(index: number): number {
    const leaders = this.#leaders;
    let at = index;
    while (leaders[at] !== at) {
      leaders[at] = leaders[leaders[at]];
      at = leaders[at];
    }
    return at;
  }
}
