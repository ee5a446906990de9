import { layerValue } from '../../run/format.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { layersNamed, percent } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const dead: Rule = {
  id: 'dead',
  label: 'dead neurons',
  means:
    'Rectified units whose input is negative for every image get no gradient, and stay silent: the layer is smaller than it looks.',
  tries:
    'Lower the rate, begin with smaller or He-scaled weights, normalise before the activation, or use a leaky one.',
  source: 'Lu et al. (2019), "Dying ReLU and initialization"',
  find,
};

function find({ header, records, neurons }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  const last = records.at(-1);
  if (!last) return undefined;
  const shares = header.network.layers
    .map(({ index }) => ({ layer: index, share: layerValue(last, 'dead', index) }))
    .filter(({ share }) => share >= thresholds['dead.note']);
  if (shares.length === 0) return undefined;
  // The first of the worst: what comes after it is silent because it is.
  const worst = shares.reduce((one, other) => (other.share > one.share ? other : one));
  const layers = [worst.layer, ...shares.map(({ layer }) => layer).filter((layer) => layer !== worst.layer)];
  const silent = [...(neurons?.[worst.layer - 1]?.['dead'] ?? [])].flatMap((share, at) => (share === 1 ? [at] : []));
  return {
    severity: worst.share < thresholds['dead.warning'] ? 'note' : worst.share < 1 ? 'warning' : 'error',
    text: `${percent(worst.share)} of the neurons of ${layersNamed(header, layers)} are silent for all images.`,
    layers,
    ...(silent.length > 0 && { neurons: silent }),
    records: [last.number, last.number],
    numbers: { dead: worst.share },
  };
}
