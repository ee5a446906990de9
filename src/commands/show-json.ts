import { limits } from '../engine/base/limits.ts';
import { exceptionalNeurons } from '../engine/metrics/exceptional.ts';
import type { NeuronMetrics } from '../engine/metrics/index.ts';
import { layerValue, scalar, type LayerRecord, type RunHeader, type RunRecord } from '../engine/run/format.ts';
import type { OpenRun } from '../engine/run/index.ts';
import { clustersOf, type ClustersJson } from './clusters-json.ts';

interface Split {
  train: number;
  validation: number;
}

type Layer = Pick<LayerRecord, 'index' | 'name' | 'kind' | 'units' | 'shape' | 'receptiveField'> & {
  /** An epoch each. */
  discriminability: number[];
  density: number[];
};

/** What `show RUN --json` prints; format 1. */
export interface RunJson {
  format: 1;
  run: Pick<RunHeader, 'id' | 'seed'> & {
    network: string;
    dataset: string;
    classes: string[];
    engine: string;
    state: OpenRun['state'];
  };
  epochs: (Pick<RunRecord, 'seconds' | 'monitoringShare'> & {
    epoch: number;
    learningRate: number;
    loss: Split;
    top1Error: Split;
    /** Null where the data has five classes or fewer: it then says nothing. */
    top5Error: Split | null;
  })[];
  layers: Layer[];
}

/** What `show RUN LAYER --json` prints; format 1. */
export interface LayerJson {
  format: 1;
  layer: Layer;
  /** `discriminability` and `density`: a value an epoch. */
  neurons: { index: number; discriminability: number[]; density: number[] }[];
  exceptional: { index: number; reason: string }[];
  /** At the newest epoch with samples, the last of an ordinary run; absent without one, or where there are more than 4 096 neurons. */
  clusters?: { epoch: number } & ClustersJson;
}

function layerOf(run: OpenRun, { index, name, kind, units, shape, receptiveField }: LayerRecord): Layer {
  const series = (metric: 'discriminability' | 'density'): number[] =>
    run.records.map((record) => layerValue(record, metric, index));
  return {
    index,
    name,
    kind,
    units,
    shape,
    receptiveField,
    discriminability: series('discriminability'),
    density: series('density'),
  };
}

const splitOf = (record: RunRecord, group: string): Split => ({
  train: scalar(record, `${group}/train`),
  validation: scalar(record, `${group}/validation`),
});

/** A run's epochs and layers as plain data. */
export function runJson(run: OpenRun): RunJson {
  const { id, seed, network, dataset, engine } = run.header;
  return {
    format: 1,
    run: {
      id,
      network: network.name,
      dataset: dataset.name,
      classes: dataset.classes,
      engine: engine.name,
      seed,
      state: run.state,
    },
    epochs: run.records.map((record) => ({
      epoch: record.number,
      learningRate: scalar(record, 'learning_rate'),
      loss: splitOf(record, 'loss'),
      top1Error: splitOf(record, 'error'),
      top5Error: 'error_top5/validation' in record.scalars ? splitOf(record, 'error_top5') : null,
      seconds: record.seconds,
      monitoringShare: record.monitoringShare,
    })),
    layers: network.layers.map((layer) => layerOf(run, layer)),
  };
}

/**
 * A layer's neurons over the epochs, those that stand out by discriminability, and how they group at the last.
 * @throws DeepviewError exit code 4 where an epoch's file is missing or damaged
 */
export async function layerJson(run: OpenRun, layer: LayerRecord): Promise<LayerJson> {
  const epochs: NeuronMetrics[] = [];
  for (const { number } of run.records) epochs.push(await run.neurons(number, layer.index));
  return {
    format: 1,
    layer: layerOf(run, layer),
    neurons: Array.from({ length: layer.units }, (_, index) => ({
      index,
      discriminability: epochs.map((metrics) => metrics.discriminability[index] ?? Number.NaN),
      density: epochs.map((metrics) => metrics.density[index] ?? Number.NaN),
    })),
    exceptional: exceptionalNeurons(epochs.map((metrics) => metrics.discriminability)),
    ...(await clustersAtEnd(run, layer)),
  };
}

async function clustersAtEnd(run: OpenRun, layer: LayerRecord): Promise<Pick<LayerJson, 'clusters'>> {
  const last = run.records.at(-1)?.number;
  if (last === undefined || layer.units > limits.clusteredNeurons) return {};
  const epoch = await run.sampledEpoch(last, layer.index);
  const { labels } = run.header.probe;
  const values = await run.samples(epoch, layer.index);
  const origin = { layer: `layer ${layer.index} (${layer.name})`, epoch };
  const { json } = await clustersOf({ values, images: labels.length, neurons: layer.units }, labels, {}, origin);
  return { clusters: { epoch, ...json } };
}
