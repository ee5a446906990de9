import type { StorePartName } from '../store/store-format.ts';
import { unreadable } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { TrainingSettings } from '../../base/training-settings.ts';

/** How images of another size are made to fit: the middle is cut out at the right proportions, or sides are stretched. */
export type Fit = NonNullable<TrainingSettings['fit']>;

/** What the user may say of how images become those of a data set. */
export interface ImageOptions {
  /** Height and width; by default the images' own. */
  imageSize?: number | undefined;
  fit?: Fit | undefined;
  /** Looked through instead of trained on: classes without images are told of instead of refused. */
  isInspected?: boolean | undefined;
  /** Told what images there will be, before the first is read; what it throws ends it. */
  foreseen?: ((images: ForeseenImages) => void) | undefined;
}

export type ImageShape = readonly [height: number, width: number, channels: number];

/** What is known of images before they are read. */
export interface ForeseenImages {
  imageShape: ImageShape;
  classes: readonly string[];
  /** Images of each class; files that turn out to be corrupt are counted. */
  parts: readonly { name: StorePartName; classCounts: readonly number[] }[];
}

/** How many images of each class there are: [classes]. */
export function classCounts(labels: Iterable<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
}

/** @throws DeepviewError `image-size` (exit code 4) for images larger than networks here are given */
export function requireSide(what: string, [height, width]: ImageShape): void {
  if (height <= limits.imageSide && width <= limits.imageSide) return;
  throw unreadable(
    'image-size',
    `${what} has images of ${height}x${width}; up to ${limits.imageSide}x${limits.imageSide} are trained on`,
    `Make them smaller: --image-size ${limits.imageSide}`,
  );
}
