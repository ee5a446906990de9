import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { layerOver, layersNamed } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const unchanged: Rule = {
  id: 'unchanged',
  label: 'layers that never changed',
  means:
    'No step moved these layers although others learned: they are frozen, left out of the optimiser, or get no gradient.',
  tries: 'See whether they are meant to be frozen; else give them to the optimiser, or a rate above 0.',
  source: 'this program',
  find,
};

function find({ header, records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  if (records.length < thresholds['records.least']) return undefined;
  const moved = header.network.layers.flatMap(({ index }) => {
    const ratios = layerOver(records, 'update_ratio', index);
    return ratios.length > 0 ? [{ layer: index, still: ratios.every(({ value }) => value === 0) }] : [];
  });
  const layers = moved.filter(({ still }) => still).map(({ layer }) => layer);
  if (layers.length === 0 || layers.length === moved.length) return undefined;
  return {
    severity: 'warning',
    text: `The weights of ${layersNamed(header, layers)} never changed, while those of ${moved.length - layers.length} others did.`,
    layers,
    records: [records[0].number, records[records.length - 1].number],
    numbers: { layers: layers.length },
  };
}
