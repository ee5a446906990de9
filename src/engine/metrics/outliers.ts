import { median } from './trend.ts';

/** A neuron that stands out in its layer, and why, in words a person reads. */
export interface Outlier {
  /** From 0. */
  index: number;
  reason: string;
}

/** Beyond this modified z-score a value is an outlier (Iglewicz and Hoaglin, 1993). */
const outlierScore = 3.5;

/**
 * The neurons of a layer that deserve a look: those whose last value, or whose change from the first to the last
 * epoch, is an outlier among the layer's neurons; strongest first. At most `maximum`, and always the neurons with
 * the highest and the lowest last value.
 * @param epochs one [neurons] array an epoch: the values shown, finite
 * @param metric how the reasons call the values
 */
export function findOutliers(
  epochs: readonly ArrayLike<number>[],
  { metric = 'discriminability', maximum = 8 } = {},
): Outlier[] {
  if (epochs.length === 0 || epochs[0].length === 0) return [];
  const last = Array.from(epochs[epochs.length - 1]);
  const first = Array.from(epochs[0]);
  const change = last.map((value, c) => value - first[c]);
  const valueScores = modifiedZScores(last);
  const changeScores = modifiedZScores(change);
  const scoreOf = (c: number): number => Math.max(Math.abs(valueScores[c]), Math.abs(changeScores[c]));

  let best = 0;
  let worst = 0;
  for (let c = 1; c < last.length; c++) {
    if (last[c] > last[best]) best = c;
    // Of equals the later one, so that best and worst are two neurons even where all are equal.
    if (last[c] <= last[worst]) worst = c;
  }
  const byScore = last.map((_, c) => c).sort((a, b) => scoreOf(b) - scoreOf(a) || a - b);
  const outliers = byScore.filter((c) => scoreOf(c) > outlierScore);
  const others = outliers.filter((c) => c !== best && c !== worst);
  const chosen = new Set([best, worst, ...others.slice(0, Math.max(0, maximum - 2))]);

  const typical = median(last);
  const typicalChange = median(change);
  return byScore
    .filter((c) => chosen.has(c))
    .map((c) => {
      const reasons: string[] = [];
      if (c === best) reasons.push(`highest ${metric}, ${figure(last[c])}`);
      if (c === worst && worst !== best) reasons.push(`lowest ${metric}, ${figure(last[c])}`);
      if (Math.abs(valueScores[c]) > outlierScore) {
        const side = valueScores[c] > 0 ? 'above' : 'below';
        reasons.push(
          c === best || c === worst
            ? `far ${side} the layer's median of ${figure(typical)}`
            : `${metric} ${figure(last[c])} is far ${side} the layer's median of ${figure(typical)}`,
        );
      }
      if (Math.abs(changeScores[c]) > outlierScore) {
        reasons.push(`changed by ${signed(change[c])}, where the layer's median changed by ${signed(typicalChange)}`);
      }
      return { index: c, reason: reasons.join('; ') };
    });
}

/**
 * 0.6745 (x - median) / MAD; where more than half of the values are equal (MAD = 0), the mean absolute deviation
 * takes its place, as Iglewicz and Hoaglin advise; all zero where all values are equal.
 */
export function modifiedZScores(values: readonly number[]): number[] {
  const centre = median(values);
  const deviations = values.map((value) => Math.abs(value - centre));
  const mad = median(deviations);
  const mean = deviations.reduce((sum, value) => sum + value, 0) / deviations.length;
  const scale = mad > 0 ? mad / 0.6745 : mean * 1.253314;
  return values.map((value) => (scale > 0 ? (value - centre) / scale : 0));
}

/** A number in a sentence or a table: with its exponent where its digits would say nothing, or fill the line. */
export function figure(value: number, digits = 3): string {
  const size = Math.abs(value);
  return size > 0 && (size < 10 ** -digits || size >= 1e7) ? value.toExponential(digits - 2) : value.toFixed(digits);
}

const signed = (value: number): string => `${value < 0 ? '' : '+'}${figure(value)}`;
