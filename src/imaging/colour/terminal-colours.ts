import type { ColourDepth, Rgb } from '../cells/cells.ts';
import { oklabOf, type Oklab } from './oklab.ts';

const cubeSteps = [0, 95, 135, 175, 215, 255];

/**
 * The sixteen colours that a terminal's theme defines, with xterm's default values. A cell that holds one of these very
 * arrays means "the theme's colour": it is sent as SGR 30-37, 90-97 whatever the depth, so that the theme decides.
 */
export const ansiColours: readonly Rgb[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

function fixedColour(index: number): Rgb {
  if (index >= 232) {
    const grey = 8 + 10 * (index - 232);
    return [grey, grey, grey];
  }
  const cube = index - 16;
  return [cubeSteps[Math.floor(cube / 36)], cubeSteps[Math.floor(cube / 6) % 6], cubeSteps[cube % 6]];
}

/** xterm's 256 colours: 0-15 are the theme's, 16-231 a 6x6x6 cube, 232-255 greys. */
export const xtermColours: readonly Rgb[] = [
  ...ansiColours,
  ...Array.from({ length: 240 }, (_, index) => fixedColour(index + 16)),
];

const ansiIndices = new Map<Rgb, number>(ansiColours.map((colour, index) => [colour, index]));

/** The index 0..15 when `colour` is one of {@link ansiColours} itself (not merely equal to it). */
export function ansiIndex(colour: Rgb): number | undefined {
  return ansiIndices.get(colour);
}

/** Depths at which a colour becomes the nearest of a few. */
export type FewColours = Extract<ColourDepth, '256' | '16'>;

let labs: readonly Oklab[] | undefined;

/** OKLab of every entry of {@link xtermColours}. */
export function xtermLabs(): readonly Oklab[] {
  labs ??= xtermColours.map(oklabOf);
  return labs;
}

const nearestFixed = new Map<number, number>();
const nearestTheme = new Map<number, number>();
const cacheLimit = 65_536;

/** The place of the colour nearest to `lab` among those of a depth; of the 256, 0-15 are left out: themes change them. */
export function nearestOf([lightness, a, b]: Oklab, depth: FewColours): number {
  const candidates = xtermLabs();
  const end = depth === '16' ? 16 : 256;
  let best = 0;
  let bestDistance = Infinity;
  for (let index = depth === '16' ? 0 : 16; index < end; index++) {
    const candidate = candidates[index];
    // Most are too light or too dark already: a picture asks for each of its pixels.
    const byLightness = (lightness - candidate[0]) ** 2;
    if (byLightness >= bestDistance) continue;
    const distance = byLightness + (a - candidate[1]) ** 2 + (b - candidate[2]) ** 2;
    if (distance < bestDistance) {
      bestDistance = distance;
      best = index;
    }
  }
  return best;
}

function nearest(colour: Rgb, depth: FewColours, cache: Map<number, number>): number {
  const key = (colour[0] << 16) | (colour[1] << 8) | colour[2];
  const known = cache.get(key);
  if (known !== undefined) return known;
  const best = nearestOf(oklabOf(colour), depth);
  if (cache.size >= cacheLimit) cache.clear();
  cache.set(key, best);
  return best;
}

/** The entry 16..255 nearest in OKLab; entries 0-15 are left out because themes change them. */
export function nearestXterm(colour: Rgb): number {
  return nearest(colour, '256', nearestFixed);
}

/** The theme colour 0..15 nearest in OKLab, taking xterm's defaults for the theme. */
export function nearestAnsi(colour: Rgb): number {
  return nearest(colour, '16', nearestTheme);
}

/** What `colour` becomes on a terminal of this depth, taking xterm's defaults for its theme; `none` leaves no colour. */
export function shownColour(colour: Rgb, depth: ColourDepth): Rgb | undefined {
  if (depth === 'none') return undefined;
  if (depth === 'truecolour') return colour;
  if (depth === '16') return ansiColours[nearestAnsi(colour)];
  return xtermColours[ansiIndex(colour) ?? nearestXterm(colour)];
}
