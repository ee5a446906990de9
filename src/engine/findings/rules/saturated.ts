import { layerValue } from '../../run/format.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { layersNamed, percent } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const saturated: Rule = {
  id: 'saturated',
  label: 'saturated neurons',
  means:
    'Activations at the ends of a sigmoid or tanh have next to no gradient: what is before them hardly learns any more.',
  tries: 'Normalise before the activation (batch normalisation), begin with smaller weights, or use a rectified one.',
  source: 'Glorot and Bengio (2010), section 3',
  find,
};

/** Of hidden layers: an output that is certain of its classes is at the ends of its range. */
function find({ header, records, neurons }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  const last = records.at(-1);
  if (!last) return undefined;
  const found = header.network.layers
    .slice(0, -1)
    .map(({ index }) => ({ layer: index, share: layerValue(last, 'saturated', index) }))
    .filter(({ share }) => share >= thresholds['saturated.warning']);
  if (found.length === 0) return undefined;
  const [first] = found;
  const layers = found.map(({ layer }) => layer);
  const always = [...(neurons?.[first.layer - 1]?.['saturated'] ?? [])].flatMap((share, at) =>
    share >= 0.95 ? [at] : [],
  );
  return {
    severity: 'warning',
    text: `Neurons of ${layersNamed(header, layers)} are at an end of their range for ${percent(first.share)} of the images.`,
    layers,
    ...(always.length > 0 && { neurons: always }),
    records: [last.number, last.number],
    numbers: { saturated: first.share },
  };
}
