import { limits } from '../../base/limits.ts';
import type { ImageOptions, ImageShape } from '../images/image-options.ts';
import type { ImageFacts } from './decode-image.ts';

/** Sides that images of different sizes are brought to. */
const sides = [32, 48, 64, 96, 128, 160, 192, limits.imageSide] as const;

export interface ChosenShape {
  shape: ImageShape;
  /** Whether any image must be resized, and nobody said to what: the smallest and the greatest of them. */
  differing?: { least: ImageFacts; greatest: ImageFacts };
}

/**
 * The shape that a folder's images get. Without a wanted size: their own where all are alike and no larger than 224,
 * 224x224 where they are larger, and where they differ the greatest usual side (32, 48, 64, ... 224) that the shorter
 * side of half of them reaches. Colours unless all are grey.
 * @param facts of at least one image
 */
export function chooseShape(facts: readonly ImageFacts[], { imageSize }: ImageOptions): ChosenShape {
  const channels = facts.every((each) => each.channels === 1) ? 1 : 3;
  if (imageSize !== undefined) return { shape: [imageSize, imageSize, channels] };
  const [{ height, width }] = facts;
  const isSmall = height <= limits.imageSide && width <= limits.imageSide;
  if (isSmall && facts.every((each) => each.height === height && each.width === width)) {
    return { shape: [height, width, channels] };
  }
  const shorter = facts.map((each) => Math.min(each.height, each.width)).sort((a, b) => a - b);
  const median = shorter[shorter.length >> 1];
  const side = sides.findLast((each) => each <= median) ?? sides[0];
  const bySize = facts.toSorted((a, b) => a.height * a.width - b.height * b.width);
  return { shape: [side, side, channels], differing: { least: bySize[0], greatest: bySize.at(-1)! } };
}
