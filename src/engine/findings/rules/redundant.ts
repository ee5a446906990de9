import { figure } from '../../metrics/index.ts';
import { layerValue } from '../../run/format.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { layersNamed } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

export const redundant: Rule = {
  id: 'redundant',
  label: 'redundant neurons',
  means: 'The neurons of a layer say nearly the same of the images: few of them would do.',
  tries: 'Use fewer neurons there, or dropout; where it came late in the training, look for a rate that is too high.',
  source: 'Gao et al. (2017), participation ratio; own threshold',
  find,
};

/** The newest record says it, of layers whose samples it keeps. */
function find({ header, records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  const last = records.at(-1);
  if (!last) return undefined;
  const found = header.network.layers.flatMap(({ index, units }) => {
    const dimension = layerValue(last, 'dimension', index);
    return dimension > 0 && dimension < thresholds['redundant.share'] * units
      ? [{ layer: index, dimension, units }]
      : [];
  });
  if (found.length === 0) return undefined;
  const layers = found.map(({ layer }) => layer);
  return {
    severity: 'note',
    text: `The ${found[0].units} neurons of ${layersNamed(header, layers)} spread in ${figure(found[0].dimension, 1)} directions.`,
    layers,
    records: [last.number, last.number],
    numbers: { dimension: found[0].dimension, neurons: found[0].units },
  };
}
