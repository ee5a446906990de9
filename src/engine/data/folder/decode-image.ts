import { closeSync, constants, fstatSync, open, read } from 'node:fs';
import { promisify } from 'node:util';
import type { Metadata, Sharp } from 'sharp';
import { systemCode } from '../../base/errors.ts';
import { formatBytes } from '../../base/byte-size.ts';
import { limits } from '../../base/limits.ts';
import { printable } from '../../base/printable.ts';
import type { Fit, ImageShape } from '../images/image-options.ts';
import { loadSharp, sharpFit } from '../images/sharp.ts';
import { allBits, whiteOf } from '../images/sixteen-bits.ts';
import { bitmapShape, decodeBitmap } from './decode-bitmap.ts';
import { decodePlain } from './decode-plain.ts';
import {
  hasOtherGamma,
  imageFormat,
  plainImage,
  type ImageFormat,
  type PlainImage,
  whyUnreadable,
} from './plain-image.ts';

/** Why a file is no image that can be read: `cut short`. Its message completes `FILE is ...`. */
export class UnreadableImage extends Error {}

/** What an image's header says, after turning it as its EXIF orientation asks; transparency is no channel. */
export type ImageFacts = PlainImage;

/** What decoding has met that images do not say themselves, of many of them. */
export class Oddities {
  /** Images of 16 bits a value, and the greatest value in them. */
  deep = { count: 0, greatest: 0 };
  /** Images that are the first of several in their file: frames, pages. */
  several = { count: 0, example: '' };
  /** Images whose values are said to be others than a screen's. */
  gamma = { count: 0, example: '' };
  /** Images that can be seen through. */
  transparent = { count: 0, example: '' };

  /** What stands for white in those of 16 bits. */
  get white(): number {
    return this.deep.count > 0 ? whiteOf(this.deep.greatest) : allBits;
  }
}

/**
 * Reads an image's header.
 * @throws UnreadableImage
 */
export async function imageFacts(path: string): Promise<ImageFacts> {
  const file = await openFile(path);
  if (file.plain) return file.plain;
  if (file.bitmap) {
    const [height, width, channels] = file.bitmap;
    return { height, width, channels: channels === 1 ? 1 : 3 };
  }
  const { metadata } = await openImage(file);
  const { space } = metadata;
  const turned = (metadata.orientation ?? 1) >= 5;
  const isGrey = space === 'b-w' || space === 'grey16';
  return {
    height: turned ? metadata.width : metadata.height,
    width: turned ? metadata.height : metadata.width,
    channels: isGrey ? 1 : 3,
  };
}

/** As `imageFacts`; undefined for a file that cannot be read, which decoding meets again and names. */
export const factsIfReadable = (path: string): Promise<ImageFacts | undefined> =>
  imageFacts(path).catch((thrown: unknown) => {
    if (thrown instanceof UnreadableImage) return undefined;
    throw thrown;
  });

/**
 * Decodes an image: turned as its EXIF orientation asks, transparency laid on white, 16 bits brought to 8, the first
 * frame of an animation, made to fit the shape.
 * @param white what stands for it where values have 16 bits; all of them set by default
 * @param met told what the image does not say itself
 * @returns [H, W, C], 0..255
 * @throws UnreadableImage
 */
export async function decodeImage(
  path: string,
  shape: ImageShape,
  fit: Fit,
  { white = allBits, met = new Oddities() }: { white?: number; met?: Oddities } = {},
): Promise<Uint8Array> {
  const file = await openFile(path);
  const quickly = file.plain && (await decodePlain(file.bytes, file.plain, shape, fit));
  if (quickly) return quickly;
  const { picture, metadata } = await openImage(file);
  const [height, width, channels] = shape;
  const isDeep = metadata.depth === 'ushort';
  try {
    if ((metadata.pages ?? 1) > 1) note(met.several, path);
    if (file.format === 'png' && hasOtherGamma(file.bytes)) note(met.gamma, path);
    if (metadata.hasAlpha && !(await picture.clone().stats()).isOpaque) note(met.transparent, path);
    const { data, info } = await picture
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize(width, height, { fit: sharpFit[fit] })
      .toColourspace(isDeep ? (channels === 1 ? 'grey16' : 'rgb16') : channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: isDeep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.width !== width || info.height !== height || info.channels !== channels) {
      throw new UnreadableImage(`of ${info.channels} channels once decoded, not ${channels}`);
    }
    return isDeep ? inEightBits(new Uint16Array(data.buffer, data.byteOffset, data.length / 2), white, met) : data;
  } catch (thrown) {
    throw unreadable(thrown, file);
  }
}

function inEightBits(values: Uint16Array, white: number, { deep }: Oddities): Uint8Array {
  deep.count++;
  for (const value of values) if (value > deep.greatest) deep.greatest = value;
  return Uint8Array.from(values, (value) =>
    white === allBits ? value >> 8 : Math.min(255, (value * 255) / white + 0.5),
  );
}

function note(met: { count: number; example: string }, path: string): void {
  met.count++;
  met.example ||= path;
}

const openAsync = promisify(open);
const readAsync = promisify(read);

/** An image file, not yet decoded. */
interface OpenFile {
  bytes: Buffer;
  format: ImageFormat;
  plain: PlainImage | undefined;
  /** The shape of a file that one library alone decodes. */
  bitmap: ImageShape | undefined;
}

async function openFile(path: string): Promise<OpenFile> {
  const bytes = await readBounded(path);
  const format = imageFormat(bytes.subarray(0, 16));
  if (typeof format !== 'string') throw new UnreadableImage(format.not);
  const plain = plainImage(bytes, format);
  const isBitmap = format === 'bmp' || format === 'netpbm';
  const bitmap = isBitmap ? bitmapShape(bytes) : undefined;
  if (isBitmap && !bitmap) throw new UnreadableImage('damaged');
  const { height, width } = plain ?? { height: bitmap?.[0] ?? 0, width: bitmap?.[1] ?? 0 };
  if (height * width > limits.imageFilePixels) throw tooManyPixels();
  return { bytes, format, plain, bitmap };
}

async function openImage(file: OpenFile): Promise<{ picture: Sharp; metadata: Metadata }> {
  const sharp = await loadSharp();
  const usual = { limitInputPixels: limits.imageFilePixels, failOn: 'error', pages: 1 } as const;
  try {
    if (file.bitmap) {
      const decoded = await decodeBitmap(file.bytes, file.bitmap);
      if (decoded === 'no decoder') throw new UnreadableImage('a BMP or PNM, which is not read on this machine');
      const [height, width] = file.bitmap;
      const picture = sharp(decoded.data, { ...usual, raw: { width, height, channels: decoded.channels } });
      return { picture, metadata: await picture.metadata() };
    }
    const picture = sharp(file.bytes, usual);
    const metadata = await picture.metadata();
    if (metadata.format !== file.format) throw new UnreadableImage(`a ${printable(metadata.format, 20)} in disguise`);
    if (metadata.depth !== 'uchar' && metadata.depth !== 'ushort') {
      throw new UnreadableImage(`of values of the type ${printable(metadata.depth, 20)}, which is not read`);
    }
    return { picture, metadata };
  } catch (thrown) {
    throw unreadable(thrown, file);
  }
}

/** Whatever a name leads to meanwhile: the other end of a pipe is not waited for. */
const readOnly = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * The whole of a file. Opening and reading may wait for a disk, which the library's threads do; promised handles would
 * cost three times the processor time, and small files come by the hundred thousand.
 */
async function readBounded(path: string): Promise<Buffer> {
  try {
    const file = await openAsync(path, readOnly);
    try {
      const info = fstatSync(file);
      if (!info.isFile()) throw new UnreadableImage('no plain file');
      if (info.size > limits.imageFileBytes) {
        throw new UnreadableImage(
          `larger (${formatBytes(info.size)}) than the ${formatBytes(limits.imageFileBytes)} that are read`,
        );
      }
      const bytes = Buffer.allocUnsafeSlow(info.size);
      let at = 0;
      while (at < bytes.length) {
        const { bytesRead } = await readAsync(file, bytes, at, bytes.length - at, at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return bytes.subarray(0, at);
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    const code = systemCode(thrown);
    // A full table of descriptors or a failing disk is no fault of this image.
    if (code === 'EACCES' || code === 'EPERM') throw new UnreadableImage('not to be read: permission denied');
    if (code === 'ENOENT') throw new UnreadableImage('gone');
    throw thrown;
  }
}

/** An UnreadableImage, or what was thrown where that is no fault of the image. */
function unreadable(thrown: unknown, { bytes, format }: OpenFile): unknown {
  if (thrown instanceof UnreadableImage || !(thrown instanceof Error) || systemCode(thrown) !== undefined)
    return thrown;
  if (/exceeds pixel limit/i.test(thrown.message)) return tooManyPixels();
  return new UnreadableImage(whyUnreadable(bytes, format));
}

const tooManyPixels = (): UnreadableImage =>
  new UnreadableImage(`of more pixels than the ${(limits.imageFilePixels / 1e6).toFixed(0)} million that are read`);
