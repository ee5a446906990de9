import { describe, expect, it } from 'vitest';
import { firstImages, MemoryImages } from '../../../src/engine/data/raw-images.ts';

const images = new MemoryImages(Uint8Array.of(1, 2, 3, 4, 5, 6), Uint16Array.of(7, 8, 9), 2);

describe('MemoryImages', () => {
  it('views and copies ranges', () => {
    expect([...images.view(1, 3)]).toEqual([3, 4, 5, 6]);
    const target = new Uint8Array(2);
    images.read(2, 3, target);
    expect([...target]).toEqual([5, 6]);
    expect([...images.view(3, 3)]).toEqual([]);
  });

  it('refuses what is not there or does not fit', () => {
    for (const [from, to] of [
      [-1, 1],
      [2, 4],
      [2, 1],
      [0.5, 1],
    ]) {
      expect(() => images.view(from, to)).toThrow(RangeError);
    }
    expect(() => images.read(0, 1, new Uint8Array(3))).toThrow('do not fit');
    expect(() => new MemoryImages(new Uint8Array(5), new Uint16Array(3), 2)).toThrow('5 bytes are not 3 images of 2');
  });
});

describe('firstImages', () => {
  it('keeps the first, with their labels, and all when there are no more', () => {
    const first = firstImages(images, 2);
    expect(first.count).toBe(2);
    expect([...first.labels]).toEqual([7, 8]);
    expect([...first.view(0, 2)]).toEqual([1, 2, 3, 4]);
    expect(() => first.view(1, 3)).toThrow(RangeError);
    expect(firstImages(images, 3)).toBe(images);
    expect(firstImages(images, 99)).toBe(images);
  });
});
