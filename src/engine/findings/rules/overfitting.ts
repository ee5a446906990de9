import { figure } from '../../metrics/index.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { lowest, scalarOver } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const overfitting: Rule = {
  id: 'overfitting',
  label: 'overfitting',
  means:
    'The network learns its training images by heart: from the turn of the validation loss on it gets no better for others.',
  tries:
    'Stop at the turn (--early-stopping), augment the images, add weight decay or dropout, or use a smaller network.',
  source: 'Prechelt (1998), "Early stopping - but when?"',
  find,
};

function find({ header, records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  const losses = scalarOver(records, 'loss/validation');
  if (losses.length < thresholds['records.least']) return undefined;
  const turn = losses[lowest(losses)];
  const last = losses[losses.length - 1];
  const since = losses.length - 1 - lowest(losses);
  const times = last.value / turn.value;
  if (since < thresholds['overfit.records'] || !(times >= thresholds['overfit.note'])) return undefined;
  const train = new Map(scalarOver(records, 'loss/train').map(({ number, value }) => [number, value]));
  if (!((train.get(last.number) ?? Infinity) < (train.get(turn.number) ?? -Infinity))) return undefined;
  const errors = scalarOver(records, 'error/validation').map(({ value }) => value);
  const rise = errors.length > 0 ? errors[errors.length - 1] - Math.min(...errors) : 0;
  const isWorse = times >= thresholds['overfit.warning'] && rise >= thresholds['overfit.error'];
  return {
    severity: isWorse ? 'warning' : 'note',
    text: `The validation loss turned at ${header.clock} ${turn.number}, and is ${figure(times, 2)} times as high now, while the training loss fell on.`,
    records: [turn.number, last.number],
    numbers: { times, errorRise: rise },
  };
}
