import type { Picture, Raster } from '../../../src/imaging/cells/cells.ts';

/** The colours of the test picture's quarters: top left, top right, bottom left, bottom right. */
export const quarters = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
] as const;

/** A picture of four coloured quarters, turned by so many. */
export function quarterRaster(width = 16, height = width, turn = 0): Raster {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const quarter = (y * 2 >= height ? 2 : 0) + (x * 2 >= width ? 1 : 0);
      pixels.set(quarters[(quarter + turn) % 4], (y * width + x) * 3);
    }
  }
  return { width, height, channels: 3, pixels };
}

export const quarterPicture = (place: Partial<Picture> = {}): Picture => ({
  row: 2,
  column: 3,
  rows: 4,
  columns: 8,
  raster: quarterRaster(),
  key: 'quarters',
  ...place,
});
