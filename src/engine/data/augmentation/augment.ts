import type { Augmentation } from '../../base/augmentation.ts';
import { Random } from '../../base/random.ts';
import { colourInPlace, cropInPlace, mirrorInPlace, shiftInPlace, type CropWindow } from './operations.ts';
import type { ImageShape } from '../dataset.ts';

/** Which epoch of which training. */
export interface AugmentedEpoch {
  seed: number;
  /** From 1. */
  epoch: number;
  /** Batches of the epoch. */
  batches: number;
}

/**
 * What changes an epoch's training images at random, one batch after another or any of them alone: in this order mirror,
 * crop, shift and colour. What happens to an image follows from the seed, the epoch, the batch and its place in it, so a
 * resumed run goes on as an uninterrupted one; and each operation has random numbers of its own, so that one more does
 * not change what the others do.
 * @returns changes the batch of that number, from 1, in place: prepared images, [B, H, W, C] row-major
 */
export function augmentationOf(
  augmentation: Augmentation,
  shape: ImageShape,
  { seed, epoch, batches }: AugmentedEpoch,
): (images: Float32Array, batch: number) => void {
  const { mirror, shift = 0, crop = 1, colour = 0 } = augmentation;
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const mirrored = mirror === 'batch' ? epochMirroring(batches, seed, epoch) : [];
  const scratch = new Float32Array(crop < 1 || shift > 0 ? size : 0);
  return (images, batch) => {
    const count = images.length / size;
    if (!Number.isInteger(count)) {
      throw new RangeError(`augment: ${images.length} values are no images of ${shape.join('x')}`);
    }
    const each = (operation: string, change: (image: Float32Array, random: Random) => void): void => {
      const random = new Random(seed, 'augmentation', operation, epoch, batch);
      for (let at = 0; at < images.length; at += size) change(images.subarray(at, at + size), random);
    };
    if (mirrored[batch - 1]) mirrorInPlace(images, [count, ...shape]);
    if (mirror === 'image') {
      each('mirror', (image, random) => {
        if (random.uniform() < 0.5) mirrorInPlace(image, [1, ...shape]);
      });
    }
    if (crop < 1) {
      each('crop', (image, random) => cropInPlace(image, shape, randomWindow(random, crop, shape), scratch));
    }
    if (shift > 0) {
      each('shift', (image, random) => {
        const down = random.below(2 * shift + 1) - shift;
        const right = random.below(2 * shift + 1) - shift;
        shiftInPlace(image, shape, down, right, scratch);
      });
    }
    if (colour > 0) {
      each('colour', (image, random) => {
        const about = (middle: number): number => middle + colour * (2 * random.uniform() - 1);
        colourInPlace(image, shape, { brightness: about(0), contrast: about(1), saturation: about(1) });
      });
    }
  };
}

/** A window of the image's own proportions; its area is a share of the image's, all from `least` to 1 equally likely. */
function randomWindow(random: Random, least: number, [height, width]: ImageShape): CropWindow {
  const side = Math.sqrt(least + (1 - least) * random.uniform());
  return {
    height: height * side,
    width: width * side,
    top: random.uniform() * height * (1 - side),
    left: random.uniform() * width * (1 - side),
  };
}

/** Which batches of an epoch are mirrored left-right as a whole: each with probability one half, by seed and epoch. */
export function epochMirroring(batches: number, seed: number, epoch: number): boolean[] {
  const random = new Random(seed, 'mirroring', epoch);
  return Array.from({ length: batches }, () => random.uniform() < 0.5);
}
