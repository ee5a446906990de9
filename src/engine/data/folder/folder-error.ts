import { DeepviewError, exitCodes } from '../../base/errors.ts';

/** An error about a folder of images, exit code 4. */
export const folderError = (code: string, message: string, hint?: string): DeepviewError =>
  new DeepviewError(code, message, { hint, exitCode: exitCodes.unreadable });

const imageName = /\.(jpe?g|jfif|png|webp|gif|tiff?|bmp|avif|heic|heif|jp2|jxl|svg)$/i;

/** Whether a file is an image by its name; which of these can be read is another matter. */
export const hasImageName = (name: string): boolean => imageName.test(name);
