import { DeepviewError, exitCodes } from './errors.ts';
import { printable } from './printable.ts';

/**
 * What is done at random to training images, so that no two epochs show a network the same ones. Absent: not done.
 * Each value's meaning and its numbers are in docs/augmentation.md.
 */
export interface Augmentation {
  /** Left-right. `batch`: each batch as a whole with probability 0.5 (the paper's); `image`: each image by itself. */
  mirror?: 'batch' | 'image';
  /** Most pixels that an image is moved along each axis, borders filled by repeating the edge: 1..1000. */
  shift?: number;
  /** Least share of the area that a random crop keeps, 0.01..1; the crop is resized to the whole image. */
  crop?: number;
  /** Strength of random brightness, contrast and saturation, 0..1. */
  colour?: number;
}

/** What each number may be. */
export const augmentationBounds = {
  shift: { minimum: 0, maximum: 1000, isWhole: true },
  crop: { minimum: 0.01, maximum: 1, isWhole: false },
  colour: { minimum: 0, maximum: 1, isWhole: false },
} as const;

/** Those that are numbers. */
export const augmentationNumbers = ['shift', 'crop', 'colour'] as const;
const form = 'mirror, mirror=batch, shift=4, crop=0.8 and colour=0.2, with commas between, or none';

/**
 * An augmentation as a person writes it: `mirror,shift=4,crop=0.8,colour=0.2`, parts in any order, or `none`. `mirror`
 * alone means each image by itself.
 * @param where what a person must mend: `--augment`, `DEEPVIEW_AUGMENT`
 * @throws DeepviewError `bad-option`, exit code 2
 */
export function parseAugmentation(text: string, where: string): Augmentation {
  const refuse = (why: string): DeepviewError =>
    new DeepviewError('bad-option', `${where} is "${printable(text, 60)}": ${why}.`, {
      hint: `It may hold ${form}.`,
      exitCode: exitCodes.usage,
    });
  const wanted: Augmentation = {};
  if (text.trim() === 'none') return wanted;
  for (const part of text.split(',')) {
    const [name, value, ...rest] = part.split('=').map((word) => word.trim());
    if (rest.length > 0) throw refuse(`"${printable(part, 40)}" has more than one =`);
    if (Object.hasOwn(wanted, name)) throw refuse(`${name} is there twice`);
    if (name === 'mirror') {
      if (value !== undefined && value !== 'image' && value !== 'batch') {
        throw refuse('mirror is image or batch');
      }
      wanted.mirror = value ?? 'image';
      continue;
    }
    const known = augmentationNumbers.find((each) => each === name);
    if (!known)
      throw refuse(name === '' ? 'a part of it is empty' : `there is no augmentation "${printable(name, 40)}"`);
    const number = value === undefined || !/^\d+(\.\d+)?$/.test(value) ? NaN : Number(value);
    if (!isWithin(known, number)) throw refuse(`${known} must be ${boundsInWords(known)}`);
    wanted[known] = number;
  }
  return wanted;
}

/** Whether a number is one that this augmentation may have. */
export function isWithin(name: keyof typeof augmentationBounds, value: number): boolean {
  const { minimum, maximum, isWhole } = augmentationBounds[name];
  return value >= minimum && value <= maximum && (!isWhole || Number.isInteger(value));
}

/** `a whole number from 0 to 1000` */
export function boundsInWords(name: keyof typeof augmentationBounds): string {
  const { minimum, maximum, isWhole } = augmentationBounds[name];
  return `a ${isWhole ? 'whole ' : ''}number from ${minimum} to ${maximum}`;
}

/** The text that `parseAugmentation` reads as this: `mirror=batch,shift=4`, `none`. */
export function augmentationText(augmentation: Augmentation): string {
  const { mirror } = augmentation;
  const parts = mirror === undefined ? [] : [mirror === 'image' ? 'mirror' : 'mirror=batch'];
  for (const name of augmentationNumbers) {
    const value = augmentation[name];
    if (value !== undefined) parts.push(`${name}=${value}`);
  }
  return parts.join() || 'none';
}
