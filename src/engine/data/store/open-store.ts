import { open, readdir, readFile, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DeepviewError, systemCode } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import { holdInUse } from './leases.ts';
import { MemoryImages, type RawImages } from '../raw-images.ts';
import { DiskImages } from './disk-images.ts';
import {
  contentOf,
  headerFile,
  namesFile,
  partFile,
  storeFormat,
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

export type StoreState =
  { state: 'ready'; store: ImageStore } | { state: 'absent' } | { state: 'damaged'; why: string };

/** Bytes of pixels up to which a data set is read into memory; a larger one stays on the disk. */
const inMemoryBytes = 512 * 2 ** 20;

/**
 * Opens a store, which is marked as used for as long as this process lives: sizes, classes and sums are checked at once; images in memory too, those on disk when they are read.
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
  const tables: PartTable[] = [];
  for (const part of header.parts) {
    const table = await readTable(directory, part, imageSize);
    if (typeof table === 'string') return { state: 'damaged', why: table };
    tables.push(table);
  }
  if (contentOf(header, tables) !== header.content) {
    return { state: 'damaged', why: 'its classes and sums are not those that were written' };
  }
  const total = header.parts.reduce((sum, { count }) => sum + count * imageSize, 0);
  const images: ImageStore['images'] = {};
  for (const { name, labels, sums } of tables) {
    if (parts && !parts.includes(name)) continue;
    const path = partFile(directory, name);
    if (total > inMemory) images[name] = new DiskImages({ path, labels, imageSize, sums });
    else {
      const pixels = await readPixels(path, labels.length * imageSize);
      const wrong = sums.findIndex(
        (sum, image) => crc32(pixels.subarray(image * imageSize, (image + 1) * imageSize)) !== sum,
      );
      if (wrong >= 0) return { state: 'damaged', why: `image ${wrong} of ${name}.bin does not match its sum` };
      images[name] = new MemoryImages(pixels, labels, imageSize);
    }
  }
  return { state: 'ready', store: { ...header, directory, images } };
}

/**
 * The directory of the store with these images, among all of a folder.
 * @param content `StoreHeader.content`
 */
export async function findStore(folder: string, content: string): Promise<string | undefined> {
  const names = await readdir(folder).catch((thrown: unknown): string[] => {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw fileError(thrown, 'read', folder);
  });
  for (const name of names) {
    if (name.startsWith('.') || name.endsWith('.lock')) continue;
    const header = await readStoreHeader(join(folder, name));
    if (typeof header === 'object' && header.content === content) return join(folder, name);
  }
  return undefined;
}

/** Where each image of a part came from; nothing where they have no names. */
export async function readNames(directory: string, part: StorePartName): Promise<readonly string[] | undefined> {
  const text = await readBounded(namesFile(directory, part), 16 * limits.jsonBytes);
  if (text === undefined) return undefined;
  const names: unknown = JSON.parse(text);
  return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
}

/** The header, why it is no good, or nothing. */
export async function readStoreHeader(directory: string): Promise<StoreHeader | string | undefined> {
  const text = await readBounded(headerFile(directory), limits.jsonBytes);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'images.json is no JSON';
  }
  return isHeader(value) ? value : 'images.json is not one of this version';
}

function isHeader(value: unknown): value is StoreHeader {
  if (typeof value !== 'object' || value === null) return false;
  const { format, name, source, classes, imageShape, parts, content, passedOver } = value as Record<string, unknown>;
  const whole = (number: unknown, most: number): boolean =>
    Number.isInteger(number) && (number as number) >= 0 && (number as number) <= most;
  const isPart = (part: unknown): boolean =>
    typeof part === 'object' &&
    part !== null &&
    'name' in part &&
    ['train', 'validation', 'all'].includes(part.name as string) &&
    'count' in part &&
    whole(part.count, limits.images);
  return (
    format === storeFormat &&
    typeof name === 'string' &&
    (source === undefined || typeof source === 'string') &&
    Array.isArray(classes) &&
    classes.length <= limits.classes &&
    classes.every((each) => typeof each === 'string') &&
    Array.isArray(imageShape) &&
    imageShape.length === 3 &&
    imageShape.every((side) => whole(side, limits.imageSide) && side !== 0) &&
    Array.isArray(parts) &&
    parts.length <= 2 &&
    parts.every(isPart) &&
    typeof content === 'string' &&
    isPassedOver(passedOver)
  );
}

const isPassedOver = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'count' in value &&
  typeof value.count === 'number' &&
  'files' in value &&
  Array.isArray(value.files) &&
  value.files.every(
    (each: unknown) =>
      typeof each === 'object' &&
      each !== null &&
      'file' in each &&
      typeof each.file === 'string' &&
      'why' in each &&
      typeof each.why === 'string',
  );

async function readTable(
  directory: string,
  { name, count }: StoreHeader['parts'][number],
  imageSize: number,
): Promise<PartTable | string> {
  const path = partFile(directory, name);
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const expected = count * imageSize + tableBytes(count);
      if (size !== expected) return `${name}.bin has ${size} bytes, not ${expected}`;
      const labels = new Uint16Array(count);
      const sums = new Uint32Array(count);
      await readAll(file, new Uint8Array(labels.buffer), count * imageSize);
      await readAll(file, new Uint8Array(sums.buffer), count * imageSize + labels.byteLength);
      return { name, labels, sums };
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return `${name}.bin is missing`;
    throw fileError(thrown, 'read', path);
  }
}

async function readPixels(path: string, bytes: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(bytes);
  try {
    const file = await open(path, 'r');
    try {
      await readAll(file, pixels, 0);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw fileError(thrown, 'read', path);
  }
  return pixels;
}

async function readAll(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < target.length;) {
    const { bytesRead } = await file.read(target, at, Math.min(target.length - at, 2 ** 28), position + at);
    if (bytesRead === 0) throw new Error('the file ended early');
    at += bytesRead;
  }
}

async function readBounded(path: string, most: number): Promise<string | undefined> {
  try {
    if ((await stat(path)).size > most) return '';
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT' || systemCode(thrown) === 'ENOTDIR') return undefined;
    throw fileError(thrown, 'read', path);
  }
}
