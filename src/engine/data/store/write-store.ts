import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { unreadable, type DeepviewError } from '../../base/errors.ts';
import { ensureSpace, writeDirectory, writeFileAtomically } from '../../base/write-files.ts';
import { limits } from '../../base/limits.ts';
import type { ImageShape } from '../dataset.ts';
import {
  contentOf,
  headerFile,
  namesFile,
  partFile,
  tableBytes,
  type PartTable,
  type PassedOver,
  type Remark,
  type StorePartName,
} from './store-format.ts';

export interface ImageToStore {
  /** [H, W, C], valid until the next image is asked for. */
  pixels: Uint8Array;
  label: number;
  /** Where it came from. */
  name?: string;
}

export interface StoreToWrite {
  name: string;
  source?: string;
  classes: readonly string[];
  imageShape: ImageShape;
  parts: readonly {
    name: StorePartName;
    /** Images expected, for the room that they need; there may be fewer. */
    atMost: number;
    images: AsyncIterable<ImageToStore>;
  }[];
  /** Asked when all images are written. */
  passedOver?: () => PassedOver;
  /** What is to be said of them; asked when all images are written. */
  remarks?: () => readonly Remark[];
}

/** Bytes gathered before they are written. */
const blockBytes = 4 * 2 ** 20;

/**
 * Writes a store as a whole, in place of whatever was there. To be called under a lock of that directory.
 * @throws DeepviewError `disk-full`, `no-permission`, ..., and what `images` throw; nothing is left behind then
 */
export async function writeStore(directory: string, store: StoreToWrite): Promise<void> {
  const { name, source, classes, imageShape } = store;
  const imageSize = imageShape.reduce((product, side) => product * side, 1);
  await writeDirectory(directory, async (draft) => {
    await ensureSpace(
      dirname(directory),
      store.parts.reduce((sum, { atMost }) => sum + atMost * imageSize + tableBytes(atMost), 0),
    );
    const tables: (PartTable & { greatest: number })[] = [];
    for (const part of store.parts) tables.push(await writePart(draft, part, { imageSize, classes: classes.length }));
    const header = {
      format: 1,
      name,
      ...(source !== undefined && { source }),
      classes,
      imageShape,
      parts: tables.map((table) => ({ name: table.name, count: table.labels.length })),
      content: contentOf({ classes, imageShape }, tables),
      passedOver: store.passedOver?.() ?? { count: 0, files: [] },
      remarks: [...(store.remarks?.() ?? []), ...darkness(tables)],
    };
    await writeFileAtomically(headerFile(draft), JSON.stringify(header, null, 2));
  });
}

async function writePart(
  directory: string,
  { name, images }: StoreToWrite['parts'][number],
  { imageSize, classes }: { imageSize: number; classes: number },
): Promise<PartTable & { greatest: number }> {
  const labels: number[] = [];
  const sums: number[] = [];
  const names: string[] = [];
  let greatest = 0;
  const file = await open(partFile(directory, name), 'wx');
  try {
    const block = Buffer.alloc(Math.max(blockBytes, imageSize));
    let filled = 0;
    for await (const { pixels, label, name: own } of images) {
      if (pixels.length !== imageSize) throw new RangeError(`${pixels.length} bytes are no image of ${imageSize}`);
      if (!(label >= 0 && label < classes)) throw new RangeError(`label ${label} is none of ${classes}`);
      if (labels.length === limits.images) throw tooMany();
      if (filled + imageSize > block.length) {
        await writeAll(file, block.subarray(0, filled));
        filled = 0;
      }
      block.set(pixels, filled);
      filled += imageSize;
      labels.push(label);
      sums.push(crc32(pixels));
      for (let at = 0; at < pixels.length && greatest < 255; at++) if (pixels[at] > greatest) greatest = pixels[at];
      if (own !== undefined) names.push(own);
    }
    await writeAll(file, block.subarray(0, filled));
    const table = { name, labels: Uint16Array.from(labels), sums: Uint32Array.from(sums) };
    await writeAll(file, new Uint8Array(table.labels.buffer));
    await writeAll(file, new Uint8Array(table.sums.buffer));
    await file.sync();
    if (names.length === labels.length && names.length > 0) {
      await writeFileAtomically(namesFile(directory, name), JSON.stringify(names));
    }
    return { ...table, greatest };
  } finally {
    await file.close();
  }
}

/** Values that no image has more than half of the range of are most likely of another range. */
function darkness(tables: readonly { labels: Uint16Array; greatest: number }[]): Remark[] {
  const greatest = Math.max(...tables.map((table) => table.greatest));
  if (greatest >= 128 || tables.every(({ labels }) => labels.length === 0)) return [];
  const message = `the greatest value of all images is ${greatest} of 255: if it stands for white, scale the values to 0 to 255`;
  return [{ code: 'value-range', count: 1, message }];
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

const tooMany = (): DeepviewError =>
  unreadable(
    'too-many-images',
    `The data set has more than the ${limits.images} images that are read`,
    'Use a part of it.',
  );
