import { pngFile } from '../files/png-file.ts';
import type { PixelSize } from './fit.ts';
import type { IndexedRaster } from './quantise.ts';

/**
 * A PNG of exactly `box` pixels with the picture at its top left, the rest transparent.
 * @param raster of at most 255 colours where the box is larger than it
 */
export function palettePng(raster: IndexedRaster, box: PixelSize): Promise<Buffer> {
  const { width, height, indices, palette } = raster;
  const isPadded = box.width > width || box.height > height;
  const scanlines = Buffer.alloc(box.height * (box.width + 1), isPadded ? palette.length : 0);
  for (let y = 0; y < box.height; y++) {
    const start = y * (box.width + 1);
    scanlines[start] = 0;
    if (y < height) scanlines.set(indices.subarray(y * width, (y + 1) * width), start + 1);
  }
  return pngFile({
    ...box,
    scanlines,
    palette: isPadded ? [...palette, [0, 0, 0]] : palette,
    ...(isPadded && { transparent: palette.length }),
  });
}
