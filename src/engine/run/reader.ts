import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSafetensors, type TensorToWrite } from '../arrays/safetensors.ts';
import { DeepviewError, exitCodes } from '../base/errors.ts';
import { fileError, makeDirectory, writeFileAtomically } from '../base/files.ts';
import { layerMetrics, layersOf, neuronMetrics, type NeuronMetrics, type Samples } from '../metrics/index.ts';
import type { EpochLine } from './epoch-line.ts';
import { setMetrics } from './epoch-data.ts';
import { holdsSamples, readStoredLayer, readStoredSamples, verifySeal, withEpochFile } from './epoch-reader.ts';
import type { LayerRecord, RunHeader, RunRecord } from './format.ts';
import { runFiles, runFolders } from './layout.ts';

/** Computes metrics elsewhere; the analysis thread is one. */
export interface MetricsThread {
  metrics: (
    layers: { samples: Samples; origin?: string }[],
    labels: ArrayLike<number>,
    epoch?: number,
  ) => Promise<{ layers: NeuronMetrics[] }>;
}

/** Reads what one run's epochs hold; keeps what it had to compute. */
export interface EpochReader {
  /** The metrics of a layer's neurons (layer from 1) at a committed epoch: those that are stored or can be computed. */
  neurons: (epoch: number, layer: number) => Promise<NeuronMetrics>;
  /** A layer's samples: [images, neurons] row-major, images in the probe's order. */
  samples: (epoch: number, layer: number) => Promise<Float32Array>;
  /**
   * The newest committed epoch, at most `epoch`, that keeps a layer's samples: a recording that saves space keeps them
   * of some epochs alone.
   * @throws DeepviewError `no-samples` (exit code 4)
   */
  sampledEpoch: (epoch: number, layer: number) => Promise<number>;
  /** A record as the screen needs it: layer metrics that a recorder left out are computed from the samples. */
  complete: (line: EpochLine) => Promise<RunRecord>;
}

/** @param analysis a thread to compute missing metrics in; without it they are computed here */
export function epochReader(directory: string, header: RunHeader, analysis?: MetricsThread): EpochReader {
  const seals = new Map<number, EpochLine['data']>();
  const verified = new Map<number, Promise<void>>();
  const computed = new Map<number, Promise<NeuronMetrics[]>>();
  const { layers } = header.network;

  const layerOf = (index: number): LayerRecord => {
    const layer = layers[index - 1];
    if (layer) return layer;
    throw new DeepviewError('unknown-layer', `the run has no layer ${index}`, {
      hint: `Layers are numbered 1 to ${layers.length}.`,
      exitCode: exitCodes.usage,
    });
  };

  /** The epoch's file, once it is known to be as it was written. */
  const pathOf = async (epoch: number): Promise<string> => {
    if (!seals.has(epoch)) {
      throw new DeepviewError('unknown-epoch', `the run has no epoch ${epoch}`, { exitCode: exitCodes.usage });
    }
    const path = runFiles.epochData(directory, epoch);
    const seal = seals.get(epoch);
    if (seal) {
      let check = verified.get(epoch);
      if (!check) verified.set(epoch, (check = verifySeal(path, seal)));
      await check;
    }
    return path;
  };

  const samplesOf = async (epoch: number, layer: LayerRecord): Promise<Float32Array> => {
    const path = await pathOf(epoch);
    return withEpochFile(path, (file) => readStoredSamples(file, path, header, layer));
  };

  const compute = async (epoch: number): Promise<NeuronMetrics[]> => {
    const path = await pathOf(epoch);
    const kept = await readKept(directory, header, epoch, path);
    if (kept) return kept;
    const result: NeuronMetrics[] = [];
    for (const layer of layers) {
      const values = await samplesOf(epoch, layer);
      const samples = { values, images: header.probe.labels.length, neurons: layer.units };
      const origin = `layer ${layer.index} (${layer.name})`;
      result.push(
        analysis
          ? (await analysis.metrics([{ samples, origin }], header.probe.labels, epoch)).layers[0]
          : neuronMetrics(samples, header.probe.labels, { layer: origin, epoch }),
      );
    }
    await keep(directory, header, epoch, path, result);
    return result;
  };

  const computedOf = (epoch: number): Promise<NeuronMetrics[]> => {
    let metrics = computed.get(epoch);
    if (!metrics) computed.set(epoch, (metrics = compute(epoch)));
    return metrics;
  };

  return {
    async neurons(epoch, index) {
      const layer = layerOf(index);
      const path = await pathOf(epoch);
      const stored = await withEpochFile(path, (file) => readStoredLayer(file, path, layer));
      return lacksNothing(stored) ? stored : { ...(await computedOf(epoch))[index - 1], ...stored };
    },
    samples: (epoch, index) => samplesOf(epoch, layerOf(index)),
    async sampledEpoch(epoch, index) {
      // An epoch that is not there is said to be missing, not to lack samples.
      await pathOf(epoch);
      const before = [...seals.keys()].filter((one) => one <= epoch).sort((a, b) => b - a);
      for (const one of before) {
        if (await withEpochFile(await pathOf(one), (file) => Promise.resolve(holdsSamples(file, index)))) return one;
      }
      throw new DeepviewError('no-samples', `The run keeps no answers of layer ${index} up to epoch ${epoch}.`, {
        hint: 'Its recorder left them out; metrics of all epochs are there.',
        exitCode: exitCodes.unreadable,
      });
    },
    async complete({ record, data }) {
      seals.set(record.number, data);
      if (lacksNothing(record.layers)) return record;
      return { ...record, layers: { ...layersOf(await computedOf(record.number)), ...record.layers } };
    },
  };
}

/** Whether everything is there that could be computed of samples. */
const lacksNothing = (metrics: Readonly<Record<string, unknown>>): boolean =>
  layerMetrics.every(({ id, needs }) => id in metrics || (needs !== 'samples' && needs !== 'labels'));

/** What identifies the file that kept metrics were computed from. */
async function sourceMark(path: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(path);
    return `${size} ${mtimeMs}`;
  } catch (thrown) {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
}

async function readKept(
  directory: string,
  header: RunHeader,
  epoch: number,
  source: string,
): Promise<NeuronMetrics[] | undefined> {
  const path = runFiles.computed(directory, epoch);
  const mark = await sourceMark(source);
  try {
    return await withEpochFile(path, async (file) => {
      if (file.metadata.get('source') !== mark) return undefined;
      const result: NeuronMetrics[] = [];
      for (const layer of header.network.layers) {
        const metrics = await readStoredLayer(file, path, layer);
        if (!lacksNothing(metrics)) return undefined;
        result.push(metrics);
      }
      return result;
    });
  } catch (thrown) {
    // It only saves time: what is missing or damaged is computed again.
    if (thrown instanceof DeepviewError) return undefined;
    throw thrown;
  }
}

async function keep(
  directory: string,
  header: RunHeader,
  epoch: number,
  source: string,
  metrics: readonly NeuronMetrics[],
): Promise<void> {
  const tensors = new Map<string, TensorToWrite>();
  header.network.layers.forEach((layer, place) => setMetrics(tensors, layer, metrics[place]));
  const mark = await sourceMark(source);
  try {
    await makeDirectory(join(directory, runFolders.computed));
    await writeFileAtomically(runFiles.computed(directory, epoch), encodeSafetensors(tensors, { source: mark }));
  } catch (thrown) {
    // A run that may only be read is read all the same: its metrics are then computed every time.
    if (!['no-permission', 'disk-full'].includes(fileError(thrown, 'write', directory).code)) throw thrown;
  }
}
