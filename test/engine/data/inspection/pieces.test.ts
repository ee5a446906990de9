import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockHash,
  hashDistance,
  hashParts,
  ImageMeter,
} from '../../../../src/engine/data/inspection/measure-image.ts';
import { Groups, differenceShare, nearDuplicates } from '../../../../src/engine/data/inspection/near-duplicates.ts';
import { Random } from '../../../../src/engine/base/random.ts';
import { ProgressMeter } from '../../../../src/engine/base/progress.ts';

const bytes = (length: number, seed: number): Uint8Array => {
  const random = new Random(seed);
  return Uint8Array.from({ length }, () => random.below(256));
};
const length = fc.integer({ min: 1, max: 21 });

describe('ImageMeter', () => {
  it('measures what a plain loop measures, for any shape', () => {
    fc.assert(
      fc.property(length, length, fc.constantFrom(1, 2, 3), fc.nat(), (height, width, channels, seed) => {
        const pixels = bytes(height * width * channels, seed);
        const meter = new ImageMeter([height, width, channels]);
        meter.look(bytes(pixels.length, seed + 1));
        const { thumbnail, sums, squares, isConstant } = meter.look(pixels);
        const [tall, wide] = [Math.min(8, height), Math.min(8, width)];
        const cells = Array.from({ length: tall * wide * channels }, () => [] as number[]);
        pixels.forEach((value, at) => {
          const [y, x] = [Math.floor(at / channels / width), Math.floor(at / channels) % width];
          const cell = Math.floor((y * tall) / height) * wide + Math.floor((x * wide) / width);
          cells[cell * channels + (at % channels)].push(value);
        });
        const means = cells.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
        means.forEach((mean, at) => expect(thumbnail[at]).toBeCloseTo(mean, 3));
        for (let channel = 0; channel < channels; channel++) {
          const own = [...pixels].filter((_, at) => at % channels === channel);
          expect(sums[channel]).toBe(own.reduce((sum, value) => sum + value, 0));
          expect(squares[channel]).toBe(own.reduce((sum, value) => sum + value * value, 0));
        }
        const colours = new Set(
          Array.from({ length: height * width }, (_, at) => pixels.slice(at * channels, (at + 1) * channels).join()),
        );
        expect(isConstant).toBe(colours.size === 1);
      }),
    );
  });
});

describe('blockHash', () => {
  const hashOf = (thumbnail: Float32Array, channels: number): Uint16Array => {
    const parts = new Uint16Array(hashParts);
    blockHash(thumbnail, channels, parts);
    return parts;
  };
  const ones = (parts: Uint16Array): number =>
    parts.reduce((sum, part) => sum + part.toString(2).replaceAll('0', '').length, 0);

  it('sets half of the bits, and the same ones however light the image is or strong its contrast', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(1, 3), (seed, channels) => {
        const random = new Random(seed);
        const thumbnail = Float32Array.from({ length: 64 * channels }, () => 100 + 30 * random.normal());
        const hash = hashOf(thumbnail, channels);
        expect(ones(hash)).toBe(32);
        expect(
          hashOf(
            thumbnail.map((value) => 0.5 * value + 20),
            channels,
          ),
        ).toEqual(hash);
      }),
    );
  });

  it('has distances that count the bits', () => {
    const part = fc.integer({ min: 0, max: 65_535 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 8, maxLength: 8 }), (both) => {
        const parts = Uint16Array.from(both);
        const counted = ones(Uint16Array.from({ length: 4 }, (_, at) => parts[at] ^ parts[at + 4]));
        expect(hashDistance(parts, 0, 4)).toBe(counted);
      }),
    );
  });
});

describe('differenceShare', () => {
  it('is 0 for equal images, the same both ways, and endless beside an image of one colour', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, other) => {
        const [one, two] = [bytes(48, seed), bytes(48, other)];
        expect(differenceShare(one, one)).toBe(0);
        expect(differenceShare(one, two)).toBe(differenceShare(two, one));
      }),
    );
    expect(differenceShare(Uint8Array.of(5, 5), Uint8Array.of(1, 9))).toBe(Infinity);
    // Differences 1 and 1; from the mean 2 and 2 in the plainer: 2 of 8.
    expect(differenceShare(Uint8Array.of(10, 14), Uint8Array.of(9, 15))).toBe(0.25);
  });
});

describe('nearDuplicates', () => {
  it('finds the pairs that comparing all with all finds, each once', async () => {
    const size = 64;
    const images: Uint8Array[] = [];
    const random = new Random(3);
    for (let group = 0; group < 60; group++) {
      const first = bytes(size, group);
      images.push(first);
      for (let twin = 0; twin < group % 4; twin++) {
        images.push(first.map((value) => Math.max(0, Math.min(255, value + random.below(5) - 2))));
      }
    }
    const hashes = new Uint16Array(images.length * hashParts);
    images.forEach((image, at) =>
      blockHash(Float32Array.from(image), 1, hashes.subarray(at * hashParts, (at + 1) * hashParts)),
    );
    const wanted: string[] = [];
    images.forEach((one, first) =>
      images.forEach((other, second) => {
        if (first < second && differenceShare(one, other) <= 0.15) wanted.push(`${first} ${second}`);
      }),
    );
    const thumbnails = new Uint8Array(images.length * size);
    images.forEach((image, at) => thumbnails.set(image, at * size));
    const meter = new ProgressMeter({ label: '', unit: 'items', onProgress: () => undefined });
    const { pairs, isComplete } = await nearDuplicates(
      {
        images: Uint32Array.from(images, (_, at) => at),
        ...{ hashes, thumbnails, thumbnailSize: size },
        difference: (one, other) => differenceShare(images[one], images[other]),
      },
      meter,
    );
    expect(isComplete).toBe(true);
    expect(wanted.length).toBeGreaterThan(100);
    expect(pairs.map((pair) => pair.join(' ')).sort()).toEqual(wanted.sort());
  });
});

describe('Groups', () => {
  it('are what can be reached from each other', () => {
    const number = fc.integer({ min: 0, max: 19 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { maxLength: 25 }), (pairs) => {
        const groups = new Groups(20);
        for (const [one, other] of pairs) groups.join(one, other);
        const reach = Array.from({ length: 20 }, (_, at) => new Set([at]));
        for (let round = 0; round < 20; round++) {
          for (const [one, other] of pairs) {
            for (const at of reach[one]) reach[other].add(at);
            for (const at of reach[other]) reach[one].add(at);
          }
        }
        const wanted = new Set(reach.filter((set) => set.size > 1).map((set) => [...set].sort((a, b) => a - b).join()));
        expect(
          groups
            .list()
            .map((group) => group.join())
            .sort(),
        ).toEqual([...wanted].sort());
      }),
    );
  });
});
