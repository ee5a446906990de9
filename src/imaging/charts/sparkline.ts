import { levelOf, rangeOf, type Range } from './heatmap.ts';

const bars = Array.from('▁▂▃▄▅▆▇█');
const asciiBars = Array.from('_.-=+*#@');

/**
 * A line of bars, a value each, the last `columns` values; a value that is not finite is a blank,
 * values that are all equal have a bar of half the height.
 * @param options.range lowest and highest bar; by default those of the values shown
 */
export function sparkline(
  values: ArrayLike<number>,
  columns: number,
  options: { range?: Range; ascii?: boolean } = {},
): string {
  const shown = columns > 0 ? Array.from(values).slice(-columns) : [];
  const range = options.range ?? rangeOf(shown) ?? [0, 0];
  const levels = options.ascii ? asciiBars : bars;
  const level = (value: number): number => (range[1] > range[0] ? levelOf(value, range, levels.length) : 3);
  return shown.map((value) => (Number.isFinite(value) ? levels[level(value)] : ' ')).join('');
}
