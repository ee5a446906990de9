import { extname, resolve } from 'node:path';
import { writeNamedFile } from '../engine/base/write-files.ts';
import { DeepviewError, exitCodes } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import type { CellGrid, Picture, Size } from '../imaging/cells/cells.ts';
import type { PictureTheme } from '../imaging/files/picture-colours.ts';
import { wishedTheme, type Theme } from '../views/theme/theme.ts';
import { printNotice, requireEnding, type CommandContext } from './common.ts';
import { outputError } from './output.ts';

/** How what was drawn becomes what is printed, by the format's name, which ends the names of its files too. */
const encoders = {
  text: async ({ cells }: Drawn) => `${(await import('../imaging/cells/grid.ts')).gridToText(cells)}\n`,
  ansi: async ({ cells }: Drawn, { depth }: Look) =>
    `${(await import('../imaging/cells/ansi.ts')).encodeGrid(cells, depth)}\n`,
  png: async ({ cells, pictures }: Drawn, _: Look, context: CommandContext) => {
    const { hasSpelled, pngOf } = await import('../imaging/files/png.ts');
    if (hasSpelled(cells)) {
      printNotice(
        context,
        'letters that a PNG has no glyphs for are spelled by their code points; an SVG has them as they are',
      );
    }
    return pngOf(cells, await paperOf(context), pictures);
  },
  svg: async ({ cells }: Drawn, _: Look, context: CommandContext) =>
    (await import('../imaging/files/svg.ts')).svgOf(cells, await paperOf(context)),
};

/** The colours behind a picture, which has no terminal's. */
async function paperOf({ screen, env }: CommandContext): Promise<PictureTheme> {
  const { darkPicture, lightPicture } = await import('../imaging/files/picture-colours.ts');
  return wishedTheme(screen, env).background === 'light' ? lightPicture : darkPicture;
}

export type PictureFormat = keyof typeof encoders | 'json';
export const pictureFormats = [...Object.keys(encoders), 'json'] as readonly PictureFormat[];

/** Where a picture goes, and as what. */
export interface PictureOutput {
  /** By default what the file's name or the terminal asks for. */
  format?: PictureFormat | undefined;
  /** A file to write instead of standard output. */
  output?: string | undefined;
}

/** Larger pictures are refused: they cannot be read, and a PNG of them would not fit into memory. */
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

/**
 * What is printed: as --json or --format say, else as the file's name or the terminal asks for.
 * @throws DeepviewError `wrong-ending` for a name that asks for something else
 */
export function formatOf({ format, output }: PictureOutput, context: CommandContext): PictureFormat {
  const { json, stdout, env } = context;
  if (json) return 'json';
  if (format) return format;
  const ending = extname(output ?? '').toLowerCase();
  const endingOf = (name: PictureFormat): string => (name === 'text' ? '.txt' : `.${name}`);
  requireEnding(output, pictureFormats.map(endingOf), ', or say --format');
  const named = pictureFormats.find((name) => ending === endingOf(name));
  const canStyle = output === undefined && stdout.isTTY && env['TERM'] !== 'dumb';
  return named ?? (canStyle ? 'ansi' : 'text');
}

/** What a view looks like, and the pictures to be drawn over it. */
export interface Drawn {
  cells: CellGrid;
  pictures: readonly Picture[];
}

/** How many colours and which characters are drawn. */
export type Look = Pick<Theme, 'depth' | 'ascii'>;

/** How to draw: as was asked for, else as the terminal has it; what becomes a picture, or a file to be read anywhere, has all. */
export async function lookFor(
  format: PictureFormat,
  { output }: PictureOutput,
  context: CommandContext,
): Promise<Look> {
  const { env, stdout } = context;
  const screen = format === 'text' ? { ...context.screen, colour: 'none' as const } : context.screen;
  if (format === 'png' || format === 'svg') {
    return { depth: screen.colour === 'auto' ? 'truecolour' : screen.colour, ascii: screen.ascii === 'on' };
  }
  const { charactersFor, coloursFor, lookOf } = await import('./ask-terminal.ts');
  if (output === undefined && stdout.isTTY) return (await lookOf({ ...context, screen })).look;
  // A file may be read anywhere.
  const { ascii } = charactersFor(screen.ascii, { ...env, TERM: undefined });
  return { depth: coloursFor(screen.colour, env, true).depth, ascii };
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
export const encoded = (
  drawn: Drawn,
  format: Exclude<PictureFormat, 'json'>,
  look: Look,
  context: CommandContext,
): Promise<string | Buffer> => encoders[format](drawn, look, context);

/** Writes to the file that was named, whole or not at all, or to standard output, and waits until it is taken. */
export async function putOut(
  data: string | Buffer,
  { output }: PictureOutput,
  { stdout, cwd }: CommandContext,
): Promise<void> {
  if (output !== undefined) {
    await writeNamedFile(resolve(cwd, output), typeof data === 'string' ? data : [data]);
    return;
  }
  await new Promise<void>((taken, failed) =>
    stdout.write(data, (error) => (error ? failed(outputError(error)) : taken())),
  );
}
