import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageFormat, plainImage, type PlainImage } from '../../../../src/engine/data/folder/plain-image.ts';
import { fixtures } from './scene.ts';

const names = readdirSync(join(fixtures, 'images'));
const bytesOf = (name: string): Buffer => readFileSync(join(fixtures, 'images', name));
const look = (bytes: Buffer): PlainImage | undefined => {
  const format = imageFormat(bytes.subarray(0, 16));
  return typeof format === 'string' ? plainImage(bytes, format) : undefined;
};

describe('plainImage', () => {
  const small = { height: 6, width: 8 };
  const large = { height: 60, width: 90 };
  const plain: Record<string, PlainImage> = {
    'bits.png': { ...small, channels: 1 },
    'colour.png': { ...small, channels: 3 },
    'grey.jpg': { ...small, channels: 1 },
    'grey.png': { ...small, channels: 1 },
    'hills-grey.jpg': { ...large, channels: 1 },
    'hills-progressive.jpg': { ...large, channels: 3 },
    'hills.jpg': { ...large, channels: 3 },
    'hills.png': { ...large, channels: 3 },
    'palette.png': { ...small, channels: 3 },
    'smooth.jpg': { ...small, channels: 3 },
  };

  it.each(names)('knows whether %s is one', (name) => expect(look(bytesOf(name))).toEqual(plain[name]));

  it.each(Object.keys(plain))('holds no beginning of %s to be one', (name) => {
    const bytes = bytesOf(name);
    for (let length = 0; length < bytes.length; length++) expect(look(bytes.subarray(0, length))).toBeUndefined();
  });

  it('takes whatever bytes there are', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names.map(bytesOf)),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        (original, changes) => {
          const bytes = Buffer.from(original);
          for (const [at, value] of changes) bytes[at % Math.min(bytes.length, 700)] = value;
          const found = look(bytes);
          if (found) expect(Math.min(found.height, found.width)).toBeGreaterThan(0);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
