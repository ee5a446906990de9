import { figure } from '../../metrics/index.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { layerOver, layersNamed, spanOf, typicalOfLayers } from '../series.ts';
import type { Thresholds } from '../thresholds.ts';

const source = 'Glorot and Bengio (2010); Pascanu et al. (2013)';

export const vanishingGradients: Rule = {
  id: 'vanishing-gradients',
  label: 'vanishing gradients',
  means: 'Each layer on the way back shrinks the gradient, so that the first ones hardly learn.',
  tries: 'Normalise between the layers, use rectified activations or skip connections, or He-scaled first weights.',
  source,
  find: findVanishing,
};

export const explodingGradients: Rule = {
  id: 'exploding-gradients',
  label: 'exploding gradients',
  means: 'Gradients grow on the way back, or jump in single steps, which throws the weights far from where they were.',
  tries: 'Clip them (--clip-gradient 1), lower the rate, or begin with smaller weights.',
  source,
  find: findExploding,
};

function findVanishing({ header, records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  if (records.length < thresholds['records.least']) return undefined;
  const norms = typicalOfLayers(header, records, 'gradient_norm');
  const last = norms.at(-1);
  if (!last || last.value === 0) return undefined;
  const small = norms.slice(0, -1).filter(({ value }) => value < thresholds['vanishing.ratio'] * last.value);
  if (small.length === 0) return undefined;
  const ratio = small[0].value / last.value;
  const layers = small.map(({ layer }) => layer);
  return {
    severity: 'warning',
    text: `The gradient of ${layersNamed(header, layers)} is ${figure(ratio)} of that of the last layer that learns.`,
    layers,
    ...spanned(records),
    numbers: { ratio, first: small[0].value, last: last.value },
  };
}

function findExploding({ header, records }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  const norms = typicalOfLayers(header, records, 'gradient_norm');
  const last = norms.at(-1);
  if (!last || records.length < thresholds['records.least']) return undefined;
  const most = thresholds['exploding.norm'];
  for (const { layer, value } of norms) {
    const jump = layerOver(records, 'gradient_norm', layer).find((at) => at.value > most * value && value > 0);
    const times = last.value > 0 ? value / last.value : 0;
    if (!jump && times <= most) continue;
    return {
      severity: 'warning',
      text: jump
        ? `The gradient of ${layersNamed(header, [layer])} is ${figure(jump.value / value, 0)} times its usual size at ${header.clock} ${jump.number}.`
        : `The gradient of ${layersNamed(header, [layer])} is ${figure(times, 0)} times that of the last layer that learns.`,
      layers: [layer],
      ...(jump ? { records: [jump.number, jump.number] as const } : spanned(records)),
      numbers: { times: jump ? jump.value / value : times },
    };
  }
  return undefined;
}

const spanned = (records: readonly { number: number }[]): Pick<Found, 'records'> => {
  const span = spanOf(records);
  return span ? { records: span } : {};
};
