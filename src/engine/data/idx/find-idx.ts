import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import type { StorePartName } from '../store/store-format.ts';
import { idxError } from './read-idx.ts';

/** The files of one part. */
export interface IdxPart {
  name: StorePartName;
  images: string;
  labels: string;
}

/** What the parts' files begin with, as MNIST's and its relatives' do. */
const prefixes = [
  { train: 'train', validation: 't10k' },
  { train: 'train', validation: 'test' },
  { train: 'train', validation: 'val' },
] as const;

/**
 * The IDX files of a folder: `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, the same of `t10k` (or `test`,
 * `val`), gzipped (`.gz`) or not; also where they lie in `raw/`, as torchvision keeps them. Without a second pair the
 * first holds all images.
 * @returns nothing where there are none
 * @throws DeepviewError `bad-idx` (exit code 4) where half of a pair is missing
 */
export async function findIdx(folder: string): Promise<IdxPart[] | undefined> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw fileError(thrown, 'read', folder, exitCodes.unreadable);
  });
  const find = (prefix: string, kind: 'images' | 'labels'): string | undefined => {
    const axes = kind === 'images' ? 3 : 1;
    // Some copies spell the dot of the axes: `train-images.idx3-ubyte`.
    const pattern = new RegExp(`(^|-)${prefix}-${kind}[-.]idx${axes}-ubyte(\\.gz)?$`);
    const name = names.filter((each) => pattern.test(each)).sort((a, b) => a.length - b.length)[0];
    return name === undefined ? undefined : join(folder, name);
  };
  const pair = (prefix: string): { images: string; labels: string } | undefined => {
    const images = find(prefix, 'images');
    const labels = find(prefix, 'labels');
    if (images !== undefined && labels !== undefined) return { images, labels };
    if (images === undefined && labels === undefined) return undefined;
    const missing = images === undefined ? `${prefix}-images-idx3-ubyte` : `${prefix}-labels-idx1-ubyte`;
    throw idxError(folder, `there is no ${missing}`, 'Images and labels are both needed, gzipped or not.');
  };
  const train = pair('train');
  if (!train) return names.includes('raw') ? findIdx(join(folder, 'raw')) : undefined;
  for (const { validation } of prefixes) {
    const own = pair(validation);
    if (own)
      return [
        { name: 'train', ...train },
        { name: 'validation', ...own },
      ];
  }
  return [{ name: 'all', ...train }];
}
