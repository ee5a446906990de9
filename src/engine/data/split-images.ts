import { DeepviewError, exitCodes } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { printable } from '../base/printable.ts';
import { eachImage, requireRange, requireTarget, type RawImages } from './raw-images.ts';

/** How images without a given split were split. */
export interface Split {
  /** Share of each class that is kept for validation: 0..1, exclusive. */
  validation: number;
  seed: number;
}

export const defaultValidation = 0.1;

/** Of so many images of a class, how many are kept for validation: at least one, and not all. */
export const validationShare = (images: number, { validation }: Pick<Split, 'validation'>): number =>
  Math.min(images - 1, Math.max(1, Math.round(images * validation)));

/**
 * Splits images by chance, each class by itself: of every class the share rounded to whole images, but at least one
 * and not all. The order of either part is that of the images.
 * @throws DeepviewError `few-images` (exit code 4) for a class with fewer than two images
 */
export function splitImages(
  images: RawImages,
  classes: readonly string[],
  split: Split,
): { train: ChosenImages; validation: ChosenImages } {
  const members: number[][] = classes.map(() => []);
  for (let image = 0; image < images.count; image++) members[images.labels[image]].push(image);
  const kept = new Uint8Array(images.count);
  members.forEach((own, label) => {
    if (own.length < 2) {
      throw new DeepviewError(
        'few-images',
        `Class ${printable(classes[label])} has ${own.length === 0 ? 'no image' : 'one image'}; a split needs two at least`,
        { hint: 'Add images of it, or leave the class out.', exitCode: exitCodes.unreadable },
      );
    }
    const count = validationShare(own.length, split);
    for (const image of new Random(split.seed, 'split', label).shuffle(own).slice(0, count)) kept[image] = 1;
  });
  const chosen = (wanted: number): Uint32Array =>
    Uint32Array.from({ length: images.count }, (_, image) => image).filter((image) => kept[image] === wanted);
  return { train: new ChosenImages(images, chosen(0)), validation: new ChosenImages(images, chosen(1)) };
}

/** Some images of a part. */
export class ChosenImages implements RawImages {
  readonly count: number;
  readonly imageSize: number;
  readonly labels: Uint16Array;
  readonly onDisk: boolean;
  readonly #images: RawImages;
  /** Their numbers in that part. */
  readonly places: Uint32Array;
  #scratch = new Uint8Array(0);

  constructor(images: RawImages, chosen: Uint32Array) {
    this.count = chosen.length;
    this.imageSize = images.imageSize;
    this.labels = Uint16Array.from(chosen, (image) => images.labels[image]);
    this.onDisk = images.onDisk ?? false;
    this.#images = images;
    this.places = chosen;
  }

  read(from: number, to: number, target: Uint8Array): void {
    requireTarget(this, from, to, target);
    eachImage(this.#images, this.places.subarray(from, to), (pixels, place) =>
      target.set(pixels, place * this.imageSize),
    );
  }

  view(from: number, to: number): Uint8Array {
    requireRange(this, from, to);
    // One image alone, which is what batches ask for, needs no copy.
    if (to === from + 1) return this.#images.view(this.places[from], this.places[from] + 1);
    const bytes = (to - from) * this.imageSize;
    if (this.#scratch.length < bytes) this.#scratch = new Uint8Array(bytes);
    const target = this.#scratch.subarray(0, bytes);
    this.read(from, to, target);
    return target;
  }
}
