import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Given splits are kept apart; where there is none, one part holds all images and is split when it is opened. */
export type StorePartName = 'train' | 'validation' | 'all';

/** What `images.json` says of a store: images of one size, decoded once, a file a part. */
export interface StoreHeader {
  /** As runs call the data set. */
  name: string;
  /** The file or folder that the images came from, absolute; absent for data sets of the catalogue. */
  source?: string;
  classes: readonly string[];
  /** [height, width, channels] */
  imageShape: readonly [number, number, number];
  parts: readonly { name: StorePartName; count: number }[];
  /** SHA-256 over shape, classes, and each image's class and sum: the same images have the same everywhere. */
  content: string;
  /** Image files that could not be read and were passed over, because that was asked for. */
  passedOver: PassedOver;
}

/** How many there are, and the first thousand with the reason: `cut short`. */
export interface PassedOver {
  count: number;
  files: readonly { file: string; why: string }[];
}

export const storeFormat = 1;

export const headerFile = (directory: string): string => join(directory, 'images.json');

/** All images, [count, H, W, C]; their classes, 16 bits each; their CRC-32, 32 bits each. */
export const partFile = (directory: string, part: StorePartName): string => join(directory, `${part}.bin`);

/** Where each image of a part came from: a JSON list of texts, absent where images have no names. */
export const namesFile = (directory: string, part: StorePartName): string => join(directory, `${part}.names.json`);

export const tableBytes = (count: number): number => count * (Uint16Array.BYTES_PER_ELEMENT + 4);

/** Classes and sums of a part. */
export interface PartTable {
  name: StorePartName;
  labels: Uint16Array;
  sums: Uint32Array;
}

/** The tables' fingerprint, `StoreHeader.content`. */
export function contentOf(
  { classes, imageShape }: Pick<StoreHeader, 'classes' | 'imageShape'>,
  tables: readonly PartTable[],
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([imageShape, classes, tables.map(({ name, labels }) => [name, labels.length])]));
  for (const { labels, sums } of tables) hash.update(labels).update(sums);
  return hash.digest('hex');
}
