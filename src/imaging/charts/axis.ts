import type { Range } from './heatmap.ts';

/**
 * Round values (1, 2, 2.5 or 5 times a power of ten apart) inside the range, at most `most` of them, ascending.
 * Empty when the range is not finite or holds none.
 */
export function niceTicks([minimum, maximum]: Range, most: number): number[] {
  if (!Number.isFinite(minimum) || !Number.isFinite(maximum) || most < 1 || maximum < minimum) return [];
  if (minimum === maximum) return [minimum];
  const least = (maximum - minimum) / most;
  // Below that numbers lose their digits, and a step would be 0.
  if (least < leastStep) return [];
  let step = tickStep(least, 0);
  for (let next = 1; Math.floor(maximum / step) - Math.ceil(minimum / step) + 1 > most; next++) {
    step = tickStep(least, next);
  }
  const ticks: number[] = [];
  const decimals = decimalsOf(step);
  const first = Math.ceil(minimum / step - 1e-9);
  // So narrow a range beside its values that its steps cannot be told apart.
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(first + most)) return [];
  for (let index = first; ticks.length < most && index * step <= maximum + step * 1e-9; index++) {
    ticks.push(decimals > 20 ? index * step : Number((index * step).toFixed(decimals)));
  }
  return ticks;
}

// The least positive number of full precision.
const leastStep = 2 ** -1022;
const factors = [1, 2, 2.5, 5];

// The first round step of at least `least`, or a later one: index 0 is the first.
function tickStep(least: number, index: number): number {
  const exponent = Math.floor(Math.log10(least));
  const first = factors.findIndex((factor) => factor * 10 ** exponent >= least * (1 - 1e-9));
  const place = (first < 0 ? factors.length : first) + index;
  return factors[place % factors.length] * 10 ** (exponent + Math.floor(place / factors.length));
}

/** Decimals needed to write a step of ticks exactly (0 for whole numbers). */
export function decimalsOf(step: number): number {
  if (!Number.isFinite(step) || step === 0) return 0;
  for (let decimals = 0; decimals < 20; decimals++) {
    const scaled = Math.abs(step) * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * Math.max(1, scaled) && Math.round(scaled) > 0) return decimals;
  }
  return 20;
}

/**
 * A number with fixed decimals, right-aligned in `width` characters, so that nothing jumps when a digit is gained.
 * Where it does not fit it loses decimals, then becomes `1.2e9`, and `#` in every column where that has no room either:
 * what is shown is the value, rounded, or nothing. NaN is `–` (`-` with `ascii`), infinities `∞` (`inf`).
 * @param width 0 for as long as it is
 */
export function formatFixed(value: number, decimals: number, width = 0, ascii = false): string {
  const forms = Number.isNaN(value)
    ? [ascii ? '-' : '–']
    : Number.isFinite(value)
      ? formsOf(value, decimals)
      : [`${value < 0 ? '-' : ''}${ascii ? 'inf' : '∞'}`];
  for (const text of forms) if (width === 0 || text.length <= width) return text.padStart(width);
  return '#'.repeat(width);
}

/** Digits behind the point of a number that is written with an exponent. */
const exponentDigits = 3;

/** A finite number from its most exact form to its shortest. */
function* formsOf(value: number, decimals: number): Generator<string> {
  for (let digits = decimals; digits >= 0 && Math.abs(value) < 1e15; digits--) {
    const text = value.toFixed(digits);
    yield /^-0\.?0*$/.test(text) ? text.slice(1) : text;
  }
  for (let digits = exponentDigits; digits >= 0; digits--) yield value.toExponential(digits).replace('e+', 'e');
}

/** A label and the cell it stands at. */
export interface AxisLabel {
  at: number;
  text: string;
}

/**
 * Labels for a vertical axis of `rows` cells, the maximum at row 0 and the minimum at the last, all with the same
 * decimals and width.
 */
export function verticalLabels(range: Range, rows: number): AxisLabel[] {
  const ticks = niceTicks(range, Math.max(2, Math.floor((rows + 1) / 2)));
  const decimals = ticks.length > 1 ? Math.max(...ticks.map((tick) => (tick === 0 ? 0 : decimalsOf(tick)))) : 2;
  const texts = ticks.map((tick) => formatFixed(tick, decimals));
  const width = Math.max(0, ...texts.map((text) => text.length));
  const span = range[1] - range[0];
  return ticks
    .map((tick, index) => ({
      at: span > 0 ? Math.round(((range[1] - tick) / span) * (rows - 1)) : Math.floor(rows / 2),
      text: texts[index].padStart(width),
    }))
    .reverse()
    .filter((label, index, all) => index === 0 || label.at !== all[index - 1].at);
}
