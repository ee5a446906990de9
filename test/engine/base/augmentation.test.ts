import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  augmentationText,
  augmentationTextForm,
  parseAugmentation,
  type Augmentation,
} from '../../../src/engine/base/augmentation.ts';
import { checkOption } from '../../../src/engine/base/schema/index.ts';

const parsed = (text: string): Augmentation => parseAugmentation(checkOption(augmentationTextForm, text, '--augment'));

describe('parseAugmentation', () => {
  it('reads parts in any order, with blanks', () => {
    expect(parsed('mirror,shift=4,crop=0.8,colour=0.2')).toEqual({ mirror: 'image', shift: 4, crop: 0.8, colour: 0.2 });
    expect(parsed(' crop = 1 , mirror=batch ')).toEqual({ crop: 1, mirror: 'batch' });
    expect(parsed('mirror=image')).toEqual({ mirror: 'image' });
    expect(parsed('none')).toEqual({});
  });

  it('reads back what it writes', () => {
    const any = fc.record<Augmentation>(
      {
        mirror: fc.constantFrom('batch' as const, 'image' as const),
        shift: fc.integer({ min: 0, max: 1000 }),
        crop: fc.integer({ min: 1, max: 100 }).map((share) => share / 100),
        colour: fc.integer({ min: 0, max: 100 }).map((share) => share / 100),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (wanted) => {
        expect(parsed(augmentationText(wanted))).toEqual(wanted);
      }),
    );
  });

  it.each([
    ['', 'a part of it is empty'],
    ['mirror,', 'a part of it is empty'],
    ['flip', 'there is no augmentation "flip"'],
    ['mirror=both', 'mirror must be "batch" or "image"; it is "both"'],
    ['mirror,none', 'there is no augmentation "none"'],
    ['shift', 'shift must be a whole number from 0 to 1000'],
    ['shift=1.5', 'shift must be a whole number from 0 to 1000'],
    ['shift=1001', 'shift must be a whole number from 0 to 1000'],
    ['shift=-1', 'shift must be a whole number from 0 to 1000'],
    ['shift=1e2', 'shift must be a whole number from 0 to 1000'],
    ['crop=0', 'crop must be a number from 0.01 to 1'],
    ['crop=1.1', 'crop must be a number from 0.01 to 1'],
    ['colour=', 'colour must be a number from 0 to 1'],
    ['colour=0.2=0.3', '"colour=0.2=0.3" has more than one ='],
    ['shift=1,shift=2', 'shift is there twice'],
    ['constructor', 'there is no augmentation "constructor"'],
  ])('refuses %o', (text, why) => {
    expect(() => parsed(text)).toThrow(
      expect.objectContaining({
        code: 'bad-option',
        exitCode: 2,
        message: expect.stringContaining(why) as string,
        hint: expect.stringContaining('mirror, mirror=batch, shift=4') as string,
      }),
    );
  });

  it('shows no control characters of what it was given', () => {
    expect(() => parsed('\u001b[31m')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('\u001b') as string }),
    );
  });
});
