import { Random } from '../../base/random.ts';
import { MemoryImages } from '../raw-images.ts';
import { drawShape, side } from './draw-shape.ts';
import { outlines } from './outlines.ts';

export const shapesShape = [side, side, 3] as const;
export const shapesClasses: readonly string[] = outlines.map(({ name }) => name);
export const shapesSizes = { train: 5000, validation: 1000 } as const;

/**
 * Generates coloured shapes in ten classes, the same on every machine. Every ten images hold each class once, and the
 * first images of a larger set are those of a smaller one.
 * @param part images of different parts differ
 */
export function generateShapes(count: number, part: 'train' | 'validation', seed = 1): MemoryImages {
  const size = side * side * 3;
  const pixels = new Uint8Array(count * size);
  const labels = new Uint16Array(count);
  let order: number[] = [];
  for (let image = 0; image < count; image++) {
    const turn = image % outlines.length;
    if (turn === 0) order = new Random(seed, 'shape classes', part, image).shuffle([...outlines.keys()]);
    labels[image] = order[turn]!;
    drawShape(
      new Uint8ClampedArray(pixels.buffer, image * size, size),
      outlines[order[turn]],
      new Random(seed, 'shape', part, image),
    );
  }
  return new MemoryImages(pixels, labels, size);
}
