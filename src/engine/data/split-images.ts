import { unreadable } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { printable } from '../base/printable.ts';
import { ChosenImages, type RawImages } from './raw-images.ts';

/** How images without a given split were split. */
export interface Split {
  /** Share of each class that is kept for validation: 0..1, exclusive. */
  validation: number;
  seed: number;
}

export const defaultValidation = 0.1;

/** Of a number of images of a class, how many are kept for validation: at least one, and not all. */
export const validationShare = (images: number, { validation }: Pick<Split, 'validation'>): number =>
  Math.min(images - 1, Math.max(1, Math.round(images * validation)));

/**
 * Splits images by chance, each class by itself: of every class the share rounded to whole images, but at least one
 * and not all. The order of either part is that of the images.
 * @param isInspected leaves a class with fewer than two images as it is
 * @throws DeepviewError `few-images` (exit code 4) for a class with fewer than two images
 */
export function splitImages(
  images: RawImages,
  classes: readonly string[],
  split: Split,
  { isInspected = false }: { isInspected?: boolean | undefined } = {},
): { train: ChosenImages; validation: ChosenImages } {
  const members: number[][] = classes.map(() => []);
  for (let image = 0; image < images.count; image++) members[images.labels[image]].push(image);
  const kept = new Uint8Array(images.count);
  members.forEach((own, label) => {
    if (own.length < 2) {
      if (isInspected) return;
      throw unreadable(
        'few-images',
        `Class ${printable(classes[label])} has ${own.length === 0 ? 'no image' : 'one image'}; a split needs two at least`,
        'Add images of it, or leave the class out.',
      );
    }
    const count = validationShare(own.length, split);
    for (const image of new Random(split.seed, 'split', label).shuffle(own).slice(0, count)) kept[image] = 1;
  });
  const chosen = (wanted: number): Uint32Array =>
    Uint32Array.from({ length: images.count }, (_, image) => image).filter((image) => kept[image] === wanted);
  return { train: new ChosenImages(images, chosen(0)), validation: new ChosenImages(images, chosen(1)) };
}
