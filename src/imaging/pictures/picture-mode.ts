import type { ColourDepth, Rgb, Size } from '../cells/cells.ts';
import type { TerminalAbilities } from '../terminal/detect.ts';
import type { Discovery } from './discover.ts';
import type { PictureMode } from './encoder.ts';
import { usualCellSize, type CellSize } from './fit.ts';
import { chooseProtocol, type ImageChoice, type ProtocolChoice } from './protocol.ts';
import { throughTmux } from './tmux.ts';

export interface PictureModeOptions {
  choice: ImageChoice;
  env: Readonly<Record<string, string | undefined>>;
  depth: ColourDepth;
  ascii: boolean;
  /** Of the window. */
  size: Size;
}

// A picture in 256 colours takes four times the bytes of one in 16.
const registersOverSsh = 16;
const usualRegisters = 256;

const backgrounds: Readonly<Record<'dark' | 'light', Rgb>> = { dark: [0, 0, 0], light: [255, 255, 255] };

const asIs = (sequence: string): string => sequence;

/** Sixel's colours: what the terminal has, fewer where bytes are dear. */
function registersOf({ sixelRegisters }: TerminalAbilities, env: PictureModeOptions['env']): number {
  const most = sixelRegisters !== undefined && sixelRegisters >= 2 ? Math.min(256, sixelRegisters) : usualRegisters;
  return env['SSH_CONNECTION'] || env['SSH_TTY'] ? Math.min(most, registersOverSsh) : most;
}

/** Whether that can be a character's cell: terminals that do not know say 0, and some say nonsense. */
const isCredible = ({ width, height }: CellSize): boolean =>
  width >= 2 && width <= 128 && height >= 4 && height <= 256 && height >= width * 0.75 && height <= width * 5;

// How much higher than wide cells are, at least and at most, in fonts for terminals.
const flattest = 1.8;
const slimmest = 2.2;

/**
 * Pixels of a cell by the largest sixel picture: the window's, shared among the cells. Where that is as large as pictures
 * get on this terminal, the window may be larger: then the least that a cell of these proportions can be, so that pictures
 * never reach beyond their cells.
 */
function cellBySixel({ sixelArea, largestSixel }: TerminalAbilities, { columns, rows }: Size): CellSize | undefined {
  if (!sixelArea) return undefined;
  let width = Math.floor(sixelArea.width / columns);
  let height = Math.floor(sixelArea.height / rows);
  if (sixelArea.height === largestSixel?.height) height = Math.max(height, Math.floor(width * flattest));
  if (sixelArea.width === largestSixel?.width) width = Math.max(width, Math.floor(height / slimmest));
  return { width, height };
}

/**
 * Pixels of a cell: as the terminal says, else its text area shared among the cells, else what sixel pictures may take
 * of it, else 8 x 16.
 */
export function cellSizeOf(abilities: TerminalAbilities, size: Size): CellSize {
  const { cell, textArea } = abilities;
  const shared = textArea && {
    width: Math.floor(textArea.width / size.columns),
    height: Math.floor(textArea.height / size.rows),
  };
  const found = [cell, shared, cellBySixel(abilities, size)].find((known) => known && isCredible(known));
  return found ?? usualCellSize;
}

/** How pictures are drawn on a terminal that has been asked, and why so. */
export function pictureModeFor(
  { abilities, outside }: Pick<Discovery, 'abilities' | 'outside'>,
  { choice, env, depth, ascii, size }: PictureModeOptions,
): PictureMode & { chosen: ProtocolChoice } {
  const hasColours = depth !== 'none' && !ascii;
  const chosen = chooseProtocol(choice, { abilities, env, hasColours, ...(outside && { outside }) });
  const isTmux = Boolean(env['TMUX']);
  const { isLight = false, background } = outside?.abilities.background ? outside.abilities : abilities;
  return {
    chosen,
    protocol: chosen.protocol,
    cell: cellSizeOf(isTmux && outside?.abilities.cell ? outside.abilities : abilities, size),
    depth,
    ascii,
    isLight,
    background: background ?? backgrounds[isLight ? 'light' : 'dark'],
    registers: registersOf(abilities, env),
    wrap: isTmux ? throughTmux : asIs,
  };
}
