import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ImageShape } from '../dataset.ts';
import { limits } from '../../base/limits.ts';
import {
  choice,
  list,
  needed,
  openObject,
  optional,
  text,
  triple,
  whole,
  type Value,
} from '../../base/schema/index.ts';

/** Given splits are kept apart; where there is none, one part holds all images and is split when it is opened. */
export type StorePartName = 'train' | 'validation' | 'all';

/** What reading may have to say of images; `note` is for what spoils nothing. */
export const remarkCodes = ['value-range', 'sixteen-bits', 'parts-as-classes', 'class-names', 'note'] as const;

/** What `images.json` says of a store: images of one size, decoded once, a file per part. */
export const headerForm = openObject({
  format: needed(whole(1, 1), 'of this description'),
  name: needed(text(Infinity), 'as runs call the data set'),
  source: optional(
    text(Infinity),
    'the file or folder that the images came from, absolute; absent for data sets by name',
  ),
  classes: needed(list(text(Infinity), 0, limits.classes), 'in the order of their numbers'),
  imageShape: needed(triple(whole(1, limits.imageSide)), '[height, width, channels]'),
  parts: needed(
    list(
      openObject({
        name: needed(choice(['train', 'validation', 'all']), 'and of its files'),
        count: needed(whole(0, limits.images), 'images'),
      }),
      0,
      2,
    ),
    'in their order',
  ),
  content: needed(
    text(Infinity),
    "SHA-256 over shape, classes, and each image's class and sum: the same images have the same everywhere",
  ),
  passedOver: needed(
    openObject({
      count: needed(whole(0, limits.images), 'files'),
      files: needed(
        list(
          openObject({ file: needed(text(Infinity), 'its path'), why: needed(text(Infinity), 'as in `cut short`') }),
          0,
          limits.images,
        ),
        'the first thousand of them',
      ),
    }),
    'image files that could not be read and were passed over, because that was asked for',
  ),
  remarks: optional(
    list(
      openObject({
        code: needed(choice(remarkCodes), 'for programs'),
        message: needed(text(Infinity), 'one line'),
        count: needed(whole(0, limits.images), 'images, classes or arrays that it concerns'),
        names: optional(list(text(Infinity), 0, limits.classes), 'of them, where they have names'),
      }),
      0,
      16,
    ),
    'what is to be said of them whenever they are opened: where values or folders may not be what they were taken for',
  ),
});
export type StoreHeader = Value<typeof headerForm>;
export type Remark = NonNullable<StoreHeader['remarks']>[number];
export type PassedOver = StoreHeader['passedOver'];

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
  { classes, imageShape }: { classes: readonly string[]; imageShape: ImageShape },
  tables: readonly PartTable[],
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([imageShape, classes, tables.map(({ name, labels }) => [name, labels.length])]));
  for (const { labels, sums } of tables) hash.update(labels).update(sums);
  return hash.digest('hex');
}
