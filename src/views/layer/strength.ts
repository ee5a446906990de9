import type { Cell, Rgb } from '../../imaging/cells/cells.ts';
import { shades } from '../../imaging/colour/colour-maps.ts';
import { ansiColours, xtermColours } from '../../imaging/colour/terminal-colours.ts';
import type { Theme } from '../theme/theme.ts';

// From hardly there to strong, in one hue, so that lines in warm colours stand out on it: the paper's opacity. For 256
// colours exact entries.
const blues: Record<'truecolour' | '256', Record<Theme['background'], readonly Rgb[]>> = {
  truecolour: {
    dark: between([
      [26, 38, 66],
      [28, 66, 120],
      [36, 110, 184],
      [84, 166, 232],
      [190, 230, 255],
    ]),
    light: between([
      [226, 234, 248],
      [176, 204, 240],
      [104, 156, 220],
      [40, 98, 176],
      [10, 36, 92],
    ]),
  },
  '256': { dark: xterm(17, 18, 25, 32, 75, 117, 195), light: xterm(189, 153, 111, 68, 25, 18, 17) },
};

/** Colours of the usual 256, by their numbers. */
function xterm(...indices: readonly number[]): Rgb[] {
  return indices.map((index) => xtermColours[index]);
}

/** Colours on the way through some, three steps from each to the next. */
function between(anchors: readonly Rgb[]): Rgb[] {
  const steps = 3;
  return Array.from({ length: (anchors.length - 1) * steps + 1 }, (_, index): Rgb => {
    const place = Math.min(anchors.length - 2, Math.floor(index / steps));
    const share = index / steps - place;
    const from = anchors[place] ?? [0, 0, 0];
    const to = anchors[place + 1] ?? from;
    const channel = (at: 0 | 1 | 2): number => Math.round(from[at] * (1 - share) + to[at] * share);
    return [channel(0), channel(1), channel(2)];
  });
}

// ASCII shades without the characters that lines are drawn with there.
const asciiShades = Array.from('.:=%@');

/** How many strengths can be told apart. */
export function strengthLevels({ depth, ascii }: Theme): number {
  if (depth === 'truecolour' || depth === '256') return blues[depth].dark.length;
  return ascii ? asciiShades.length : shades.length;
}

/** Whether two levels fit into a cell, one over the other: as the two halves of a block. */
export const hasHalves = ({ depth, ascii }: Theme): boolean => (depth === 'truecolour' || depth === '256') && !ascii;

/**
 * The strength of a share: 0 for none, else 1..levels. By the square root, as few neurons are more often of interest
 * than many.
 * @param share of the neurons, 0..1 @param most the largest share there is
 */
export function strengthOf(share: number, most: number, levels: number): number {
  if (!(share > 0) || !(most > 0)) return 0;
  return Math.max(1, Math.min(levels, Math.ceil(Math.sqrt(share / most) * levels - 1e-9)));
}

/** The colour of a strength from 1 up; nothing where strengths are not told by colour. */
export function strengthColour(strength: number, { depth, background }: Theme): Rgb | undefined {
  return depth === 'truecolour' || depth === '256' ? blues[depth][background][strength - 1] : undefined;
}

/** A cell of one strength. */
export function strengthCell(strength: number, theme: Theme): Cell {
  if (strength === 0) return { text: ' ' };
  const background = strengthColour(strength, theme);
  if (background) return { text: ' ', background };
  const text = (theme.ascii ? asciiShades : shades)[strength - 1] ?? ' ';
  const foreground = ansiColours[theme.background === 'dark' ? 6 : 4];
  return theme.depth === '16' && foreground ? { text, foreground } : { text, dim: true };
}

/** A cell of two strengths, one over the other. */
export function halvesCell(upper: number, lower: number, theme: Theme): Cell {
  if (upper === lower) return strengthCell(upper, theme);
  const [top, bottom] = [strengthColour(upper, theme), strengthColour(lower, theme)];
  if (!bottom) return { text: '▀', ...(top && { foreground: top }) };
  if (!top) return { text: '▄', foreground: bottom };
  return { text: '▀', foreground: top, background: bottom };
}

// Warm colours and white: none is near the blues.
const lineColours: Record<Theme['background'], readonly Rgb[]> = {
  dark: xterm(215, 211, 228, 203, 183, 156, 223, 254),
  light: xterm(166, 161, 94, 124, 91, 22, 52, 234),
};
const themeLines = [3, 1, 5, 2, 7] as const;

/** The colour of the line `index`; nothing without colour, where lines differ by their dashes. */
export function lineColour(index: number, { depth, background }: Theme): Rgb | undefined {
  if (depth === 'none') return undefined;
  if (depth === '16') return ansiColours[themeLines[index % themeLines.length] ?? 3];
  const colours = lineColours[background];
  return colours[index % colours.length];
}

/** The colour of the selected neuron's line. */
export function selectedColour({ depth, background }: Theme): Rgb | undefined {
  if (depth === 'none') return undefined;
  if (depth === '16') return ansiColours[background === 'dark' ? 15 : 0];
  return background === 'dark' ? [255, 255, 255] : [0, 0, 0];
}
