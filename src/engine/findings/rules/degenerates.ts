import { figure } from '../../metrics/index.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { layerOver, layersNamed, lowest } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const degenerates: Rule = {
  id: 'degenerates',
  label: 'discriminability that degenerates',
  means: 'An inner layer once told the classes apart better than it does now: what it had learned is being lost.',
  tries:
    'Take the weights of the record before the fall, lower the rate from there, or look for dead and saturated neurons in it.',
  source: 'section 5 of the paper',
  find,
};

function find({ header, records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  if (records.length < thresholds['records.least']) return undefined;
  const fallen = header.network.layers.slice(0, -1).flatMap(({ index }) => {
    const values = layerOver(records, 'discriminability', index);
    if (values.length < thresholds['records.least']) return [];
    const peak = values[lowest(values.map(({ number, value }) => ({ number, value: -value })))];
    const share = peak.value > 0 ? values[values.length - 1].value / peak.value : 1;
    return share < thresholds['degenerates.note'] ? [{ layer: index, share, peak }] : [];
  });
  if (fallen.length === 0) return undefined;
  const worst = fallen.reduce((one, other) => (other.share < one.share ? other : one));
  const layers = [worst.layer, ...fallen.map(({ layer }) => layer).filter((layer) => layer !== worst.layer)];
  return {
    severity: worst.share < thresholds['degenerates.warning'] ? 'warning' : 'note',
    text: `The discriminability of ${layersNamed(header, layers)} is ${figure(worst.share, 2)} of what it was at ${header.clock} ${worst.peak.number}.`,
    layers,
    records: [worst.peak.number, records[records.length - 1].number],
    numbers: { share: worst.share, highest: worst.peak.value },
  };
}
