import type { ImageFormat } from './image-format.ts';
import { plainJpeg } from './plain-jpeg.ts';
import { plainPng } from './plain-png.ts';

/** What the header of an image without anything special says. */
export interface PlainImage {
  height: number;
  width: number;
  channels: 1 | 3;
}

/**
 * What a file holds if it is one that every decoder reads alike: 8 bits a value or fewer, grey or colours, upright,
 * without transparency, colour profile or animation, and with its end. Only the structure is looked at, in JavaScript
 * and within bounds; the pixels may still be damaged.
 * @returns undefined for any other file, sound or not
 */
export function plainImage(bytes: Buffer, format: ImageFormat): PlainImage | undefined {
  if (format === 'jpeg') return plainJpeg(bytes);
  return format === 'png' ? plainPng(bytes) : undefined;
}
