import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DeepviewError } from '../../base/errors.ts';
import { namesIn, readBounded, withFile } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import { check, ValidationError } from '../../base/schema/index.ts';
import { holdInUse } from './leases.ts';
import { MemoryImages, type RawImages } from '../raw-images.ts';
import { DiskImages } from './disk-images.ts';
import {
  contentOf,
  headerFile,
  headerForm,
  namesFile,
  partFile,
  tableBytes,
  type PartTable,
  type StoreHeader,
  type StorePartName,
} from './store-format.ts';

/** A store with its images at hand. */
export interface ImageStore extends StoreHeader {
  directory: string;
  images: Partial<Record<StorePartName, RawImages>>;
}

/** What lies in a directory of the cache. */
export type KeptState<Kept> = { state: 'ready'; store: Kept } | { state: 'absent' } | { state: 'damaged'; why: string };
export type StoreState = KeptState<ImageStore>;

/** Bytes of pixels up to which a data set is read into memory; a larger one stays on the disk. */
const inMemoryBytes = 512 * 2 ** 20;

/**
 * Opens a store, which is marked as used for as long as this process lives: sizes, classes and sums are checked at
 * once; images in memory too, those on disk when they are read.
 * @param inMemory bytes up to which the images are read into memory
 * @param parts only these
 * @throws DeepviewError when it cannot be read for a reason other than its content
 */
export async function openStore(
  directory: string,
  { inMemory = inMemoryBytes, parts }: { inMemory?: number; parts?: readonly StorePartName[] } = {},
): Promise<StoreState> {
  const header = await readStoreHeader(directory);
  if (header === undefined) return { state: 'absent' };
  if (typeof header === 'string') return { state: 'damaged', why: header };
  await holdInUse(directory);
  try {
    return await openParts(directory, header, inMemory, parts);
  } catch (thrown) {
    // Deleted between the first look and this one.
    if (thrown instanceof DeepviewError && thrown.code === 'not-found') return { state: 'absent' };
    throw thrown;
  }
}

async function openParts(
  directory: string,
  header: StoreHeader,
  inMemory: number,
  parts: readonly StorePartName[] | undefined,
): Promise<StoreState> {
  const imageSize = header.imageShape.reduce((product, side) => product * side, 1);
  const total = header.parts.reduce((sum, { count }) => sum + count * imageSize, 0);
  const tables: (PartTable & { pixels?: Uint8Array })[] = [];
  for (const part of header.parts) {
    const isWanted = !parts || parts.includes(part.name);
    const table = await readPart(directory, part, { imageSize, inMemory: isWanted && total <= inMemory });
    if (typeof table === 'string') return { state: 'damaged', why: table };
    tables.push(table);
  }
  if (contentOf(header, tables) !== header.content) {
    return { state: 'damaged', why: 'its classes and sums are not those that were written' };
  }
  const images: ImageStore['images'] = {};
  for (const { name, labels, sums, pixels } of tables) {
    if (parts && !parts.includes(name)) continue;
    if (!pixels) {
      images[name] = new DiskImages({ path: partFile(directory, name), labels, imageSize, sums });
      continue;
    }
    const wrong = sums.findIndex(
      (sum, image) => crc32(pixels.subarray(image * imageSize, (image + 1) * imageSize)) !== sum,
    );
    if (wrong >= 0) return { state: 'damaged', why: `image ${wrong} of ${name}.bin does not match its sum` };
    images[name] = new MemoryImages(pixels, labels, imageSize);
  }
  return { state: 'ready', store: { ...header, directory, images } };
}

/**
 * The directory of the store with these images, among all of a folder.
 * @param content `StoreHeader.content`
 */
export async function findStore(folder: string, content: string): Promise<string | undefined> {
  for (const name of await namesIn(folder)) {
    if (name.startsWith('.') || name.endsWith('.lock')) continue;
    const header = await readStoreHeader(join(folder, name));
    if (typeof header === 'object' && header.content === content) return join(folder, name);
  }
  return undefined;
}

/** Where each image of a part came from; undefined where they have no names. */
export async function readNames(directory: string, part: StorePartName): Promise<readonly string[] | undefined> {
  const text = await readBounded(namesFile(directory, part), 16 * limits.jsonBytes);
  if (text === undefined) return undefined;
  const names: unknown = JSON.parse(text.toString());
  return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
}

/** The header, why it is no good, or nothing. */
export async function readStoreHeader(directory: string): Promise<StoreHeader | string | undefined> {
  try {
    const text = await readBounded(headerFile(directory), limits.jsonBytes);
    return text && check(headerForm, JSON.parse(text.toString()));
  } catch (thrown) {
    if (thrown instanceof ValidationError) return 'images.json is not one of this version';
    if (thrown instanceof SyntaxError) return 'images.json is no JSON';
    if (thrown instanceof DeepviewError && thrown.code === 'too-large') return 'images.json is too large';
    throw thrown;
  }
}

/** A part's table, and its pixels where they are to be in memory; or why they are no good. */
async function readPart(
  directory: string,
  { name, count }: StoreHeader['parts'][number],
  { imageSize, inMemory }: { imageSize: number; inMemory: boolean },
): Promise<(PartTable & { pixels?: Uint8Array }) | string> {
  const path = partFile(directory, name);
  try {
    return await withFile(path, async (file) => {
      const { size } = await file.stat();
      const expected = count * imageSize + tableBytes(count);
      if (size !== expected) return `${name}.bin has ${size} bytes, not ${expected}`;
      const labels = new Uint16Array(count);
      const sums = new Uint32Array(count);
      await readAll(file, new Uint8Array(labels.buffer), count * imageSize);
      await readAll(file, new Uint8Array(sums.buffer), count * imageSize + labels.byteLength);
      if (!inMemory) return { name, labels, sums };
      const pixels = new Uint8Array(count * imageSize);
      await readAll(file, pixels, 0);
      return { name, labels, sums, pixels };
    });
  } catch (thrown) {
    if (thrown instanceof DeepviewError && thrown.code === 'not-found') return `${name}.bin is missing`;
    throw thrown;
  }
}

async function readAll(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < target.length;) {
    const { bytesRead } = await file.read(target, at, Math.min(target.length - at, 2 ** 28), position + at);
    if (bytesRead === 0) throw new Error('the file ended early');
    at += bytesRead;
  }
}
