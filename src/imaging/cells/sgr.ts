import type { ColourDepth, Rgb } from './cells.ts';
import { sameStyle, type CellStyle } from './grid.ts';
import { ansiColours, ansiIndex, nearestAnsi, nearestXterm, xtermColours } from '../colour/terminal-colours.ts';

const attributes = [
  ['bold', 1],
  ['dim', 2],
  ['italic', 3],
  ['underline', 4],
  ['inverse', 7],
] as const;

function themeParameter(index: number, isBackground: boolean): string {
  return String((index < 8 ? 30 : 82) + index + (isBackground ? 10 : 0));
}

function colourParameters(colour: Rgb, isBackground: boolean, depth: ColourDepth): string {
  if (depth === 'none') return '';
  const theme = ansiIndex(colour) ?? (depth === '16' ? nearestAnsi(colour) : undefined);
  if (theme !== undefined) return themeParameter(theme, isBackground);
  const lead = isBackground ? '48' : '38';
  return depth === '256' ? `${lead};5;${nearestXterm(colour)}` : `${lead};2;${colour[0]};${colour[1]};${colour[2]}`;
}

/**
 * The shortest SGR sequence that turns `from` into `to` on a terminal of that depth; empty when nothing changes.
 * Colours not available at the depth become the nearest, and none at `none`.
 */
export function sgrBetween(from: CellStyle, to: CellStyle, depth: ColourDepth): string {
  if (sameStyle(from, to)) return '';
  // A picture's number must arrive as it is, whatever the depth.
  if (to.imageId !== undefined) return `\u001b[0;38;5;${to.imageId}m`;
  if (from.imageId !== undefined) return `\u001b[m${sgrBetween({}, to, depth)}`;
  const isColoured = depth !== 'none';
  const needsReset =
    attributes.some(([name]) => from[name] && !to[name]) ||
    (isColoured && ((from.foreground && !to.foreground) || (from.background && !to.background)));
  const start: CellStyle = needsReset ? {} : from;
  const parameters: string[] = needsReset ? ['0'] : [];
  for (const [name, code] of attributes) if (to[name] && !start[name]) parameters.push(String(code));
  const add = (one: Rgb | undefined, other: Rgb | undefined, isBackground: boolean): void => {
    if (!isColoured || !other || one === other) return;
    const before = one && colourParameters(one, isBackground, depth);
    const after = colourParameters(other, isBackground, depth);
    if (before !== after) parameters.push(after);
  };
  add(start.foreground, to.foreground, false);
  add(start.background, to.background, true);
  if (parameters.length === 0) return '';
  return parameters.length === 1 && needsReset ? '\u001b[m' : `\u001b[${parameters.join(';')}m`;
}

function extendedColour(codes: readonly number[], at: number): { colour: Rgb | undefined; used: number } {
  if (codes[at] === 5) return { colour: xtermColours[codes[at + 1] ?? -1], used: 2 };
  if (codes[at] === 2) {
    const channels = codes.slice(at + 1, at + 4);
    const isValid = channels.length === 3 && channels.every((value) => value >= 0 && value <= 255);
    return { colour: isValid ? (channels as [number, number, number]) : undefined, used: 4 };
  }
  return { colour: undefined, used: 1 };
}

const attributeOf = new Map<number, (typeof attributes)[number][0]>(attributes.map(([name, code]) => [code, name]));
const cleared: Readonly<Record<number, readonly (keyof CellStyle)[]>> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  39: ['foreground'],
  49: ['background'],
};

function without(style: CellStyle, names: readonly (keyof CellStyle)[]): CellStyle {
  return Object.fromEntries(Object.entries(style).filter(([name]) => !(names as readonly string[]).includes(name)));
}

/** The style after an SGR sequence with these parameters (`1;38;5;12`, colons allowed); unknown ones change nothing. */
export function applySgr(style: CellStyle, parameters: string): CellStyle {
  // 38:2::r:g:b has an empty colour space between the 2 and the red.
  const codes = parameters
    .replace(/([34]8):2:[^:;]*:(\d*):(\d*):(\d*)/g, '$1;2;$2;$3;$4')
    .split(/[;:]/)
    .map((code) => (code === '' ? 0 : Number(code)));
  let result: CellStyle = { ...style };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    const attribute = attributeOf.get(code);
    if (code === 0) result = {};
    else if (attribute) result[attribute] = true;
    else if (cleared[code]) result = without(result, cleared[code]);
    else if (code >= 30 && code <= 37) result.foreground = ansiColours[code - 30]!;
    else if (code >= 40 && code <= 47) result.background = ansiColours[code - 40]!;
    else if (code >= 90 && code <= 97) result.foreground = ansiColours[code - 82]!;
    else if (code >= 100 && code <= 107) result.background = ansiColours[code - 92]!;
    else if (code === 38 || code === 48) {
      const { colour, used } = extendedColour(codes, at + 1);
      if (colour) result[code === 38 ? 'foreground' : 'background'] = colour;
      at += used;
    }
  }
  return result;
}
