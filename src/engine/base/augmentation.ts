import { printable } from './printable.ts';
import {
  check,
  choice,
  fromText,
  number,
  object,
  optional,
  text,
  ValidationError,
  whole,
  type Value,
} from './schema/index.ts';

/**
 * What is done at random to training images, so that no two epochs show a network the same ones. Absent: not done.
 * Each value's meaning and its numbers are in docs/augmentation.md. `mirror`: each batch as a whole with probability
 * 0.5 (the paper's), or each image by itself; `shift`: borders are filled by repeating the edge; `crop`: resized to the
 * whole image.
 */
export const augmentationForm = object({
  mirror: optional(choice(['batch', 'image']), 'Left-right at random: batches as a whole, or each image by itself.'),
  shift: optional(whole(0, 1000), 'Most pixels that an image is moved along each axis.'),
  crop: optional(number(0.01, 1), 'Least share of the area that a random crop keeps.'),
  colour: optional(number(0, 1), 'Strength of random brightness, contrast and saturation.'),
});

export type Augmentation = Value<typeof augmentationForm>;

const { fields } = augmentationForm;
const names = Object.keys(fields) as (keyof Augmentation)[];

/**
 * An augmentation as a user writes it: `mirror,shift=4,crop=0.8,colour=0.2`, parts in any order, or `none`. `mirror`
 * alone means each image by itself.
 * @throws ValidationError without a path
 */
export function parseAugmentation(written: string): Augmentation {
  const refuse = (why: string): ValidationError =>
    new ValidationError([], printable(why, 200), {
      hint: 'It may hold mirror, mirror=batch, shift=4, crop=0.8 and colour=0.2, with commas between, or none.',
    });
  if (written.trim() === 'none') return {};
  const wanted: Record<string, unknown> = {};
  for (const part of written.split(',')) {
    const [given, value = '', ...rest] = part.split('=').map((word) => word.trim());
    if (rest.length > 0) throw refuse(`"${part}" has more than one =`);
    if (Object.hasOwn(wanted, given)) throw refuse(`${given} is there twice`);
    const name = names.find((each) => each === given);
    if (!name) throw refuse(given === '' ? 'a part of it is empty' : `there is no augmentation "${given}"`);
    wanted[name] = part.trim() === 'mirror' ? 'image' : fromText(fields[name].is, value);
  }
  try {
    return check(augmentationForm, wanted);
  } catch (thrown) {
    throw thrown instanceof ValidationError ? refuse(thrown.message) : thrown;
  }
}

/** The text that `parseAugmentation` reads as this: `mirror=batch,shift=4`, `none`. */
export function augmentationText(augmentation: Augmentation): string {
  const parts = names
    .filter((name) => augmentation[name] !== undefined)
    .map((name) => (augmentation[name] === 'image' ? 'mirror' : `${name}=${augmentation[name]}`));
  return parts.join() || 'none';
}

/** An augmentation as text, in the form that runs and messages show. */
export const augmentationTextForm = text(200, {
  words: 'a text such as mirror,shift=4 or none',
  read: (written) => augmentationText(parseAugmentation(written)),
});
