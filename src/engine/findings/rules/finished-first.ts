import { figure } from '../../metrics/index.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { layerOver, layersNamed } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const finishedFirst: Rule = {
  id: 'finished-first',
  label: 'layers that finished first',
  means: 'What these layers say of the images has long stopped changing while later ones still learn.',
  tries: 'Nothing is wrong; freezing them saves time, and a network this deep may be more than the task needs.',
  source: 'Raghu et al. (2017), "SVCCA": layers converge from the bottom up',
  find,
};

function find({ header, records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  const least = thresholds['finished.drift'];
  const recent = records.slice(-Math.ceil(records.length * thresholds['finished.share']));
  if (records.length < thresholds['records.least']) return undefined;
  const drifts = header.network.layers.slice(0, -1).flatMap(({ index, parameters }) => {
    const values = layerOver(recent, 'drift', index).map(({ value }) => value);
    return parameters > 0 && values.length > 0 ? [{ layer: index, most: Math.max(...values) }] : [];
  });
  const done = drifts.filter(({ most }) => most < least);
  const later = drifts.filter(({ layer, most }) => layer > (done.at(-1)?.layer ?? Infinity) && most >= 10 * least);
  if (done.length === 0 || later.length === 0) return undefined;
  const layers = done.map(({ layer }) => layer);
  return {
    severity: 'note',
    text: `The samples of ${layersNamed(header, layers)} have moved by ${figure(done[0].most)} a record at most since ${header.clock} ${recent[0].number}.`,
    layers,
    records: [recent[0].number, recent[recent.length - 1].number],
    numbers: { drift: done[0].most },
  };
}
