import { DeepviewError, exitCodes } from '../base/errors.ts';
import { sizeOf } from '../base/files.ts';
import type { SafetensorsFile } from '../arrays/safetensors.ts';
import {
  computable,
  hasClasses,
  layerMetric,
  layersOf,
  measureLayer,
  wholeMetrics,
  type NeuronMetrics,
  type Samples,
  type WholeMetrics,
} from '../metrics/index.ts';
import { ComputedMetrics } from './computed.ts';
import { tensorName } from './epoch-data.ts';
import type { FileChecksum, EpochLine } from './epoch-line.ts';
import {
  holdsSamples,
  holdsWholeSamples,
  readStoredLayer,
  readStoredSamples,
  verifyChecksum,
  withEpochFile,
} from './epoch-reader.ts';
import type { LayerRecord, RunHeader, RunRecord } from './format.ts';
import { runFiles } from './layout.ts';

/** Computes metrics elsewhere; the analysis thread is one. */
export interface MetricsThread {
  metrics: (
    layers: Samples[],
    labels: ArrayLike<number> | undefined,
    wanted?: readonly string[],
  ) => Promise<{ layers: NeuronMetrics[]; whole: WholeMetrics[] }>;
}

/** What a layer's file has of its neurons, and what of the rest was computed now. */
interface Measured {
  stored: NeuronMetrics;
  computed: NeuronMetrics;
  whole: WholeMetrics;
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
  /** Whether a layer's samples are kept image by image, and not as quantiles alone. */
  keepsImages: (epoch: number, layer: number) => Promise<boolean>;
  /**
   * The newest committed epoch, at most `epoch`, that keeps a layer's samples: a recording that saves space keeps them
   * of some epochs alone.
   * @throws DeepviewError `no-samples` (exit code 4)
   */
  sampledEpoch: (epoch: number, layer: number) => Promise<number>;
  /** Takes note of a committed record: before anything else is asked of it. */
  add: (line: EpochLine) => void;
  /** A record with what was found of it before, at no cost. */
  known: (record: RunRecord) => Promise<RunRecord>;
  /** Whether a record has not all of some metrics that can be computed. @param wanted by default all of them */
  lacks: (record: RunRecord, wanted?: readonly string[]) => boolean;
  /** A record with all metrics of layers: those of its line, those stored with its neurons, and those computed now. */
  complete: (record: RunRecord) => Promise<RunRecord>;
  /** Keeps what was found beside the run. @param more whether more is to come */
  keep: (more?: boolean) => Promise<void>;
}

const nothing: Measured = { stored: {}, computed: {}, whole: {} };

/** @param analysis a thread to compute missing metrics in; without it they are computed here */
export function epochReader(directory: string, header: RunHeader, analysis?: MetricsThread): EpochReader {
  const checksums = new Map<number, FileChecksum | undefined>();
  const verified = new Map<number, Promise<void>>();
  const { layers } = header.network;
  const { labels } = header.probe;
  const kind = { hasClasses: hasClasses(labels) };
  const ranged = layers.some(({ range }) => range) ? (['range'] as const) : [];
  const expected = computable({ ...kind, has: ranged });
  const expectedLater = computable({ ...kind, has: [...ranged, 'before'] });
  const computedBefore = new ComputedMetrics(directory, header, expectedLater);

  /** The record before, which a layer's samples are compared with. */
  const numberBefore = (number: number): number | undefined => {
    let before: number | undefined;
    for (const one of checksums.keys()) if (one < number && one > (before ?? -1)) before = one;
    return before;
  };

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

  /** What of a layer's metrics of neurons its file does not have. */
  const missing = (metrics: NeuronMetrics, { range }: LayerRecord): string[] =>
    'nonfinite' in metrics
      ? []
      : computable({ ...kind, of: 'neurons', has: range ? ['range'] : [] }).filter((id) => !(id in metrics));

  /** A layer's samples as they are stored, with what else its metrics are computed from. */
  const storedSamples = async (file: SafetensorsFile, path: string, layer: LayerRecord): Promise<Samples> => {
    const values = await readStoredSamples(file, path, header, layer);
    return { values, images: values.length / layer.units, neurons: layer.units, range: layer.range };
  };

  /** A layer's samples at the record before, if it has as many. */
  const samplesBefore = async (epoch: number, layer: LayerRecord): Promise<Samples['values'] | undefined> => {
    const before = numberBefore(epoch);
    if (before === undefined) return undefined;
    return inFile(before, (file, path) =>
      holdsWholeSamples(file, layer.index)
        ? readStoredSamples(file, path, header, layer)
        : Promise.resolve<Samples['values'] | undefined>(undefined),
    );
  };

  /**
   * Of some layers what is stored, and what of the rest was computed now. The record's file is opened once.
   * @param whole what is to be computed of layers as a whole
   * @param neurons whether anything of neurons is asked for
   */
  const measure = async (
    epoch: number,
    asked: readonly LayerRecord[],
    whole: readonly string[] = [],
    neurons = true,
  ): Promise<Measured[]> => {
    const measured = await inFile(epoch, async (file, path) => {
      const result: Measured[] = [];
      for (const layer of asked) {
        if (!neurons && !holdsWholeSamples(file, layer.index)) {
          result.push(nothing);
          continue;
        }
        const stored = await readStoredLayer(file, path, layer);
        // Quantiles say nothing of how neurons go together.
        const alone = holdsWholeSamples(file, layer.index) && !('nonfinite' in stored) ? whole : [];
        const wanted = [...missing(stored, layer), ...alone];
        let found: Omit<Measured, 'stored'> = nothing;
        if (wanted.length > 0 && holdsSamples(file, layer.index)) {
          const samples = await storedSamples(file, path, layer);
          if (alone.some((id) => layerMetric(id)?.wants === 'before')) {
            const before = await samplesBefore(epoch, layer);
            if (before?.length === samples.values.length) samples.before = before;
          }
          const answer = await analysis?.metrics([samples], labels, wanted);
          found = {
            computed: answer?.layers[0] ?? measureLayer(samples, labels, wanted),
            whole: answer?.whole[0] ?? wholeMetrics(samples, labels, wanted),
          };
        }
        result.push({ ...found, stored });
      }
      return result;
    });
    return measured ?? asked.map(() => nothing);
  };

  const neuronsOf = async (epoch: number, layer: LayerRecord): Promise<NeuronMetrics> => {
    const stored = (await inFile(epoch, (file, path) => readStoredLayer(file, path, layer))) ?? {};
    if (missing(stored, layer).length === 0) return stored;
    const kept = (await computedBefore.read(epoch, checksums.get(epoch)))?.neurons?.[layer.index - 1];
    return { ...(kept ?? (await measure(epoch, [layer]))[0].computed), ...stored };
  };

  const merged = (record: RunRecord, found: RunRecord['layers']): RunRecord => ({
    ...record,
    layers: { ...found, ...record.layers },
  });

  /** What a record lacks of what can be computed. @param wanted by default all of it */
  const lacking = ({ layers: has, number }: RunRecord, wanted?: readonly string[]): string[] =>
    'nonfinite' in has
      ? []
      : (numberBefore(number) === undefined ? expected : expectedLater).filter(
          (id) => !(id in has) && (wanted?.includes(id) ?? true),
        );
  const lacks = (record: RunRecord, wanted?: readonly string[]): boolean => lacking(record, wanted).length > 0;

  return {
    neurons: (epoch, index) => neuronsOf(epoch, layerOf(index)),
    async samples(epoch, index) {
      const layer = layerOf(index);
      const values = await inFile(epoch, (file, path) => readStoredSamples(file, path, header, layer));
      return values ?? noSamples(index, epoch);
    },
    async keepsImages(epoch, index) {
      const found = await inFile(epoch, (file) => Promise.resolve(file.tensors.has(tensorName(index, 'samples'))));
      return found ?? false;
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
    add({ record: { number }, data }) {
      // A recorder that resumed at an earlier record wrote its file anew.
      for (const one of checksums.keys()) {
        if (one >= number) for (const known of [checksums, verified]) known.delete(one);
      }
      checksums.set(number, data);
    },
    async known(record) {
      if (!lacks(record)) return record;
      return merged(record, (await computedBefore.read(record.number, checksums.get(record.number)))?.layers ?? {});
    },
    lacks,
    async complete(record) {
      const lack = lacking(record);
      if (lack.length === 0) return record;
      const { number } = record;
      const before = await computedBefore.read(number, checksums.get(number));
      if (before) return merged(record, before.layers);
      const found = await measure(
        number,
        layers,
        lack.filter((id) => layerMetric(id)?.of === 'layers'),
        lack.some((id) => layerMetric(id)?.of === 'neurons'),
      );
      const all = layersOf(
        found.map(({ stored, computed }) => ({ ...computed, ...stored })),
        found.map(({ whole }) => whole),
      );
      await computedBefore.add(number, checksums.get(number), {
        layers: all,
        neurons: found.map(({ computed }) => computed),
      });
      return merged(record, all);
    },
    keep: (more) => computedBefore.keep(more),
  };
}

function noSamples(layer: number, epoch: number): never {
  throw new DeepviewError('no-samples', `The run keeps no samples of layer ${layer} up to epoch ${epoch}.`, {
    hint: 'Its recorder left them out; the metrics that it recorded are there.',
    exitCode: exitCodes.unreadable,
  });
}
