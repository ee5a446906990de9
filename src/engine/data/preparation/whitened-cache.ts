import { createHash } from 'node:crypto';
import { open, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DeepviewError, systemCode } from '../../base/errors.ts';
import {
  fileError,
  makeDirectory,
  replaceDirectory,
  writeFileAtomically,
  ensureSpace,
  ifFileError,
} from '../../base/files.ts';
import type { Matrices } from '../../base/matrices.ts';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import { withLock } from '../../base/lock.ts';
import type { ImageSet } from '../dataset.ts';
import { holdInUse } from '../store/leases.ts';
import type { RawImages } from '../raw-images.ts';
import { Passes } from './passes.ts';
import { rangeReader, whiteningMatrix } from './whitening.ts';
import { WhitenedImages } from './whitened-images.ts';

type Parts<Images> = { train: Images; validation: Images };
const partNames = ['train', 'validation'] as const;

/** Changes whenever the numbers do, so that files of before are not taken for those of now. */
const version = 4;

/** Where whitened images lie, a directory each. */
export const whitenedFolder = (paths: Paths): string => join(paths.cache, 'whitened');

/** Which data set whitened images are of, where that was written down. */
export async function whitenedName(directory: string): Promise<string | undefined> {
  const name = (await readManifest(directory))?.name;
  return typeof name === 'string' ? name : undefined;
}

export interface WhitenOptions {
  /** Of the data set, to be told to people. */
  name?: string | undefined;
  paths: Paths;
  context: StepContext;
  algebra: Matrices;
}

/** What manifest.json says of `train.f32` and `validation.f32`; all else is in the directory's name. */
interface Manifest {
  /** Of which data set, for people. */
  name?: string;
  crc32: Parts<number>;
}

/**
 * Whitens images, once: they are kept among the cached data as single-precision files (12 kB an image of CIFAR-10) and
 * read from there, so that memory holds none of them. Files that are not what they were written as are made again.
 * @param contrasted the same images, contrast-normalised
 * @throws DeepviewError `disk-full`, `no-permission`, `disk-error`, `cancelled`
 */
export async function whitenImages(
  raw: Parts<RawImages>,
  contrasted: Parts<ImageSet>,
  { name, paths, context, algebra }: WhitenOptions,
): Promise<Parts<ImageSet>> {
  const size = raw.train.imageSize;
  const parent = whitenedFolder(paths);
  const directory = join(parent, await identityOf(raw, context));
  const before = await openWhitened(directory, raw, context);
  if (before) return before;
  return withLock(`${directory}.lock`, { label: 'whitening images', context }, async () => {
    const now = await openWhitened(directory, raw, context);
    if (now) return now;
    await makeDirectory(parent);
    await ensureSpace(parent, (raw.train.count + raw.validation.count) * size * 4 + 2 ** 20);
    const matrix = await whiteningMatrix(contrasted.train, size, algebra, context);
    await write(parent, directory, contrasted, { name, size, matrix, algebra, context });
    const made = await openWhitened(directory, raw, context);
    if (made) return made;
    throw new DeepviewError('disk-error', `What was written to ${printable(directory, 1000)} does not read back.`, {
      hint: 'Check the disk, or set XDG_CACHE_HOME to a directory on another one.',
    });
  });
}

/** A name for the whitened form of just these images. */
async function identityOf(raw: Parts<RawImages>, context: StepContext): Promise<string> {
  const hash = createHash('sha256').update(`whitening ${version} ${raw.train.imageSize} ${raw.train.count}`);
  const passes = new Passes('recognising images', raw.train.count + raw.validation.count, context);
  for (const part of partNames) {
    await passes.over(raw[part], (from, to) => void hash.update(raw[part].view(from, to)));
  }
  passes.finish();
  return hash.digest('hex').slice(0, 24);
}

/** The images of a directory whose content is as its manifest says, else nothing. */
async function openWhitened(
  directory: string,
  raw: Parts<RawImages>,
  context: StepContext,
): Promise<Parts<ImageSet> | undefined> {
  const manifest = await readManifest(directory);
  if (!manifest) return undefined;
  await holdInUse(directory);
  const opened: Partial<Parts<WhitenedImages>> = {};
  const passes = new Passes('reading whitened images', raw.train.count + raw.validation.count, context);
  let sound = 0;
  try {
    for (const part of partNames) {
      const images = await WhitenedImages.open(join(directory, `${part}.f32`), raw[part]);
      if (!images) break;
      opened[part] = images;
      const range = rangeReader(images, raw[part].imageSize);
      let checksum = 0;
      await passes.over(images, (from, to) => {
        checksum = crc32(bytesOf(range(from, to)), checksum);
      });
      if (checksum !== manifest.crc32?.[part]) break;
      sound++;
    }
    const { train, validation } = opened;
    if (train && validation && sound === partNames.length) {
      passes.finish();
      return { train, validation };
    }
  } finally {
    if (sound < partNames.length) for (const images of Object.values(opened)) images.close();
  }
  context.onNotice('the whitened images are damaged; making them again');
  return undefined;
}

async function readManifest(directory: string): Promise<Partial<Manifest> | undefined> {
  const path = join(directory, 'manifest.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw fileError(thrown, 'read', path);
  }
  try {
    // Anything but an object has no sums either.
    return Object(JSON.parse(text)) as Partial<Manifest>;
  } catch {
    // Cut short: as good as absent, for it is made again.
    return undefined;
  }
}

/** The directory has its name only once everything in it is on the disk. */
async function write(
  parent: string,
  directory: string,
  contrasted: Parts<ImageSet>,
  {
    name,
    size,
    matrix,
    algebra,
    context,
  }: { name?: string | undefined; size: number; matrix: Float32Array; algebra: Matrices; context: StepContext },
): Promise<void> {
  const temporary = await mkdtemp(join(parent, '.new-'));
  try {
    const passes = new Passes('whitening images', contrasted.train.count + contrasted.validation.count, context);
    const checksums: number[] = [];
    for (const part of partNames) {
      const range = rangeReader(contrasted[part], size);
      let checksum = 0;
      const file = await open(join(temporary, `${part}.f32`), 'wx');
      try {
        await passes.over(contrasted[part], async (from, to) => {
          const bytes = bytesOf(algebra.multiply(range(from, to), matrix, size));
          checksum = crc32(bytes, checksum);
          await file.writeFile(bytes);
        });
        await file.sync();
      } finally {
        await file.close();
      }
      checksums.push(checksum);
    }
    passes.finish();
    const manifest: Manifest = {
      ...(name !== undefined && { name }),
      crc32: { train: checksums[0], validation: checksums[1] },
    };
    await writeFileAtomically(join(temporary, 'manifest.json'), JSON.stringify(manifest));
    await replaceDirectory(temporary, directory);
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true });
    throw ifFileError(thrown, 'write', directory);
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
