import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readBounded } from '../../base/files.ts';
import { ensureSpace, writeDirectory, writeFileAtomically } from '../../base/write-files.ts';
import { limits } from '../../base/limits.ts';
import type { Matrices } from '../../base/matrices.ts';
import type { Paths } from '../../base/paths.ts';
import type { StepContext } from '../../base/progress.ts';
import type { ImageSet, Parts } from '../dataset.ts';
import { holdInUse } from '../store/leases.ts';
import type { KeptState } from '../store/open-store.ts';
import { provideKept } from '../store/provide-store.ts';
import type { RawImages } from '../raw-images.ts';
import { Passes } from './passes.ts';
import { rangeReader, whiteningMatrix } from './whitening.ts';
import { WhitenedImages } from './whitened-images.ts';

const partNames = ['train', 'validation'] as const;

/** Changes whenever the numbers do, so that older files are not taken for those of now. */
const version = 4;

/** Where whitened images lie, a directory each. */
export const whitenedFolder = (paths: Paths): string => join(paths.cache, 'whitened');

/** Which data set whitened images are of, where that was written down. */
export async function whitenedName(directory: string): Promise<string | undefined> {
  const name = (await readManifest(directory))?.name;
  return typeof name === 'string' ? name : undefined;
}

export interface WhitenOptions {
  /** Of the data set, for messages. */
  name?: string | undefined;
  paths: Paths;
  context: StepContext;
  algebra: Matrices;
}

/** What manifest.json says of `train.f32` and `validation.f32`; all else is in the directory's name. */
interface Manifest {
  /** Of which data set, for messages. */
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
  const directory = join(whitenedFolder(paths), await identityOf(raw, algebra.threads, context));
  return provideKept(
    directory,
    { label: 'whitening images', what: 'the whitened images', context },
    () => openWhitened(directory, raw, context),
    async () => {
      const matrix = await whiteningMatrix(contrasted.train, size, algebra, context);
      await write(directory, contrasted, { name, size, matrix, algebra, context });
    },
  );
}

/** A name for the whitened form of just these images, as that number of threads computes it. */
async function identityOf(raw: Parts<RawImages>, threads: number, context: StepContext): Promise<string> {
  const hash = createHash('sha256').update(`whitening ${version} ${raw.train.imageSize} ${raw.train.count} ${threads}`);
  const passes = new Passes('recognising images', raw.train.count + raw.validation.count, context);
  for (const part of partNames) {
    await passes.over(raw[part], (from, to) => void hash.update(raw[part].view(from, to)));
  }
  passes.finish();
  return hash.digest('hex').slice(0, 24);
}

/** The images of a directory whose content is as its manifest says. */
async function openWhitened(
  directory: string,
  raw: Parts<RawImages>,
  context: StepContext,
): Promise<KeptState<Parts<ImageSet>>> {
  const manifest = await readManifest(directory);
  if (!manifest) return { state: 'absent' };
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
      return { state: 'ready', store: { train, validation } };
    }
  } finally {
    if (sound < partNames.length) for (const images of Object.values(opened)) images.close();
  }
  return { state: 'damaged', why: 'they are not what was written' };
}

async function readManifest(directory: string): Promise<Partial<Manifest> | undefined> {
  const text = await readBounded(join(directory, 'manifest.json'), limits.jsonBytes);
  if (!text) return undefined;
  try {
    // Anything but an object has no sums either.
    return Object(JSON.parse(text.toString())) as Partial<Manifest>;
  } catch {
    // Cut short: as good as absent, for it is made again.
    return undefined;
  }
}

async function write(
  directory: string,
  contrasted: Parts<ImageSet>,
  { name, size, matrix, algebra, context }: Omit<WhitenOptions, 'paths'> & { size: number; matrix: Float32Array },
): Promise<void> {
  const total = contrasted.train.count + contrasted.validation.count;
  await writeDirectory(directory, async (draft) => {
    await ensureSpace(dirname(directory), total * size * 4 + 2 ** 20);
    const passes = new Passes('whitening images', total, context);
    const checksums: number[] = [];
    for (const part of partNames) {
      const range = rangeReader(contrasted[part], size);
      let checksum = 0;
      const file = await open(join(draft, `${part}.f32`), 'wx');
      try {
        await passes.over(contrasted[part], async (from, to) => {
          const bytes = bytesOf(await algebra.multiply(range(from, to), matrix, size));
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
    await writeFileAtomically(join(draft, 'manifest.json'), JSON.stringify(manifest));
  });
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
