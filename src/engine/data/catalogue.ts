import type { Paths } from '../base/paths.ts';
import type { StepContext } from '../base/progress.ts';
import { glanceAtCache } from './cifar10/cache.ts';
import { cifar10Classes, cifar10Layout, cifar10Shape, imagesOf } from './cifar10/layout.ts';
import { cifar10Cache, provideCifar10 } from './cifar10/provide.ts';
import { cifar100 } from './named/cifar100.ts';
import { fashionMnist, mnist } from './named/mnist.ts';
import type { NamedDataset } from './named/named-dataset.ts';
import { glanceAtNamed, namedDirectory, provideNamed } from './named/provide-named.ts';
import type { RawImages } from './raw-images.ts';
import { generateShapes, shapesClasses, shapesShape, shapesSizes } from './shapes/generate-shapes.ts';
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { DeepviewError, exitCodes, systemCode } from '../base/errors.ts';
import { fileError } from '../base/files.ts';
import { nearest } from '../base/nearest.ts';
import { printable } from '../base/printable.ts';

/** What opening a data set needs from its caller. */
export type DataContext = StepContext & { paths: Paths; env: NodeJS.ProcessEnv };

/** A data set that the program knows by name. */
export interface DatasetEntry {
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  readonly classes: readonly string[];
  /** [height, width, channels] */
  readonly imageShape: readonly [number, number, number];
  readonly trainImages: number;
  readonly validationImages: number;
  /** Where its images lie unpacked, and whether they are there; absent for a generated one. */
  readonly store?: {
    readonly directory: (paths: Paths) => string;
    /** By file sizes alone: checksums are verified on opening. */
    readonly glance: (paths: Paths) => Promise<{ state: 'ready' | 'absent' | 'damaged'; bytes: number }>;
  };
  /**
   * Gets its images, from wherever they are; at least the first `limit` training images. A source must be there; with
   * `checkSource` it is read and verified although the images are in the cache.
   */
  readonly provide: (
    context: DataContext,
    options: { source?: string | undefined; checkSource?: boolean; limit: number },
  ) => Promise<{ train: RawImages; validation: RawImages }>;
}

const named = (dataset: NamedDataset): DatasetEntry => ({
  name: dataset.name,
  description: dataset.description,
  classes: dataset.classes,
  imageShape: dataset.shape,
  trainImages: dataset.trainImages,
  validationImages: dataset.validationImages,
  store: {
    directory: (paths) => namedDirectory(paths, dataset),
    glance: (paths) => glanceAtNamed(namedDirectory(paths, dataset)),
  },
  provide: async (context, { source, checkSource }) => {
    const { paths, env } = context;
    const { images } = await provideNamed(dataset, { context, paths, env, source, checkSource });
    // Reading its files checked that both parts are there.
    return { train: images.train!, validation: images.validation! };
  },
});

/** Every data set, the default first. */
export const catalogue: readonly DatasetEntry[] = [
  {
    name: 'cifar10',
    description: 'CIFAR-10: small photographs of animals and vehicles',
    classes: cifar10Classes,
    imageShape: cifar10Shape,
    trainImages: imagesOf('train', cifar10Layout),
    validationImages: imagesOf('validation', cifar10Layout),
    store: {
      directory: (paths) => cifar10Cache(paths).directory,
      glance: (paths) => glanceAtCache(cifar10Cache(paths)),
    },
    provide: (context, { source, checkSource }) =>
      provideCifar10({ context, paths: context.paths, env: context.env, source, checkSource }),
  },
  named(cifar100),
  named(mnist),
  named(fashionMnist),
  {
    name: 'shapes',
    description: 'coloured shapes, drawn by the program itself: needs no download',
    classes: shapesClasses,
    imageShape: shapesShape,
    trainImages: shapesSizes.train,
    validationImages: shapesSizes.validation,
    provide: (context, { source, limit }) => {
      if (source !== undefined) context.onNotice('shapes are generated; the given source is not read');
      return Promise.resolve({
        train: generateShapes(Math.min(limit, shapesSizes.train), 'train'),
        validation: generateShapes(shapesSizes.validation, 'validation'),
      });
    },
  },
];

/** @throws DeepviewError `unknown-dataset` (usage), with the nearest name */
export function datasetEntry(name: string): DatasetEntry {
  const entry = catalogue.find((each) => each.name === name);
  if (entry) return entry;
  const names = catalogue.map((each) => each.name);
  const meant = nearest(name, names);
  throw new DeepviewError('unknown-dataset', `There is no data set ${printable(name)}`, {
    hint: meant
      ? `Did you mean ${meant}?`
      : `There are: ${names.join(', ')}; or name a folder of class folders, an .npz file or a folder of IDX files.`,
    exitCode: exitCodes.usage,
  });
}

/** Whether a resolved reference is a place on the disk, not a name of the catalogue. */
export const isPlace = (reference: string): boolean => isAbsolute(reference);

/**
 * What a person called their data: a name of the catalogue as it is, anything else that is there as an absolute path.
 * @param directory that relative paths start from
 * @throws DeepviewError `unknown-dataset`, or `not-found` for what can only be a path (exit code 2)
 */
export async function resolveReference(given: string, directory: string): Promise<string> {
  if (catalogue.some(({ name }) => name === given)) return given;
  const path = resolve(directory, given);
  try {
    await stat(path);
    return path;
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ENAMETOOLONG') {
      throw fileError(thrown, 'read', path, exitCodes.usage);
    }
  }
  if (!/[/\\]|^\.|\.npz$/i.test(given)) datasetEntry(given);
  throw new DeepviewError(
    'not-found',
    `There are no images at ${printable(given, 1000)}: there is no such file or folder`,
    {
      hint: 'Check the path; relative ones start from the current directory.',
      exitCode: exitCodes.usage,
    },
  );
}
