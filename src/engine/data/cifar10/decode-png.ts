import { imageBytes } from './layout.ts';

/**
 * Decodes a batch of the npm archive: a PNG whose rows are images of 1 024 pixels.
 * @returns [images, 32, 32, 3]
 * @throws Error that says what the picture is instead
 */
export async function decodeBatchPng(png: Buffer, images: number): Promise<Uint8Array> {
  // Loaded when it is needed: most starts find the data unpacked.
  const { default: sharp } = await import('sharp');
  const width = imageBytes / 3;
  const picture = sharp(png, { limitInputPixels: width * images, failOn: 'warning' });
  const { format, width: w, height: h, channels, depth } = await picture.metadata();
  if (format !== 'png' || w !== width || h !== images || channels < 3 || depth !== 'uchar') {
    throw new Error(
      `a ${w}x${h} ${format} picture with ${channels} channels, not a PNG of ${width}x${images} in colour`,
    );
  }
  return picture.removeAlpha().raw().toBuffer();
}
