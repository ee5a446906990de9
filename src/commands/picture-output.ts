import { extname, resolve } from 'node:path';
import { writeFileAtomically } from '../engine/base/files.ts';
import { DeepviewError, exitCodes } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import type { CellGrid, ColourDepth, Picture, Size } from '../imaging/cells/cells.ts';
import type { CommandContext } from './common.ts';

/** What a picture of the screen may be printed as. */
export type PictureFormat = 'text' | 'ansi' | 'png' | 'svg' | 'json';

/** Where a picture goes, and as what. */
export interface PictureOutput {
  /** By default what the file's name or the terminal asks for. */
  format?: PictureFormat | undefined;
  /** A file to write instead of standard output. */
  output?: string | undefined;
}

const byExtension: Readonly<Record<string, PictureFormat>> = {
  '.png': 'png',
  '.svg': 'svg',
  '.json': 'json',
  '.ansi': 'ansi',
  '.txt': 'text',
};

/** Larger pictures are refused: nobody reads them, and a PNG of them would not fit into memory. */
const largest: Size = { columns: 1000, rows: 400 };

/** Columns and rows out of `120x40`. @throws DeepviewError `bad-size` */
export function parseSize(text: string): Size {
  const [, columns, rows] = /^(\d{1,6})x(\d{1,6})$/i.exec(text.trim()) ?? [];
  const size = { columns: Number(columns), rows: Number(rows) };
  const fits = size.columns >= 1 && size.rows >= 1 && size.columns <= largest.columns && size.rows <= largest.rows;
  if (!fits) {
    throw new DeepviewError('bad-size', `"${printable(text, 40)}" is not a size`, {
      hint: `Give columns x rows, such as 120x40, up to ${largest.columns}x${largest.rows}.`,
      exitCode: exitCodes.usage,
    });
  }
  return size;
}

/** What is printed: as --json or --format say, else as the file's name or the terminal asks for. */
export function formatOf({ format, output }: PictureOutput, context: CommandContext): PictureFormat {
  const { json, stdout, env } = context;
  if (json) return 'json';
  if (format) return format;
  const named = output === undefined ? undefined : byExtension[extname(output).toLowerCase()];
  const canStyle = output === undefined && stdout.isTTY && env['TERM'] !== 'dumb';
  return named ?? (canStyle ? 'ansi' : 'text');
}

/** What a view looks like, and the pictures to be drawn over it. */
export interface Drawn {
  cells: CellGrid;
  pictures: readonly Picture[];
}

/** The colours to draw with: those that were asked for, else what the terminal has, or a picture. */
export async function depthFor(format: PictureFormat, { screen, env }: CommandContext): Promise<ColourDepth> {
  if (format === 'text') return 'none';
  if (screen.colour !== 'auto') return screen.colour;
  if (format !== 'ansi') return 'truecolour';
  return (await import('../imaging/colour/colour-depth.ts')).detectColourDepth(env, true);
}

/** @throws DeepviewError `picture-to-terminal` (usage): before anything is computed for it */
export function refusePngOnTerminal(format: PictureFormat, { output }: PictureOutput, context: CommandContext): void {
  if (format !== 'png' || output !== undefined || !context.stdout.isTTY) return;
  throw new DeepviewError('picture-to-terminal', 'a PNG is not text for a terminal', {
    hint: 'Write it to a file: -o picture.png',
    exitCode: exitCodes.usage,
  });
}

/** What was drawn in the form that was asked for. */
export async function encoded(
  { cells, pictures }: Drawn,
  format: Exclude<PictureFormat, 'json'>,
  context: CommandContext,
): Promise<string | Buffer> {
  switch (format) {
    case 'text':
      return `${(await import('../imaging/cells/grid.ts')).gridToText(cells)}\n`;
    case 'svg':
      return (await import('../imaging/files/svg.ts')).svgOf(cells);
    case 'png':
      return (await import('../imaging/files/png.ts')).pngOf(cells, undefined, pictures);
    case 'ansi': {
      const { encodeGrid } = await import('../imaging/cells/ansi.ts');
      return `${encodeGrid(cells, await depthFor(format, context))}\n`;
    }
  }
}

/** Writes to the file that was named, whole or not at all, or to standard output, and waits until it is taken. */
export async function putOut(
  data: string | Buffer,
  { output }: PictureOutput,
  { stdout, cwd }: CommandContext,
): Promise<void> {
  if (output !== undefined) {
    await writeFileAtomically(resolve(cwd, output), typeof data === 'string' ? data : [data]);
    return;
  }
  await new Promise<void>((taken, failed) => stdout.write(data, (error) => (error ? failed(error) : taken())));
}
