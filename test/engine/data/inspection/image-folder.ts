import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { side } from './planted.ts';
import { pngOfPixels } from '../../../support/pixels.ts';

/** Writes pictures of `planted.ts` as PNG files: paths below `root`, with their pixels, or text that is no picture. */
export async function imageFolder(root: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : await pngOfPixels(content, side, side));
  }
}
