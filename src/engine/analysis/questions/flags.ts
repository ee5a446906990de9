import { figure, findOutliers, median, type NeuronMetrics, type Samples } from '../../metrics/index.ts';
import type { LayerRecord } from '../../run/format.ts';
import type { NeuronFlag, FlagKind } from './messages.ts';
import type { DistanceMatrix } from '../neuron-distances.ts';

/** A neuron whose activations span less than this share of the layer's largest, that of their type, is the same for all images. */
const constantSpan = { single: 1e-6, double: 1e-12 };
/** Activations within this share of the layer's range from an end are at that end. */
const endShare = 0.05;
/** Share of a neuron's activations at the ends that makes it saturated. */
const saturatedShare = 0.95;
/** For layers without a range: this active, and telling classes apart less than this share of the layer's median does. */
const alwaysActive = 0.99;
const tellsLittle = 0.1;
/** Neurons nearer than this share of the layer's median distance are duplicates. */
const duplicateShare = 0.01;
/** Pairs that the median distance is taken of; larger layers are sampled evenly. */
const medianPairs = 20_000;

export interface FlagInput {
  layer: Pick<LayerRecord, 'range'>;
  samples: Samples;
  metrics: NeuronMetrics;
  distances: DistanceMatrix;
  /** Discriminability of the neurons at the epochs shown, [neurons] each; the last is the one looked at. */
  history: readonly ArrayLike<number>[];
}

/**
 * The neurons that deserve attention, by kind, then by index:
 * - dead: the activations for all probe images are the same (their span is at most 1e-6 of the layer's largest magnitude,
 *   1e-12 in double precision);
 * - saturated: of a layer with a range (a sigmoid, a tanh), at least 95 % of the activations lie within 5 % of the range
 *   from its ends; of any other layer, the density is at least 0.99 and the discriminability at most a tenth of the layer's median;
 * - duplicate: it is nearer to a neuron of lower index than 1 % of the layer's median distance, neither being dead;
 * - outlier: `findOutliers` of the discriminability.
 * Only the first of dead, saturated and duplicate is said of a neuron.
 */
export function findFlags(input: FlagInput): NeuronFlag[] {
  const found: NeuronFlag[] = [];
  const marked = new Set<number>();
  const mark = (kind: FlagKind, neuron: number, reason: string, like?: number): void => {
    if (marked.has(neuron)) return;
    marked.add(neuron);
    found.push({ neuron, kind, reason, ...(like !== undefined && { like }) });
  };
  const { neurons } = input.samples;
  const spans = spansOf(input.samples);
  for (let neuron = 0; neuron < neurons; neuron++) {
    if (!spans.dead[neuron]) continue;
    const value = spans.low[neuron];
    mark('dead', neuron, value === 0 ? 'never active' : `${figure(value)} for every image`);
  }
  for (let neuron = 0; neuron < neurons; neuron++) {
    const reason = saturation(input, neuron);
    if (reason !== undefined) mark('saturated', neuron, reason);
  }
  const near = duplicateShare * medianDistance(input.distances);
  for (let neuron = 1; neuron < neurons; neuron++) {
    if (spans.dead[neuron]) continue;
    for (let other = 0; other < neuron; other++) {
      if (spans.dead[other] || input.distances.values[neuron * neurons + other] > near) continue;
      mark('duplicate', neuron, `activations like those of neuron ${other}`, other);
      break;
    }
  }
  const outliers = findOutliers(input.history)
    .map(({ index, reason }): NeuronFlag => ({ neuron: index, kind: 'outlier', reason }))
    .sort((a, b) => a.neuron - b.neuron);
  return [...found, ...outliers];
}

function spansOf({ values, images, neurons }: Samples): { low: Float64Array; dead: boolean[] } {
  const low = new Float64Array(neurons).fill(Infinity);
  const high = new Float64Array(neurons).fill(-Infinity);
  let largest = 0;
  for (let image = 0, at = 0; image < images; image++) {
    for (let neuron = 0; neuron < neurons; neuron++, at++) {
      const value = values[at];
      if (value < low[neuron]) low[neuron] = value;
      if (value > high[neuron]) high[neuron] = value;
      largest = Math.max(largest, Math.abs(value));
    }
  }
  const least = constantSpan[values instanceof Float64Array ? 'double' : 'single'] * largest;
  return { low, dead: Array.from(low, (value, neuron) => high[neuron] - value <= least) };
}

/** Why a neuron is saturated, if it is. */
function saturation({ layer, samples, metrics }: FlagInput, neuron: number): string | undefined {
  if (layer.range) {
    const [low, high] = layer.range;
    const margin = endShare * (high - low);
    let atEnds = 0;
    for (let image = 0; image < samples.images; image++) {
      const value = samples.values[image * samples.neurons + neuron];
      if (value <= low + margin || value >= high - margin) atEnds++;
    }
    const share = atEnds / samples.images;
    return share >= saturatedShare ? `${Math.round(share * 100)} % of its activations are at the ends` : undefined;
  }
  if (!('discriminability' in metrics) || metrics.density[neuron] < alwaysActive) return undefined;
  const typical = median(metrics.discriminability);
  const own = metrics.discriminability[neuron];
  if (own > tellsLittle * typical) return undefined;
  return `always active, and tells classes apart by ${figure(own)} where the layer's median is ${figure(typical)}`;
}

function medianDistance({ count, values }: DistanceMatrix): number {
  const pairs = (count * (count - 1)) / 2;
  const step = Math.max(1, Math.floor(pairs / medianPairs));
  const chosen: number[] = [];
  let at = 0;
  for (let p = 0; p < count; p++) {
    for (let q = p + 1; q < count; q++) if (at++ % step === 0) chosen.push(values[p * count + q]);
  }
  return chosen.length > 0 ? median(chosen) : 0;
}
