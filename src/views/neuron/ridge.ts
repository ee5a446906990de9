import { niceTicks, decimalsOf, formatFixed } from '../../imaging/charts/axis.ts';
import type { Range } from '../../imaging/charts/heatmap.ts';
import { clamp } from '../model/steps.ts';
import { placed, plainText } from '../text/spans.ts';

/**
 * The share of values below `value`, by quantiles at equal steps from 0 to 100 %, linear between them.
 * @returns 0..1
 */
export function shareBelow(quantiles: ArrayLike<number>, value: number): number {
  const last = quantiles.length - 1;
  if (last < 1 || value <= quantiles[0]) return last === 0 && value > quantiles[0] ? 1 : 0;
  for (let index = 0; index < last; index++) {
    const low = quantiles[index];
    const high = quantiles[index + 1];
    if (value > low && value <= high) return (index + (value - low) / (high - low)) / last;
  }
  return 1;
}

/** The column of `width` that a value falls into; the range's ends are in the first and the last. */
export function columnOf(value: number, [low, high]: Range, width: number): number {
  const share = high > low ? (value - low) / (high - low) : 0.5;
  return clamp(Math.floor(share * width), 0, width - 1);
}

/**
 * The share of a class's values in each of `width` columns that divide the range; they add up to 1.
 * @param quantiles at equal steps from 0 to 100 %, ascending, inside the range
 */
export function shares(quantiles: ArrayLike<number>, range: Range, width: number): number[] {
  const [low, high] = range;
  if (!(high > low)) return Array.from({ length: width }, (_, at) => (at === columnOf(low, range, width) ? 1 : 0));
  const below = Array.from({ length: width + 1 }, (_, edge) =>
    edge === width ? 1 : shareBelow(quantiles, low + ((high - low) * edge) / width),
  );
  return Array.from({ length: width }, (_, at) => below[at + 1] - below[at]);
}

const eighths = Array.from(' ▁▂▃▄▅▆▇█');
const asciiEighths = Array.from(' .:-=+*#@');

/** Bars of block characters. @param heights in eighths of a row @param rows that they may take @returns a text a row, from the top */
export function blockBars(heights: readonly number[], rows: number, ascii: boolean): string[] {
  const signs = ascii ? asciiEighths : eighths;
  return Array.from({ length: rows }, (_, row) => {
    const floor = (rows - 1 - row) * 8;
    return heights.map((height) => signs[clamp(height - floor, 0, 8)]).join('');
  });
}

/**
 * A ridge of block characters: as high as the root of each column's share of the highest one. (The root keeps a tail
 * visible beside a peak: most neurons are silent for most images.) A column with anything in it shows something.
 * @param rows character rows it is high @returns a text a row, from the top
 */
export function ridge(columnShares: readonly number[], rows: number, ascii = false): string[] {
  const most = Math.max(...columnShares, 0);
  const heights = columnShares.map((share) =>
    most > 0 && share > 1e-9 ? Math.max(1, Math.round(Math.sqrt(share / most) * rows * 8)) : 0,
  );
  return blockBars(heights, rows, ascii);
}

/** Numbers under the columns of a range, at round values; as many as fit, none touching another. */
export function numberAxis(range: Range, width: number, ascii = false): string {
  const ticks = niceTicks(range, Math.max(1, Math.floor(width / 7)));
  const decimals = Math.max(0, ...ticks.map((tick) => (tick === 0 ? 0 : decimalsOf(tick))));
  const numbers = ticks.map((tick) => {
    const text = formatFixed(tick, Math.min(decimals, 4), 0, ascii);
    return [columnOf(tick, range, width) - Math.floor(text.length / 2), { text }] as const;
  });
  return plainText(placed(Math.max(0, width), numbers));
}
