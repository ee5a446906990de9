import { niceTicks } from '../../imaging/charts/axis.ts';
import { slotStart, type EpochColumns } from '../frame/layout.ts';

/**
 * Numbers of epochs under their columns: the first, the last and round ones between, none touching another.
 * @param first epoch of the first column @param count columns in use
 */
export function epochAxis(first: number, count: number, columns: EpochColumns): string {
  if (count < 1) return '';
  const last = first + count - 1;
  const line = new Array<string>(columns.width).fill(' ');
  const room = Math.max(1, Math.floor(columns.width / (String(last).length + 3)));
  const ticks = niceTicks([first, last], room).filter(Number.isInteger);
  const isFree = (from: number, to: number): boolean => line.slice(Math.max(0, from), to).every((sign) => sign === ' ');
  for (const epoch of [first, last, ...ticks]) {
    const text = String(epoch);
    const at = Math.min(slotStart(columns, epoch - first), columns.width - text.length);
    if (at < 0 || !isFree(at - 1, at + text.length + 1)) continue;
    for (let index = 0; index < text.length; index++) line[at + index] = text[index] ?? ' ';
  }
  return line.join('');
}
