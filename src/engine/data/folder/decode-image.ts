import { open } from 'node:fs/promises';
import type { Metadata, Sharp } from 'sharp';
import { systemCode } from '../../errors.ts';
import { formatBytes } from '../../byte-size.ts';
import { limits } from '../../limits.ts';
import { printable } from '../../printable.ts';
import type { Fit, ImageShape } from '../images/image-options.ts';
import { loadSharp, sharpFit } from '../images/sharp.ts';
import { imageFormat } from './image-format.ts';

/** Why a file is no image that can be read: `cut short`. Its message completes `FILE is ...`. */
export class UnreadableImage extends Error {}

/** What an image's header says, after turning it as its EXIF orientation asks. */
export interface ImageFacts {
  height: number;
  width: number;
  /** 1 for grey, 3 for colours; transparency does not count. */
  channels: 1 | 3;
}

/**
 * Reads an image's header.
 * @throws UnreadableImage
 */
export async function imageFacts(path: string): Promise<ImageFacts> {
  const { metadata } = await openImage(path);
  const { space } = metadata;
  const turned = (metadata.orientation ?? 1) >= 5;
  const isGrey = space === 'b-w' || space === 'grey16';
  return {
    height: turned ? metadata.width : metadata.height,
    width: turned ? metadata.height : metadata.width,
    channels: isGrey ? 1 : 3,
  };
}

/**
 * Decodes an image: turned as its EXIF orientation asks, transparency laid on white, 16 bits cut to 8, the first
 * frame of an animation, made to fit the shape.
 * @returns [H, W, C], 0..255
 * @throws UnreadableImage
 */
export async function decodeImage(path: string, shape: ImageShape, fit: Fit): Promise<Uint8Array> {
  const { picture } = await openImage(path);
  const [height, width, channels] = shape;
  try {
    const { data, info } = await picture
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize(width, height, { fit: sharpFit[fit] })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.width !== width || info.height !== height || info.channels !== channels) {
      throw new UnreadableImage(`of ${info.channels} channels once decoded, not ${channels}`);
    }
    return data;
  } catch (thrown) {
    throw unreadable(thrown);
  }
}

async function openImage(path: string): Promise<{ picture: Sharp; metadata: Metadata }> {
  const bytes = await readBounded(path);
  const format = imageFormat(bytes.subarray(0, 16));
  if (typeof format !== 'string') throw new UnreadableImage(format.not);
  const sharp = await loadSharp();
  try {
    const picture = sharp(bytes, { limitInputPixels: limits.imageFilePixels, failOn: 'error', pages: 1 });
    const metadata = await picture.metadata();
    if (metadata.format !== format) throw new UnreadableImage(`a ${printable(metadata.format, 20)} in disguise`);
    return { picture, metadata };
  } catch (thrown) {
    throw unreadable(thrown);
  }
}

async function readBounded(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const info = await file.stat();
      if (!info.isFile()) throw new UnreadableImage('no plain file');
      if (info.size > limits.imageFileBytes) {
        throw new UnreadableImage(
          `larger (${formatBytes(info.size)}) than the ${formatBytes(limits.imageFileBytes)} that are read`,
        );
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const code = systemCode(thrown);
    // A full table of descriptors or a failing disk is no fault of this image.
    if (code === 'EACCES' || code === 'EPERM') throw new UnreadableImage('not to be read: permission denied');
    if (code === 'ENOENT') throw new UnreadableImage('gone');
    throw thrown;
  }
}

/** The library's words as ours: an UnreadableImage, or what was thrown where that is no fault of the image. */
export function unreadable(thrown: unknown): unknown {
  if (thrown instanceof UnreadableImage || !(thrown instanceof Error) || systemCode(thrown) !== undefined)
    return thrown;
  const { message } = thrown;
  if (/exceeds pixel limit/i.test(message)) {
    return new UnreadableImage(
      `of more pixels than the ${(limits.imageFilePixels / 1e6).toFixed(0)} million that are read`,
    );
  }
  if (/premature end|truncated|unexpected end|not enough|EOF|out of data|read error/i.test(message)) {
    return new UnreadableImage('cut short');
  }
  return new UnreadableImage(`damaged (${printable(message.replace(/\s+/g, ' ').replace(/[\s:]+$/, ''), 120)})`);
}
