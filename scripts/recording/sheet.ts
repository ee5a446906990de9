import { bundledFiles, type BundledIndex } from '../../src/engine/data/bundled-images.ts';
import type { StoredImages } from '../../src/engine/data/stored-images.ts';

/** Images a row of a sheet. */
const mostAcross = 64;

/**
 * Validation images on one sheet, as a run carries them: the files of its `images/` folder.
 * @param images places in the validation images, ascending, at least one
 * @param quality of WebP, 1..100; 100 keeps every pixel as it is
 */
export async function encodeSheet(
  source: StoredImages,
  images: readonly number[],
  quality: number,
): Promise<Map<string, Uint8Array>> {
  const [height, width, channels] = source.imageShape;
  const across = Math.min(mostAcross, images.length);
  const down = Math.ceil(images.length / across);
  const rowBytes = width * channels;
  const sheet = new Uint8Array(across * down * height * rowBytes);
  images.forEach((image, place) => {
    const pixels = source.pixels(image);
    const left = (place % across) * rowBytes;
    const top = Math.floor(place / across) * height;
    for (let row = 0; row < height; row++) {
      sheet.set(pixels.subarray(row * rowBytes, (row + 1) * rowBytes), (top + row) * across * rowBytes + left);
    }
  });
  const { default: sharp } = await import('sharp');
  const raw = { width: across * width, height: down * height, channels: channels === 1 ? 1 : 3 } as const;
  const encoded = await sharp(sheet, { raw })
    .webp(quality >= 100 ? { lossless: true, effort: 6 } : { quality, smartSubsample: true, effort: 6 })
    .toBuffer();
  const index: BundledIndex = {
    format: 1,
    sheet: 'sheet.webp',
    across,
    images: [...images],
    labels: images.map((image) => source.labels[image]),
  };
  return new Map<string, Uint8Array>([
    [bundledFiles.index, Buffer.from(`${JSON.stringify(index)}\n`)],
    [index.sheet, encoded],
  ]);
}
