import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import type { ImageOptions } from '../images/image-options.ts';
import { storeOf } from '../images/store-of.ts';
import type { ImageStore } from '../store/open-store.ts';
import { provideStore, storeDirectory } from '../store/provide-store.ts';
import { writeStore } from '../store/write-store.ts';
import type { IdxPart } from './find-idx.ts';
import { idxParts, readIdxParts } from './idx-parts.ts';

/**
 * The images of a folder's IDX files, kept unpacked for as long as no file changes (by size and time). Classes are
 * called by their numbers.
 * @param folder absolute
 * @throws DeepviewError `bad-idx`, `image-size` (exit code 4), `disk-full`, `cancelled`
 */
export async function provideIdx(
  folder: string,
  parts: readonly IdxPart[],
  options: ImageOptions,
  context: StepContext & { paths: Paths },
): Promise<ImageStore> {
  const files = parts.flatMap(({ images, labels }) => [images, labels]);
  const states = await Promise.all(files.map((file) => stat(file)));
  const facts = states.map(({ size, mtimeMs }, i) => [files[i], size, mtimeMs]);
  const directory = storeDirectory(context.paths, 'idx', 1, facts, options.imageSize ?? null, options.fit ?? 'crop');
  return provideStore(directory, printable(basename(folder)), context, async (at) => {
    const read = await readIdxParts(parts, context);
    const unpacked = { name: basename(folder), source: folder, ...idxParts(read) };
    await writeStore(at, storeOf(unpacked, options, context));
  });
}
