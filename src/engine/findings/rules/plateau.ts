import { figure } from '../../metrics/index.ts';
import { scalar } from '../../run/format.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { scalarOver, spanOf } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const plateau: Rule = {
  id: 'plateau',
  label: 'the loss stands still',
  means: 'The training no longer gains anything at this rate, or has never begun to: the loss is that of guessing.',
  tries:
    'Change the rate (lower it where the loss trembles, raise it where it crawls), or look at what gradients reach the first layers.',
  source: 'Goodfellow et al. (2016), section 8.2',
  find,
};

function find({ header, records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  const losses = scalarOver(records, 'loss/train');
  if (losses.length < thresholds['records.least']) return undefined;
  const values = losses.map(({ value }) => value);
  const best = Math.min(...values);
  const guessing = Math.log(header.dataset.classes.length);
  const share = thresholds['guessing.share'];
  // A loss that is higher and falls is no cross-entropy of these classes.
  const isOther = header.training.loss === 'squared-error' || (share * best > guessing && best < share * values[0]);
  const isGuess = !isOther && guessing > 0 && best >= share * guessing;
  if (isGuess) {
    return {
      severity: 'warning',
      text: `The training loss never falls below ${figure(best)}; guessing among ${header.dataset.classes.length} classes has ${figure(guessing)}.`,
      ...spanned(losses),
      numbers: { best, guessing },
    };
  }
  const half = values.slice(values.length >> 1);
  const fall = (half[0] - Math.min(...half.slice(1))) / half[0];
  const error = scalar(records[records.length - 1], 'error/train');
  if (fall >= thresholds['plateau.fall'] || !(error > thresholds['plateau.error'])) return undefined;
  return {
    severity: 'note',
    text: `The training loss stands at ${figure(best)} for the last half of the run, with a training error of ${figure(error)}.`,
    ...spanned(losses.slice(values.length >> 1)),
    numbers: { fall, best, error },
  };
}

const spanned = (losses: readonly { number: number }[]): Pick<Found, 'records'> => {
  const records = spanOf(losses);
  return records ? { records } : {};
};
