import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { side } from './planted.ts';

/** Writes pictures of `planted.ts` as PNG files: paths below `root`, with their pixels, or text that is no picture. */
export async function imageFolder(root: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    const raw = { width: side, height: side, channels: 3 } as const;
    await writeFile(file, typeof content === 'string' ? content : await sharp(content, { raw }).png().toBuffer());
  }
}
