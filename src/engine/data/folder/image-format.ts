/** The image formats that are read; what a file is called does not matter. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff';

const isAscii = (start: Uint8Array, at: number, text: string): boolean =>
  Buffer.from(start.buffer, start.byteOffset, start.length).toString('latin1', at, at + text.length) === text;

/**
 * The format of an image file by its first bytes, of those formats alone that the decoder is given: it would also take
 * documents (SVG, PDF) that can name other files.
 * @param start the first 16 bytes
 * @returns the format, or what the file seems to be instead
 */
export function imageFormat(start: Uint8Array): ImageFormat | { not: string } {
  if (start.length === 0) return { not: 'empty' };
  if (start[0] === 0xff && start[1] === 0xd8 && start[2] === 0xff) return 'jpeg';
  if (start[0] === 0x89 && isAscii(start, 1, 'PNG\r\n\x1a\n')) return 'png';
  if (isAscii(start, 0, 'RIFF') && isAscii(start, 8, 'WEBP')) return 'webp';
  if (isAscii(start, 0, 'GIF87a') || isAscii(start, 0, 'GIF89a')) return 'gif';
  if (isAscii(start, 0, 'II*\0') || isAscii(start, 0, 'MM\0*')) return 'tiff';
  if (isAscii(start, 0, 'BM')) return { not: 'a BMP, which is not read' };
  if (isAscii(start, 4, 'ftyp')) return { not: 'a HEIF or AVIF, which is not read' };
  if (isAscii(start, 0, '<')) return { not: 'an SVG or another document, which is not read' };
  if (isAscii(start, 0, '%PDF')) return { not: 'a PDF, which is not read' };
  return { not: 'no image' };
}
