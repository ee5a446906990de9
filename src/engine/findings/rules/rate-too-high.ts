import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { percent, scalarOver } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const rateTooHigh: Rule = {
  id: 'rate-too-high',
  label: 'learning rate too high',
  means: 'Steps overshoot: the training loss jumps up again and again instead of falling.',
  tries: 'Divide the rate by 3 to 10, or let it fall over the epochs.',
  source: 'LeCun et al. (1998), "Efficient BackProp", section 4.7',
  find,
};

function find({ records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  const losses = scalarOver(records, 'loss/train');
  if (losses.length < thresholds['records.least']) return undefined;
  const least = thresholds['rate-high.least'] * losses[0].value;
  const rises = losses.slice(1).filter(({ value }, at) => {
    const before = losses[at].value;
    return value - before > Math.max(thresholds['rate-high.rise'] * before, least);
  });
  const share = rises.length / (losses.length - 1);
  if (rises.length < 2 || share < thresholds['rate-high.share']) return undefined;
  return {
    severity: 'warning',
    text: `The training loss rises by more than ${percent(thresholds['rate-high.rise'])} at ${rises.length} of ${losses.length - 1} records.`,
    records: [rises[0].number, rises[rises.length - 1].number],
    numbers: { rises: rises.length, share },
  };
}
