import type { Cell, ColourDepth, Rgb } from '../cells/cells.ts';
import { ansiColours, xtermColours } from './terminal-colours.ts';

// Blue below and orange above, which all common colour blindnesses keep apart; grey between, as far from either.
const anchors: readonly Rgb[] = [
  [95, 215, 255],
  [0, 135, 215],
  [0, 75, 125],
  [58, 58, 58],
  [125, 70, 0],
  [225, 125, 0],
  [255, 205, 95],
];
/** Of 256 colours: entries above the theme's sixteen. */
const entries = [81, 32, 24, 237, 94, 172, 221];
/** Of the theme's sixteen. */
const own = [14, 6, 8, 3, 11];

/** An odd number: the middle one is zero. */
const truecolourLevels = 31;

/** Without colour: signs for much less, less, about as much, more, much more. */
const signs = ['=', '-', '·', '+', '#'];

const blend = (from: Rgb, to: Rgb, share: number): Rgb => {
  const channel = (at: 0 | 1 | 2): number => Math.round(from[at] + share * (to[at] - from[at]));
  return [channel(0), channel(1), channel(2)];
};

function colours(depth: Exclude<ColourDepth, 'none'>): readonly Rgb[] {
  if (depth === '16') return own.map((entry) => ansiColours[entry]);
  if (depth === '256') return entries.map((entry) => xtermColours[entry]);
  return Array.from({ length: truecolourLevels }, (_, level) => {
    const place = (level / (truecolourLevels - 1)) * (anchors.length - 1);
    const below = Math.min(anchors.length - 2, Math.floor(place));
    return blend(anchors[below], anchors[below + 1], place - below);
  });
}

/**
 * The cells of the levels of a difference, an odd number of them with zero in the middle: coloured blanks where there is
 * colour, signs where there is none.
 */
export function divergingCells(depth: ColourDepth, ascii = false): readonly Cell[] {
  if (depth === 'none') return signs.map((text) => ({ text: ascii && text === '·' ? '.' : text }));
  return colours(depth).map((background) => ({ text: ' ', background }));
}
