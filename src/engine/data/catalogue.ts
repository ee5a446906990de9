import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { exitCodes, systemCode, misuse } from '../base/errors.ts';
import { fileError } from '../base/files.ts';
import { nearest } from '../base/nearest.ts';
import type { Paths } from '../base/paths.ts';
import { printable } from '../base/printable.ts';
import type { StepContext } from '../base/progress.ts';
import type { ImageShape } from './dataset.ts';
import { cifar10 } from './published/cifar10.ts';
import { cifar100 } from './published/cifar100.ts';
import { fashionMnist, mnist } from './published/mnist.ts';
import { published } from './published/published.ts';
import type { RawImages } from './raw-images.ts';
import { generateShapes, shapesClasses, shapesShape, shapesSizes } from './shapes/generate-shapes.ts';
import type { StoreState } from './store/open-store.ts';

/** What opening a data set needs from its caller. */
export type DataContext = StepContext & { paths: Paths; env: NodeJS.ProcessEnv };

/** What is known of a data set before any of its images is there. */
export interface DatasetFacts {
  /** As the command line calls it, and its folder in the cache. */
  readonly name: string;
  /** One line for lists. */
  readonly description: string;
  readonly classes: readonly string[];
  readonly imageShape: ImageShape;
  readonly trainImages: number;
  readonly validationImages: number;
}

export interface ProvideOptions {
  /** An archive or a folder to take it from instead of the network; it must be there. */
  source?: string | undefined;
  /** Whether the source is read and verified although the images are in the cache. */
  checkSource?: boolean;
  /** The least number of training images that is needed. */
  limit: number;
  /** Milliseconds within which a host must answer, unless it is the last one left. */
  patience?: number;
}

/** A data set that the program knows by name. */
export interface DatasetEntry extends DatasetFacts {
  /** Where its images are kept, and whether they are there; absent for a generated one. */
  readonly store?: {
    readonly directory: (paths: Paths) => string;
    /** By file sizes alone: checksums are verified on opening. */
    readonly glance: (paths: Paths) => Promise<{ state: 'ready' | 'absent' | 'damaged'; bytes: number }>;
    /** Opens the validation images alone, which stay on the disk; nothing is fetched. */
    readonly openValidation: (paths: Paths) => Promise<StoreState>;
  };
  /** Gets its images, from wherever they are. */
  readonly provide: (
    context: DataContext,
    options: ProvideOptions,
  ) => Promise<{ train: RawImages; validation: RawImages }>;
}

/** Every data set, the default first. */
export const catalogue: readonly DatasetEntry[] = [
  ...[cifar10, cifar100, mnist, fashionMnist].map(published),
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
  throw misuse(
    'unknown-dataset',
    `There is no data set ${printable(name)}`,
    meant
      ? `Did you mean ${meant}?`
      : `There are: ${names.join(', ')}; or name a folder of class folders, an .npz file or a folder of IDX files.`,
  );
}

/** Whether a resolved reference is a place on the disk, not a name of the catalogue. */
export const isPlace = (reference: string): boolean => isAbsolute(reference);

/**
 * What the user called their data: a name of the catalogue as it is, anything else that is there as an absolute path.
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
  throw misuse(
    'not-found',
    `There are no images at ${printable(given, 1000)}: there is no such file or folder`,
    'Check the path; relative ones start from the current directory.',
  );
}
