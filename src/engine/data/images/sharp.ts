import { availableParallelism } from 'node:os';
import type { SharpConstructor } from 'sharp';
import type { Fit } from './image-options.ts';

export const sharpFit = { crop: 'cover', stretch: 'fill' } as const satisfies Record<Fit, string>;

/** Images under work at a time: results are taken in order, so some must wait for a slow one without idle threads. */
export const workers = (): number => 4 * Math.max(2, availableParallelism());

/** The library of images, loaded when it is needed: most starts find images decoded. */
export async function loadSharp(): Promise<SharpConstructor> {
  const { default: sharp } = await import('sharp');
  // Many images at a time, a thread each, and none comes twice: the library's own threads and cache only cost.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}
