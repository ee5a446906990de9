import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateShapes, shapesClasses, shapesShape } from '../../src/engine/data/shapes/generate-shapes.ts';
import { npy, textNpy, zipOf } from '../engine/data/own/array-files.ts';

/** Where they are: `shapes` would validate with a thousand, for which a test of something else waits. */
export const fewImagesIn = (shared: string): string => join(shared, 'few.npz');

/** Writes the first of the generated shapes as images of a user's own, so many of each part. */
export async function writeShapes(file: string, counts: Record<'train' | 'validation', number>): Promise<void> {
  const part = (which: 'train' | 'validation') => {
    const count = counts[which];
    const { pixels, labels } = generateShapes(count, which);
    return [npy([count, ...shapesShape], 'uint8', pixels), npy([count], 'int32', Int32Array.from(labels))] as const;
  };
  const [[x_train, y_train], [x_val, y_val]] = [part('train'), part('validation')];
  const arrays = { x_train, y_train, x_val, y_val, classes: textNpy(shapesClasses) };
  await writeFile(file, zipOf(arrays));
}
