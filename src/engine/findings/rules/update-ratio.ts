import { figure } from '../../metrics/index.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { layersNamed, typicalOfLayers } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const updateRatio: Rule = {
  id: 'update-ratio',
  label: 'steps of an unusual size',
  means: 'A step moves a layer by far more or far less of its weights than the usual 0.001: its rate does not fit it.',
  tries: 'Change the rate by as much as the ratio is off, or give the layer a rate of its own.',
  source: 'Karpathy, CS231n, "Ratio of weights:updates"',
  find,
};

/** Of layers that move at all: those that never do are another rule's. */
function find({ header, records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  if (records.length < thresholds['records.least']) return undefined;
  const [low, high] = [thresholds['update.low'], thresholds['update.high']];
  const ratios = typicalOfLayers(header, records, 'update_ratio').filter(({ value }) => value > 0);
  const off = ratios
    .map(({ layer, value }) => ({ layer, value, times: value > high ? value / high / 10 : low / value / 100 }))
    .filter(({ value }) => value > high || value < low)
    .sort((a, b) => b.times - a.times);
  if (off.length === 0) return undefined;
  const [worst] = off;
  const layers = off.map(({ layer }) => layer);
  return {
    severity: worst.times > 1 ? 'warning' : 'note',
    text: `A step moves ${layersNamed(header, layers)} by ${figure(worst.value)} of the weights; ${low} to ${high} is usual.`,
    layers,
    records: [records[0].number, records[records.length - 1].number],
    numbers: { update_ratio: worst.value },
  };
}
