import { figure, median } from '../../metrics/index.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { scalarOver, typicalOfLayers } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const rateTooLow: Rule = {
  id: 'rate-too-low',
  label: 'learning rate too low',
  means: 'The training loss falls at every record, but so little that most of it is left at the end.',
  tries: 'Multiply the rate by 3 to 10, or train for more epochs.',
  source: 'Bengio (2012), "Practical recommendations", section 3.1.1',
  find,
};

function find({ header, records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  const losses = scalarOver(records, 'loss/train');
  if (losses.length < thresholds['records.least']) return undefined;
  const [first, last] = [losses[0], losses[losses.length - 1]];
  const left = last.value / first.value;
  const falls = losses.slice(1).every(({ value }, at) => value < losses[at].value);
  if (!falls || left < thresholds['rate-low.left']) return undefined;
  const ratios = typicalOfLayers(header, records, 'update_ratio').map(({ value }) => value);
  // Where steps were measured they decide; a hard task too leaves most of its loss.
  if (ratios.length === 0 || median(ratios) >= thresholds['rate-low.ratio']) return undefined;
  const ratio = median(ratios);
  return {
    severity: 'warning',
    text: `The training loss still falls and is ${figure(left, 2)} of the first; a step moves layers by ${figure(ratio)} of their weights.`,
    records: [first.number, last.number],
    numbers: { left, update_ratio: ratio },
  };
}
