import { DeepviewError, exitCodes } from '../base/errors.ts';
import { sizeOf } from '../base/files.ts';
import type { SafetensorsFile } from '../arrays/safetensors.ts';
import { computable, hasClasses, layersOf, measureLayer, type NeuronMetrics, type Samples } from '../metrics/index.ts';
import { keepComputed, readComputed } from './computed.ts';
import type { FileChecksum, EpochLine } from './epoch-line.ts';
import { holdsSamples, readStoredLayer, readStoredSamples, verifyChecksum, withEpochFile } from './epoch-reader.ts';
import type { LayerRecord, RunHeader, RunRecord } from './format.ts';
import { runFiles } from './layout.ts';

/** Computes metrics elsewhere; the analysis thread is one. */
export interface MetricsThread {
  metrics: (
    layers: Samples[],
    labels: ArrayLike<number> | undefined,
    wanted?: readonly string[],
  ) => Promise<{ layers: NeuronMetrics[] }>;
}

/**
 * Reads what one run's records hold. A metric that the catalogue can compute, and that a recorder left out or an older
 * program did not know, is computed from the samples where they are, and kept beside the run.
 */
export interface EpochReader {
  /** The metrics of a layer's neurons (layer from 1) at a committed record: those stored, and those that can be computed. */
  neurons: (epoch: number, layer: number) => Promise<NeuronMetrics>;
  /** A layer's samples: [images, neurons] row-major, images in the probe's order. */
  samples: (epoch: number, layer: number) => Promise<Samples['values']>;
  /**
   * The newest committed epoch, at most `epoch`, that keeps a layer's samples: a recording that saves space keeps them
   * of some epochs alone.
   * @throws DeepviewError `no-samples` (exit code 4)
   */
  sampledEpoch: (epoch: number, layer: number) => Promise<number>;
  /** A record as the screen needs it: with the metrics of layers that the line lacks. */
  complete: (line: EpochLine) => Promise<RunRecord>;
}

/** @param analysis a thread to compute missing metrics in; without it they are computed here */
export function epochReader(directory: string, header: RunHeader, analysis?: MetricsThread): EpochReader {
  const checksums = new Map<number, FileChecksum | undefined>();
  const verified = new Map<number, Promise<void>>();
  const measured = new Map<number, Promise<NeuronMetrics[]>>();
  const { layers } = header.network;
  const { labels } = header.probe;
  const expected = computable(hasClasses(labels));

  const layerOf = (index: number): LayerRecord => {
    const layer = layers[index - 1];
    if (layer) return layer;
    throw new DeepviewError('unknown-layer', `the run has no layer ${index}`, {
      hint: `Layers are numbered 1 to ${layers.length}.`,
      exitCode: exitCodes.usage,
    });
  };

  /** Reads in a record's file, once it is known to be as it was written; undefined where a recorder wrote none. */
  const inFile = async <T>(
    epoch: number,
    use: (file: SafetensorsFile, path: string) => Promise<T>,
  ): Promise<T | undefined> => {
    if (!checksums.has(epoch)) {
      throw new DeepviewError('unknown-epoch', `the run has no epoch ${epoch}`, { exitCode: exitCodes.usage });
    }
    const path = runFiles.epochData(directory, epoch);
    const checksum = checksums.get(epoch);
    if (checksum) {
      let check = verified.get(epoch);
      if (!check) verified.set(epoch, (check = verifyChecksum(path, checksum)));
      await check;
    } else if (!(await sizeOf(path))) return undefined;
    return withEpochFile(path, (file) => use(file, path));
  };

  /** What of a layer's metrics its file does not have. */
  const missing = (metrics: NeuronMetrics): string[] =>
    'nonfinite' in metrics ? [] : expected.filter((id) => !(id in metrics));

  /** All metrics of a record's layers: stored, kept beside the run, or computed now. Its file is opened once. */
  const measure = async (epoch: number): Promise<NeuronMetrics[]> => {
    const kept = await readComputed(directory, header, epoch);
    const computed = layers.map((_, place) => kept[place] ?? {});
    let isNew = false;
    const all = await inFile(epoch, async (file, path) => {
      const result: NeuronMetrics[] = [];
      for (const [place, layer] of layers.entries()) {
        const stored = await readStoredLayer(file, path, layer);
        const wanted = missing({ ...computed[place], ...stored });
        if (wanted.length > 0 && holdsSamples(file, layer.index)) {
          const values = await readStoredSamples(file, path, header, layer);
          const asked = { values, images: values.length / layer.units, neurons: layer.units };
          const found = analysis
            ? (await analysis.metrics([asked], labels, wanted)).layers[0]
            : measureLayer(asked, labels, wanted);
          isNew = true;
          computed[place] = { ...computed[place], ...found };
        }
        result.push({ ...computed[place], ...stored });
      }
      return result;
    });
    if (isNew) await keepComputed(directory, header, epoch, computed);
    return all ?? computed;
  };

  const measuredOf = (epoch: number): Promise<NeuronMetrics[]> => {
    let metrics = measured.get(epoch);
    if (!metrics) measured.set(epoch, (metrics = measure(epoch)));
    return metrics;
  };

  const neuronsOf = async (epoch: number, layer: LayerRecord): Promise<NeuronMetrics> => {
    const stored = (await inFile(epoch, (file, path) => readStoredLayer(file, path, layer))) ?? {};
    return missing(stored).length === 0 ? stored : (await measuredOf(epoch))[layer.index - 1];
  };

  return {
    neurons: (epoch, index) => neuronsOf(epoch, layerOf(index)),
    async samples(epoch, index) {
      const layer = layerOf(index);
      const values = await inFile(epoch, (file, path) => readStoredSamples(file, path, header, layer));
      return values ?? noSamples(index, epoch);
    },
    async sampledEpoch(epoch, index) {
      // An epoch that is not there is said to be missing, not to lack samples.
      await inFile(epoch, () => Promise.resolve());
      const before = [...checksums.keys()].filter((one) => one <= epoch).sort((a, b) => b - a);
      for (const one of before) {
        if (await inFile(one, (file) => Promise.resolve(holdsSamples(file, index)))) return one;
      }
      return noSamples(index, epoch);
    },
    async complete({ record, data }) {
      const { number } = record;
      // A recorder that resumed at an earlier record wrote its file anew.
      for (const one of checksums.keys()) {
        if (one < number) continue;
        for (const known of [checksums, verified, measured]) known.delete(one);
      }
      checksums.set(number, data);
      if ('nonfinite' in record.layers || expected.every((id) => id in record.layers)) return record;
      return { ...record, layers: { ...layersOf(await measuredOf(number)), ...record.layers } };
    },
  };
}

function noSamples(layer: number, epoch: number): never {
  throw new DeepviewError('no-samples', `The run keeps no samples of layer ${layer} up to epoch ${epoch}.`, {
    hint: 'Its recorder left them out; the metrics that it recorded are there.',
    exitCode: exitCodes.unreadable,
  });
}
