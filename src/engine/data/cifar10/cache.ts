import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import { fileError, sizeOf, writeFileAtomically } from '../../base/files.ts';
import { holdInUse } from '../store/leases.ts';
import { MemoryImages } from '../raw-images.ts';
import type { Cifar10Content } from './assembler.ts';
import { bytesOf, imageBytes, imagesOf, partNames, type Cifar10Layout, type PartName } from './layout.ts';

/** CIFAR-10 unpacked: `train.bin` and `validation.bin`, whose content the layout's checksums fix. */
export interface Cifar10Cache {
  directory: string;
  layout: Cifar10Layout;
}

export type CacheState =
  { state: 'ready'; content: Record<PartName, MemoryImages> } | { state: 'absent' } | { state: 'damaged'; why: string };

export function partFile(cache: Cifar10Cache, part: PartName): string {
  return join(cache.directory, `${part}.bin`);
}

/** Reads and verifies the cache. @throws DeepviewError when it cannot be read for a reason other than its content */
export async function readCache(cache: Cifar10Cache): Promise<CacheState> {
  const content: Partial<Record<PartName, MemoryImages>> = {};
  await holdInUse(cache.directory);
  const absent: PartName[] = [];
  for (const part of partNames) {
    const bytes = await readPart(cache, part);
    if (bytes === undefined) {
      absent.push(part);
      continue;
    }
    if (typeof bytes === 'string') return { state: 'damaged', why: bytes };
    const count = imagesOf(part, cache.layout);
    content[part] = new MemoryImages(
      bytes.subarray(0, count * imageBytes),
      Uint16Array.from(bytes.subarray(count * imageBytes)),
      imageBytes,
    );
  }
  if (absent.length === partNames.length) return { state: 'absent' };
  if (absent.length > 0) return { state: 'damaged', why: `${absent[0]}.bin is missing` };
  return { state: 'ready', content: content as Record<PartName, MemoryImages> };
}

/** The verified bytes, why they are no good, or nothing. */
async function readPart(cache: Cifar10Cache, part: PartName): Promise<Uint8Array | string | undefined> {
  const path = partFile(cache, part);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, 'read', path);
  }
  const expected = bytesOf(part, cache.layout);
  if (bytes.length !== expected) return `${part}.bin has ${bytes.length} bytes, not ${expected}`;
  const checksum = createHash('sha256').update(bytes).digest('hex');
  return checksum === cache.layout.checksums[part] ? bytes : `${part}.bin's checksum is wrong`;
}

/** Writes the parts, each as a whole or not at all. @throws DeepviewError `disk-full`, `no-permission`, ... */
export async function writeCache(cache: Cifar10Cache, content: Cifar10Content): Promise<void> {
  try {
    await mkdir(cache.directory, { recursive: true });
  } catch (error) {
    throw fileError(error, 'create', cache.directory);
  }
  for (const part of partNames) await writeFileAtomically(partFile(cache, part), [content[part]]);
}

/** What lies in the cache, by the sizes of its files alone: quick, and good enough to tell a person. */
export async function glanceAtCache(cache: Cifar10Cache): Promise<{ state: CacheState['state']; bytes: number }> {
  let bytes = 0;
  let right = 0;
  for (const part of partNames) {
    const size = await sizeOf(partFile(cache, part));
    bytes += size;
    if (size === bytesOf(part, cache.layout)) right++;
  }
  return { state: right === partNames.length ? 'ready' : bytes === 0 ? 'absent' : 'damaged', bytes };
}
