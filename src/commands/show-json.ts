import type {
  ExplorationAnswer,
  LayerMap,
  NeuronDistributions,
  NeuronFacets,
} from '../engine/analysis/questions/messages.ts';
import { defaultClusters, defaultFacets, linkages } from '../engine/analysis/choices.ts';
import type { ErrorReport } from '../engine/base/errors.ts';
import type { Paths } from '../engine/base/paths.ts';
import { describeMetric, findOutliers, metricsOf, type NeuronMetrics } from '../engine/metrics/index.ts';
import { toldName, toldSeed, type LayerRecord, type OpenRun } from '../engine/run/index.ts';
import { answersTo } from './show-answers.ts';
import type { ViewOptions } from './show-options.ts';

/** Values by metric, one per record each; null where a record has none. What is not finite is printed as a string. */
type Series = Record<string, (number | null)[]>;

type Answer<Type extends ExplorationAnswer['type']> = Extract<ExplorationAnswer, { type: Type }>;

/** The last answer of a kind: it is the whole one. */
const lastOf = <Type extends ExplorationAnswer['type']>(
  answers: readonly ExplorationAnswer[],
  type: Type,
): Answer<Type> | undefined => answers.findLast((answer): answer is Answer<Type> => answer.type === type);

/** Why something is missing, the first reason that was given. */
const reasonIn = (answers: readonly ExplorationAnswer[]): { unavailable?: ErrorReport } => {
  const reason = answers.find((answer) => answer.type === 'unavailable');
  return reason ? { unavailable: reason.error } : {};
};

function factsOf({ records }: OpenRun, { index, name, kind, units, shape, receptiveField }: LayerRecord) {
  const series = metricsOf(records).map((id) => [id, records.map(({ layers }) => layers[id]?.[index - 1] ?? null)]);
  return { index, name, kind, units, shape, receptiveField, metrics: Object.fromEntries(series) as Series };
}

/** The metrics of a layer's neurons, record by record. @throws DeepviewError exit code 4 where a record's file is missing or damaged */
async function neuronRecords(run: OpenRun, layer: LayerRecord): Promise<NeuronMetrics[]> {
  const records: NeuronMetrics[] = [];
  for (const { number } of run.records) records.push(await run.neurons(number, layer.index));
  return records;
}

function seriesOf(records: readonly NeuronMetrics[], neuron: number): Series {
  const ids = metricsOf(records.map((layers) => ({ layers })));
  return Object.fromEntries(ids.map((id) => [id, records.map((metrics) => metrics[id]?.[neuron] ?? null)]));
}

/** What `show RUN --json` prints: a run's records and layers. docs/json.md says what the fields of these three mean. */
export function runJson(run: OpenRun) {
  const { header, records, state } = run;
  const { id, network, dataset, engine } = header;
  return {
    format: 2 as const,
    run: {
      id,
      network: network.name,
      dataset: toldName(dataset) ?? null,
      classes: dataset.classes,
      engine: toldName(engine) ?? null,
      seed: toldSeed(header) ?? null,
      state,
    },
    metrics: metricsOf(records).map((metric) => {
      const { id, symbol, label, unit, range, better } = describeMetric(metric, header);
      return { id, symbol, label, unit, ...(range && { range }), ...(better && { better }) };
    }),
    records: records.map(({ epoch, step, scalars, seconds, monitoringShare }) => ({
      ...(epoch !== undefined && { epoch }),
      ...(step !== undefined && { step }),
      scalars,
      seconds: seconds ?? null,
      monitoringShare: monitoringShare ?? null,
    })),
    layers: network.layers.map((layer) => factsOf(run, layer)),
  };
}

/**
 * What `show RUN LAYER --json` prints: a layer's neurons over the records, and what the screen knows of them at the last: what is wrong with some, which
 * stand out, and how they group.
 * @throws DeepviewError exit code 4 where a record's file is missing or damaged
 */
export async function layerJson(
  run: OpenRun,
  layer: LayerRecord,
  paths: Paths,
  { clusters = defaultClusters, linkage = linkages[0] }: ViewOptions = {},
) {
  const records = await neuronRecords(run, layer);
  const epoch = run.records.at(-1)?.number;
  const about = { layer: layer.index, k: clusters, linkage };
  const answers = epoch === undefined ? [] : await answersTo([{ type: 'map', ...about, epoch }], run.directory, paths);
  const map = lastOf(answers, 'map')?.map;
  const flagsOf = (index: number): string[] =>
    (map?.flags ?? [])
      .filter(({ neuron, kind }) => neuron === index && kind !== 'outlier')
      .map(({ kind, like }) => (like === undefined ? kind : `${kind} of ${like}`));
  return {
    format: 2 as const,
    layer: factsOf(run, layer),
    neurons: Array.from({ length: layer.units }, (_, index) => ({
      index,
      metrics: seriesOf(records, index),
      flags: flagsOf(index),
    })),
    // Also of a layer that is too large for a map.
    outliers: findOutliers(records.flatMap(({ discriminability }) => discriminability ?? [])),
    ...(map && { clusters: { epoch: map.epoch, ...clustersJson(map) } }),
    // Pictures are not part of this.
    ...reasonIn(answers.filter((answer) => answer.type === 'unavailable' && answer.about === 'map')),
  };
}

/** Clusters as plain lists. */
export function clustersJson({
  linkage,
  k,
  labels,
  positions,
  medoids,
}: Pick<LayerMap, 'linkage' | 'k' | 'labels' | 'medoids'> & { positions: ArrayLike<number> }) {
  return {
    linkage,
    k,
    labels: Array.from(labels),
    /** [x, y] per neuron. */
    positions: Array.from(labels, (_, neuron) => [positions[2 * neuron], positions[2 * neuron + 1]]),
    medoids: Array.from(medoids),
  };
}

/**
 * What `show RUN LAYER/NEURON --json` prints: everything that the screen knows of a neuron. Without stored patches, or without the run's images on this machine, the
 * rest is told, with the reason.
 * @throws DeepviewError exit code 4 where a record's file is missing or damaged
 */
export async function neuronJson(
  run: OpenRun,
  layer: LayerRecord,
  neuron: number,
  paths: Paths,
  { facets: k = defaultFacets }: ViewOptions = {},
) {
  const metrics = seriesOf(await neuronRecords(run, layer), neuron);
  const epoch = run.records.at(-1)?.number;
  const about = { layer: layer.index, neuron };
  const answers =
    epoch === undefined
      ? []
      : await answersTo(
          [
            { type: 'patches', ...about, epoch, first: 0, count: 0 },
            { type: 'facets', ...about, epoch, k },
            { type: 'distributions', ...about, epoch },
          ],
          run.directory,
          paths,
        );
  const distributions = lastOf(answers, 'distributions')?.distributions;
  const patches = lastOf(answers, 'patches')?.patches;
  const facets = lastOf(answers, 'facets')?.facets;
  const { classes } = run.header.dataset;
  const { size, stride, offset } = layer.receptiveField;
  return {
    format: 2 as const,
    neuron: { layer: layer.index, layerName: layer.name, index: neuron, metrics },
    ...(distributions && { distributions: distributionsJson(distributions, classes) }),
    ...(patches && { featureEpoch: patches.epoch }),
    patches: (patches?.patches ?? []).map(({ image, y, x, activation, label }) => ({
      image,
      y: offset + y * stride,
      x: offset + x * stride,
      size,
      activation,
      ...(label >= 0 && { class: classes[label] }),
    })),
    facets: facets ? facetsJson(facets) : [],
    ...reasonIn(answers),
  };
}

function distributionsJson({ epoch, quantiles, quantileCount }: NeuronDistributions, classes: readonly string[]) {
  const ofClass = (label: number): number[] =>
    Array.from(quantiles.subarray(label * quantileCount, (label + 1) * quantileCount));
  return {
    epoch,
    classes: classes.map((name, label) => ({
      name,
      quantiles: ofClass(label).every(Number.isFinite) ? ofClass(label) : null,
    })),
  };
}

const facetsJson = ({ facets, positions, labels }: NeuronFacets) =>
  facets.map(({ size, patches }, facet) => {
    // The centres of facets come after the patches.
    const at = 2 * (labels.length + facet);
    return { size, patches: Array.from(patches), position: [positions[at], positions[at + 1]] };
  });

export type RunJson = ReturnType<typeof runJson>;
export type LayerJson = Awaited<ReturnType<typeof layerJson>>;
export type NeuronJson = Awaited<ReturnType<typeof neuronJson>>;
export type ClustersJson = ReturnType<typeof clustersJson>;
