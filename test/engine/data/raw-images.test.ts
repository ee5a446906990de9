import { describe, expect, it } from 'vitest';
import { firstImages, MemoryImages } from '../../../src/engine/data/raw-images.ts';

const images = new MemoryImages(Uint8Array.of(1, 2, 3, 4, 5, 6), Uint16Array.of(7, 8, 9), 2);

describe('MemoryImages', () => {
  it('views ranges', () => {
    expect([...images.view(1, 3)]).toEqual([3, 4, 5, 6]);
    expect([...images.view(2, 3)]).toEqual([5, 6]);
    expect([...images.view(3, 3)]).toEqual([]);
  });

  it('refuses what is not there, or not as many as labels', () => {
    for (const [from, to] of [
      [-1, 1],
      [2, 4],
      [2, 1],
      [0.5, 1],
    ]) {
      expect(() => images.view(from, to)).toThrow(RangeError);
    }
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
