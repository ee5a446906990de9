import { join } from 'node:path';
import { startAnalysis, type Analysis } from '../analysis/analysis-client.ts';
import type { DataContext } from '../data/catalogue.ts';
import type { Dataset } from '../data/dataset.ts';
import { crossingReport, DeepviewError, exitCodes } from '../errors.ts';
import { layerMean, type NeuronMetrics } from '../metrics/index.ts';
import { findPreset } from '../network/presets/index.ts';
import type { Paths } from '../paths.ts';
import { preparationOf, type Preparation } from '../preparations.ts';
import { printable } from '../printable.ts';
import { readProbe } from '../probe/read-probe.ts';
import { StrongestImages } from '../probe/strongest-images.ts';
import { programFile } from '../program-files.ts';
import type { RunHeader } from '../run/format.ts';
import { createRun, readCheckpoint, resumeRun, type RunWriter } from '../run/index.ts';
import { readHeader, readRecords } from '../run/records.ts';
import { Stopped, TrainingControl } from './control.ts';
import type { EngineChoice, RunEvent, TrainingRequest } from './messages.ts';
import { buildModel, type Model } from './model.ts';
import { planRun, specificationOf } from './plan.ts';
import { provision, type Wanted } from './provision.ts';
import { trainEpochs } from './trainer.ts';

export interface SessionSurroundings {
  paths: Paths;
  env: NodeJS.ProcessEnv;
  emit: (event: RunEvent) => void;
}

/** One training from its request to its last state. */
export interface Session {
  control: TrainingControl;
  /** Resolves after the last event, a final state; whatever went wrong is in it. */
  done: Promise<void>;
}

/** Provides engine and data, begins or resumes the run, trains, and says so in events. */
export function startSession(request: TrainingRequest, surroundings: SessionSurroundings): Session {
  const { emit } = surroundings;
  const control = new TrainingControl((paused) => emit({ type: 'state', state: paused ? 'paused' : 'running' }));
  const done = runSession(request, surroundings, control).then(
    (state) => emit({ type: 'state', state }),
    (thrown: unknown) => {
      // Cancelled steps throw errors of their own; a stop is not a failure.
      if (thrown instanceof Stopped || control.signal.aborted) emit({ type: 'state', state: 'stopped' });
      else emit({ type: 'state', state: 'failed', error: crossingReport(thrown) });
    },
  );
  return { control, done };
}

async function runSession(
  request: TrainingRequest,
  { paths, env, emit }: SessionSurroundings,
  control: TrainingControl,
): Promise<'finished' | 'stopped'> {
  emit({ type: 'state', state: 'preparing' });
  const context: DataContext = {
    paths,
    env,
    signal: control.signal,
    onProgress: (progress) => emit({ type: 'step', progress }),
    onNotice: (text) => emit({ type: 'notice', text }),
  };
  const before = request.resume === undefined ? undefined : await unfinished(request.resume);
  const { engine, dataset } = await provision(
    {
      engine: before && request.engine === 'auto' ? engineOf(before) : request.engine,
      data: before ? (before.dataset.origin?.source ?? before.dataset.name) : request.data,
      images: before ? recordedImages(before) : requestedImages(request),
      limit: before?.dataset.trainImages ?? request.limit,
      source: request.source,
      suggested: 'whitening',
      preparation: before ? preparationOfRun(before) : request.preparation,
      dataByDefault: !before && request.dataByDefault === true,
      lighter: !before,
    },
    context,
  );
  if (before && (before.engine.name !== engine.name || before.engine.version !== engine.version)) {
    const were = `${printable(before.engine.name)} ${printable(before.engine.version)}`;
    emit({ type: 'notice', text: `the run began on ${were}; ${engine.name} ${engine.version} rounds differently` });
  }
  control.signal.throwIfAborted();
  const header = before ?? planRun(request, { dataset, engine, now: new Date() });
  const model = buildModel(engine, specificationOf(header, dataset), header.seed);
  const writer =
    request.resume === undefined
      ? await createRun(request.run ?? join(paths.runs, header.id), header)
      : await resumeRun(request.resume);
  const analysis = startAnalysis(programFile('analysis-worker'));
  try {
    emit({ type: 'run', header, directory: writer.directory });
    const best = writer.lastEpoch > 0 ? await goOn(writer, model, emit) : Infinity;
    emit({ type: 'state', state: 'running' });
    const features = request.features ?? defaultFeatures;
    return await trainRun({ header, dataset, model, writer, analysis, control, emit, best, features });
  } finally {
    await analysis.close();
    model.dispose();
    await writer.close();
  }
}

type ImagesWanted = NonNullable<Wanted['images']>;

function requestedImages({ network, imageSize, fit, skipCorrupt, validation, seed }: TrainingRequest): ImagesWanted {
  return {
    imageSize,
    fit,
    skipCorrupt,
    split: { ...(validation !== undefined && { validation }), seed },
    channels: findPreset(network).inputShape[2],
  };
}

/** The images that a run began with: the same ones, made and split in the same way. */
function recordedImages({ dataset: { origin, imageShape } }: RunHeader): ImagesWanted {
  if (!origin) return { channels: imageShape[2] };
  const { imageSize, fit, skipCorrupt, split, content } = origin;
  return { imageSize, fit, skipCorrupt, split, content, channels: imageShape[2] };
}

/** @throws DeepviewError `run-finished` (exit code 2), or what reading the header throws */
async function unfinished(directory: string): Promise<RunHeader> {
  const header = await readHeader(directory);
  const { lines } = await readRecords(directory, header);
  if ((lines.at(-1)?.record.epoch ?? 0) < header.training.epochs) return header;
  throw new DeepviewError('run-finished', `All ${header.training.epochs} epochs of this run are done.`, {
    hint: `See it with: deepview-tui open ${printable(directory, 1000)}`,
    exitCode: exitCodes.usage,
  });
}

/** @throws DeepviewError `run-differs` (exit code 4) if this program cannot prepare images as the run has them */
function preparationOfRun({ dataset }: RunHeader): Preparation {
  const preparation = preparationOf(dataset.preparation);
  if (preparation) return preparation;
  const steps = printable(dataset.preparation.join(', '));
  throw new DeepviewError('run-differs', `The run cannot go on: its images were prepared by "${steps}".`, {
    hint: 'Use the version of the program that wrote it.',
    exitCode: exitCodes.unreadable,
  });
}

const engineOf = (header: RunHeader): EngineChoice =>
  header.engine.name === 'tensorflow' || header.engine.name === 'wasm' ? header.engine.name : 'auto';

/** Puts back the weights of the last committed epoch and tells of the epochs before. @returns the least error so far */
async function goOn(writer: RunWriter, model: Model, emit: (event: RunEvent) => void): Promise<number> {
  const { lines } = await readRecords(writer.directory, writer.header);
  const checkpoint = await readCheckpoint(writer.directory, writer.lastEpoch);
  model.restore(
    new Map([...checkpoint].map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data, Number) }])),
  );
  for (const { record } of lines) {
    // Only recordings of other programs lack the metrics, and those have no checkpoint.
    const { discriminability = [], density = [] } = record;
    emit({ type: 'epoch', record: { ...record, discriminability, density } });
  }
  return Math.min(...lines.map(({ record }) => record.top1Error.validation));
}

/** Epochs between two whose strongest patches are stored, when nobody says how many. */
const defaultFeatures = 5;

interface RunParts {
  header: RunHeader;
  dataset: Dataset;
  model: Model;
  writer: RunWriter;
  analysis: Analysis;
  control: TrainingControl;
  emit: (event: RunEvent) => void;
  /** Least top-1 error on the validation images of the epochs before. */
  best: number;
  /** Epochs between two whose strongest patches are stored; 0 for none. */
  features: number;
}

function trainRun(parts: RunParts): Promise<'finished' | 'stopped'> {
  const { header, dataset, model, writer, analysis, features: every } = parts;
  const { labels, indices } = header.probe;
  const layers = header.network.layers;
  const imageSize = dataset.imageShape.reduce((product, side) => product * side, 1);
  let best = parts.best;
  return trainEpochs({
    network: model,
    dataset,
    ...header.training,
    seed: header.seed,
    epochsDone: writer.lastEpoch,
    control: parts.control,
    emit: parts.emit,
    now: () => performance.now(),
    readProbe: (turn) => readProbe(model, dataset.validation, indices, imageSize, turn),
    strongestOf: (epoch, asked) => {
      const due = every > 0 && (epoch === 1 || epoch === header.training.epochs || epoch % every === 0);
      return asked || due ? new StrongestImages(layers, dataset.validation.count, epoch) : undefined;
    },
    captureState: () => model.state(),
    analyse: async (epoch, samples) => {
      const asked = layers.map(({ index, name, units }, at) => ({
        origin: `layer ${index} (${name})`,
        samples: { values: samples[at], images: labels.length, neurons: units },
      }));
      const { layers: neurons, seconds } = await analysis.metrics(asked, labels, epoch);
      return { ...layerValues(neurons), neurons, seconds };
    },
    commit: async (outcome, samples, { neurons }, state, features) => {
      const record = { ...outcome, at: new Date().toISOString() };
      const isBest = record.top1Error.validation < best;
      if (isBest) best = record.top1Error.validation;
      // Before the epoch's line: a committed epoch can always be gone on from.
      await writer.writeCheckpoint(
        record.epoch,
        new Map([...state].map(([name, { shape, data }]) => [name, { type: 'float32' as const, shape, data }])),
        { best: isBest },
      );
      if (features) await writer.writeFeatures(record.epoch, features);
      await writer.commitEpoch(
        record,
        neurons.map((metrics, at) => ({ ...metrics, samples: samples[at] })),
      );
      return record;
    },
  });
}

const layerValues = (neurons: readonly NeuronMetrics[]): { discriminability: number[]; density: number[] } => ({
  discriminability: neurons.map((layer) => layerMean(layer.discriminability)),
  density: neurons.map((layer) => layerMean(layer.density)),
});
