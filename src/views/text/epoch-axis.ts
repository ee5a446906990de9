import { niceTicks } from '../../imaging/charts/axis.ts';
import { slotStart, type EpochColumns } from '../frame/layout.ts';

/**
 * Numbers of records under their columns: the first, the last, and round ones between, or where none is round some at
 * even distances; none touching another.
 * @param numbers epochs or steps, ascending, one a column in use
 */
export function recordAxis(numbers: readonly number[], columns: EpochColumns): string {
  const [first] = numbers;
  const last = numbers.at(-1);
  if (first === undefined || last === undefined) return '';
  const line = new Array<string>(columns.width).fill(' ');
  const room = Math.max(1, Math.floor(columns.width / (String(last).length + 3)));
  const round = niceTicks([first, last], room).filter((tick) => numbers.includes(tick));
  const step = Math.ceil(numbers.length / room);
  // Both ends may be round though nothing between them is.
  const between = round.some((tick) => tick !== first && tick !== last)
    ? round
    : numbers.filter((_, place) => place % step === 0);
  const isFree = (from: number, to: number): boolean => line.slice(Math.max(0, from), to).every((sign) => sign === ' ');
  for (const number of [first, last, ...between]) {
    const text = String(number);
    const at = Math.min(slotStart(columns, numbers.indexOf(number)), columns.width - text.length);
    if (at < 0 || !isFree(at - 1, at + text.length + 1)) continue;
    for (let index = 0; index < text.length; index++) line[at + index] = text[index] ?? ' ';
  }
  return line.join('');
}
