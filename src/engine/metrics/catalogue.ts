import { activeMetric } from './active.ts';
import { deadMetric } from './dead.ts';
import { densityMetric } from './density.ts';
import { dimensionMetric } from './dimension.ts';
import { discriminabilityMetric } from './discriminability.ts';
import { driftMetric } from './drift.ts';
import type { LayerMetric, MetricDescription, NeuronMetrics, WholeMetrics } from './metric.ts';
import { nonfiniteMetric, nonfiniteOf } from './nonfinite.ts';
import { firstNonFinite, groupsOf, requireFinite, type Samples, type SamplesOrigin } from './samples.ts';
import { saturatedMetric } from './saturated.ts';
import { separabilityMetric } from './separability.ts';
import { gradientNormMetric, updateRatioMetric, weightNormMetric } from './steps.ts';

/**
 * The metrics of layers that the program knows, in the order in which they are listed and stepped through. A new one is
 * a file beside this one, its line here, and its test: trainer, analysis, reader, writer, `analyze`, JSON, views and
 * documents walk this list, and take values by id.
 *
 * A run has what its records have: `metricsOf` lists the ids of some records, those of the catalogue first, and
 * `describeMetric` says what is known of an id, be it of this list, of the run's own `metrics`, or of neither. Values
 * are then `layerValue(record, id, layer)` and `run.neurons(epoch, layer)[id]`. Of the catalogue alone is `layerMetric`,
 * for what a run's own description does not have: key, meaning, source.
 */
export const layerMetrics: readonly LayerMetric[] = [
  discriminabilityMetric,
  densityMetric,
  activeMetric,
  deadMetric,
  saturatedMetric,
  separabilityMetric,
  dimensionMetric,
  driftMetric,
  weightNormMetric,
  gradientNormMetric,
  updateRatioMetric,
];

/** The metric that a screen begins with; what else a run lacks is computed behind the first picture. */
export const firstMetric = discriminabilityMetric.id;

/** A metric of the catalogue, or the count of samples that are not finite. */
export const layerMetric = (id: string): LayerMetric | undefined =>
  [...layerMetrics, nonfiniteMetric].find((metric) => metric.id === id);

/** What a run's header says of metrics and scalars that the catalogue does not know. */
export type RunMetrics = Readonly<
  Record<string, { label?: string; unit?: string; better?: 'higher' | 'lower'; range?: readonly [number, number] }>
>;

/** How a metric is called and read: by the catalogue, else by what the run says, else by its id. */
export function describeMetric(id: string, header?: { metrics?: RunMetrics | undefined }): MetricDescription {
  const known = layerMetric(id);
  if (known) return known;
  const told = header?.metrics && Object.hasOwn(header.metrics, id) ? header.metrics[id] : {};
  return { id, symbol: symbolOf(id), unit: '', ...told, label: told.label ?? id.replaceAll('_', ' ') };
}

/** At most four characters of an id: its words' first letters, or the first letters of its only word. */
function symbolOf(id: string): string {
  const words = id.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return words.length > 1
    ? words
        .map(([first]) => first.toUpperCase())
        .join('')
        .slice(0, 4)
    : (words[0] ?? id).slice(0, 4);
}

/** The metrics that some records have, those of the catalogue first, the others as they first occur. */
export function metricsOf(records: Iterable<{ layers: Readonly<Record<string, unknown>> }>): string[] {
  const present = new Set<string>();
  for (const { layers } of records) for (const id of Object.keys(layers)) present.add(id);
  const known = layerMetrics.map(({ id }) => id).filter((id) => present.has(id));
  return [...known, ...[...present].filter((id) => !known.includes(id))];
}

/** What decides which metrics can be computed of samples. */
interface SamplesKind {
  /** Whether images are of two classes at least. */
  hasClasses: boolean;
  /** Whether what is asked for are values of neurons, or of layers as a whole; both where absent. */
  of?: LayerMetric['of'];
  /** What else the samples have. */
  has?: readonly LayerMetric['wants'][];
}

/** What can be computed where samples, and perhaps labels, are there. */
export const computable = ({ hasClasses, of, has = [] }: SamplesKind): string[] =>
  layerMetrics.flatMap((metric) =>
    'compute' in metric &&
    (of === undefined || metric.of === of) &&
    (metric.needs === 'samples' || hasClasses) &&
    (metric.wants === undefined || has.includes(metric.wants))
      ? [metric.id]
      : [],
  );

/** Whether images are of two classes at least, so that classes can be compared. */
export const hasClasses = (labels: ArrayLike<number> | undefined): labels is ArrayLike<number> =>
  labels !== undefined && new Set(Array.from(labels)).size > 1;

/**
 * Metrics of a layer's samples, which are checked and grouped once.
 * @param classOf the class of each image, [images]; without it there are no metrics that need labels
 * @param wanted ids; by default all that can be computed
 * @throws DeepviewError `non-finite`, `length-mismatch`, `one-class`
 */
export function neuronMetrics(
  samples: Samples,
  classOf: ArrayLike<number> | undefined,
  origin?: SamplesOrigin,
  wanted?: readonly string[],
): NeuronMetrics {
  requireFinite(samples, origin);
  const groups = classOf && groupsOf(samples, classOf);
  const result: Record<string, Float64Array> = {};
  for (const metric of layerMetrics) {
    if (metric.of !== 'neurons' || !isMeant(metric, samples, wanted)) continue;
    if (metric.needs === 'samples') result[metric.id] = metric.compute(samples);
    else if (groups) result[metric.id] = metric.compute(samples, groups);
  }
  return result;
}

const isMeant = ({ id, wants }: LayerMetric, samples: Samples, wanted: readonly string[] | undefined): boolean =>
  (wanted?.includes(id) ?? true) && (wants === undefined || samples[wants] !== undefined);

/**
 * Metrics of a layer as a whole, of samples whatever they are: none of some that are not finite.
 * @param wanted ids; by default all that can be computed
 * @throws DeepviewError `length-mismatch`
 */
export function wholeMetrics(
  samples: Samples,
  labels: ArrayLike<number> | undefined,
  wanted?: readonly string[],
): WholeMetrics {
  if (firstNonFinite(samples) >= 0) return {};
  const groups = hasClasses(labels) ? groupsOf(samples, labels) : undefined;
  // Of its own, since metrics share what they find of it.
  const given = { ...samples };
  const result: Record<string, number> = {};
  for (const metric of layerMetrics) {
    if (metric.of !== 'layers' || !('compute' in metric) || !isMeant(metric, samples, wanted)) continue;
    const value =
      metric.needs === 'samples' ? metric.compute(given) : groups ? metric.compute(given, groups) : undefined;
    if (value !== undefined) result[metric.id] = value;
  }
  return result;
}

/**
 * Metrics of a layer of a run, whatever its samples are: of a layer with some that are not finite how many there are, and
 * nothing else; without two classes none that need labels.
 * @throws DeepviewError `length-mismatch`
 */
export function measureLayer(
  samples: Samples,
  labels: ArrayLike<number> | undefined,
  wanted?: readonly string[],
): NeuronMetrics {
  if (firstNonFinite(samples) >= 0) return { nonfinite: nonfiniteOf(samples) };
  return neuronMetrics(samples, hasClasses(labels) ? labels : undefined, undefined, wanted);
}

/** A layer's value of a metric: what the metric makes of its neurons' values, else their mean. */
export const ofLayer = (id: string, neurons: Float64Array): number => (layerMetric(id)?.ofLayer ?? layerMean)(neurons);

/**
 * The values of layers, a series a metric: null where a layer has none.
 * @param neurons of each layer
 * @param whole of each layer, where that was measured
 */
export function layersOf(
  neurons: readonly NeuronMetrics[],
  whole: readonly WholeMetrics[] = [],
): Record<string, (number | null)[]> {
  const ids = [...new Set([...neurons, ...whole].flatMap((metrics) => Object.keys(metrics)))];
  return Object.fromEntries(
    ids.map((id) => [
      id,
      neurons.map((metrics, at) => (id in metrics ? ofLayer(id, metrics[id]) : (whole[at]?.[id] ?? null))),
    ]),
  );
}

/** The mean over neurons. */
export function layerMean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < values.length; c++) sum += values[c];
  return values.length === 0 ? 0 : sum / values.length;
}
