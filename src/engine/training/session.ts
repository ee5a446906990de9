import { basename, join } from 'node:path';
import { startAnalysis, type Analysis } from '../analysis/analysis-client.ts';
import type { Engine } from '../backend/engine.ts';
import type { DataContext } from '../data/catalogue.ts';
import { requireProbeImages, requireProbeSize } from '../data/sample-probe.ts';
import type { Dataset } from '../data/dataset.ts';
import { counted } from '../base/counted.ts';
import { crossingReport } from '../base/errors.ts';
import { patchImagesOf } from '../base/features.ts';
import { layersOf } from '../metrics/index.ts';
import { findPreset } from '../network/presets/index.ts';
import type { Paths } from '../base/paths.ts';
import { printable } from '../base/printable.ts';
import { readProbe } from '../probe/read-probe.ts';
import { StrongestImages } from '../probe/strongest-images.ts';
import { programFile } from '../base/program-files.ts';
import { checkSettings, engineNames } from '../base/training-settings.ts';
import { bestRecord, type RunHeader, type RunMachine } from '../run/format.ts';
import { createRun, lockRun, reserveRun, resumeRun, type RunWriter } from '../run/index.ts';
import type { EpochLine } from '../run/epoch-line.ts';
import { Stopped, TrainingControl } from './control.ts';
import { isDivergence } from './divergence.ts';
import { EarlyStopping } from './early-stopping.ts';
import type { EngineChoice, RunEvent, TrainingRequest } from './messages.ts';
import { buildModel, type Model } from './model.ts';
import { hasFeatures, machineOf, networkFor, newRunId, planRun, specificationOf } from './plan.ts';
import { provision, type Wanted } from './provision.ts';
import { preparationOfRun, resume, unfinished, validationLosses } from './resume.ts';
import { trainEpochs } from './trainer.ts';
import { inputShapes } from './weights/forms.ts';
import { readWeights, type WeightsOrigin } from './weights/read-weights.ts';

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
    (end) => emit({ type: 'state', ...end }),
    (thrown: unknown) => {
      // Cancelled steps throw errors of their own; a stop is not a failure.
      if (thrown instanceof Stopped || control.signal.aborted) emit({ type: 'state', state: 'stopped' });
      else {
        const error = crossingReport(thrown);
        emit({ type: 'state', state: isDivergence(error.code) ? 'diverged' : 'failed', error });
      }
    },
  );
  return { control, done };
}

/** How a session ended that nothing went wrong in; `reason` where it finished before its last epoch. */
interface SessionEnd {
  state: 'finished' | 'stopped';
  reason?: string;
}

async function runSession(
  request: TrainingRequest,
  { paths, env, emit }: SessionSurroundings,
  control: TrainingControl,
): Promise<SessionEnd> {
  emit({ type: 'state', state: 'preparing' });
  checkSettings(request);
  for (const text of request.networkNotices ?? []) emit({ type: 'notice', text });
  const context: DataContext = {
    paths,
    env,
    signal: control.signal,
    onProgress: (progress) => emit({ type: 'step', progress }),
    onNotice: (text) => emit({ type: 'notice', text }),
  };
  const before = await unfinished(request, context);
  const { name: network } = before?.network ?? request.networkFile ?? findPreset(request.network);
  const id = before?.id ?? newRunId(network);
  const directory = request.resume ?? request.run ?? join(paths.runs, id);
  const lock = before ? { ...(await lockRun(directory)), isMade: false } : await reserveRun(directory);
  // The supervisor writes the run's last status, and gives the lock back after that.
  lock.handOver();
  const { isMade } = lock;
  emit({ type: 'begun', id, directory, network, dataset: before?.dataset.name ?? basename(request.data), isMade });
  return trainIn({ directory, id, before }, request, { context, emit, control });
}

/** Where a run is to be, and what was there. */
interface RunSite {
  directory: string;
  id: string;
  /** The run that is gone on with. */
  before: RunHeader | undefined;
}

async function trainIn(
  { directory, id, before }: RunSite,
  request: TrainingRequest,
  { context, emit, control }: { context: DataContext; control: TrainingControl } & Pick<SessionSurroundings, 'emit'>,
): Promise<SessionEnd> {
  const { engine, dataset } = await provision(
    {
      engine: before && request.engine === 'auto' ? engineOf(before) : request.engine,
      data: before ? (request.takenFor?.data ?? before.dataset.origin?.source ?? before.dataset.name) : request.data,
      images: before ? recordedImages(before) : requestedImages(request),
      limit: before?.dataset.trainImages ?? request.limit,
      source: request.source,
      suggested: before ? undefined : (request.networkFile ?? findPreset(request.network)).training.preparation,
      preparation: before ? preparationOfRun(before) : request.preparation,
      dataByDefault: !before && request.dataByDefault === true,
      lighter: !before,
    },
    context,
  );
  for (const text of before ? differences(before, engine) : []) emit({ type: 'notice', text });
  if (request.deterministic && engine.device === 'gpu') {
    emit({ type: 'notice', text: 'a GPU adds up in no fixed order: --deterministic holds for processors alone' });
  }
  control.signal.throwIfAborted();
  const planned = before ?? planRun(request, { dataset, engine, id, now: new Date(), onNotice: context.onNotice });
  const model = buildModel(engine, specificationOf(planned, dataset), planned.seed);
  const weights = request.weights === undefined ? undefined : await beginWith(request.weights, model);
  const header: RunHeader = { ...planned, ...(weights && { weights }) };
  const writer = await (before ? resumeRun(directory, header.training) : createRun(directory, header));
  const analysis = startAnalysis(programFile('analysis-worker'));
  try {
    emit({ type: 'run', header, directory: writer.directory });
    const earlier = writer.lastEpoch > 0 ? await resume(writer, model, emit) : [];
    emit({ type: 'state', state: 'running' });
    const lastEpoch = request.resume === undefined ? undefined : request.epochs;
    const { keepGoing = false } = request;
    return await trainRun({ header, dataset, model, writer, analysis, control, emit, earlier, lastEpoch, keepGoing });
  } catch (thrown) {
    throw engine.failure?.() ?? thrown;
  } finally {
    await analysis.close();
    model.dispose();
  }
}

/** Why a run's numbers will not be those that they were where it began. */
function differences({ engine: began, machine }: RunHeader, engine: Engine): string[] {
  const texts: string[] = [];
  if (began.name !== engine.name || began.version !== engine.version) {
    const were = `${printable(began.name)} ${printable(began.version)}`;
    texts.push(`the run began on ${were}; ${engine.name} ${engine.version} rounds differently`);
  }
  const here = machineOf(engine);
  const told = ({ cpu, cores, threads, gpu }: RunMachine): string => {
    const counts = [counted(threads, 'thread'), counted(cores, 'core')].join(' on ');
    return `${gpu === undefined ? '' : `${printable(gpu)} beside `}${printable(cpu)} (${counts})`;
  };
  if (machine && (['cpu', 'threads', 'gpu'] as const).some((each) => machine[each] !== here[each])) {
    texts.push(`the run began on ${told(machine)}; it goes on on ${told(here)}, which rounds differently`);
  }
  return texts;
}

/** Puts weights of a file in the place of random ones. */
async function beginWith(path: string, model: Model): Promise<WeightsOrigin> {
  const { specification } = model;
  const { state, origin } = await readWeights(
    path,
    await model.state(),
    specification.name,
    inputShapes(specification),
  );
  model.restore(state);
  return origin;
}

type ImagesWanted = NonNullable<Wanted['images']>;

function requestedImages(request: TrainingRequest): ImagesWanted {
  const { network, networkFile, imageSize, fit, skipCorrupt, followLinks, validation, probe, seed } = request;
  return {
    imageSize,
    fit,
    skipCorrupt,
    followLinks,
    split: { ...(validation !== undefined && { validation }), seed },
    probe,
    channels: networkFile ? networkFile.input?.[2] : findPreset(network).inputShape[2],
    // Before anything is fetched or decoded: that takes minutes, and a misfit is a matter of one option.
    foreseen(dataset) {
      networkFor(request, dataset);
      requireProbeSize(request.probe, dataset.classes.length);
      if (dataset.validationCounts) requireProbeImages(dataset.validationCounts, dataset.classes);
    },
  };
}

/** The images that a run began with: the same ones, made and split in the same way. */
function recordedImages({ dataset: { origin, imageShape, validationImages } }: RunHeader): ImagesWanted {
  const common = { channels: imageShape[2], validationImages };
  if (!origin) return common;
  const { imageSize, fit, skipCorrupt, followLinks, split, content } = origin;
  return { ...common, imageSize, fit, skipCorrupt, followLinks, split, content };
}

const engineOf = (header: RunHeader): EngineChoice => engineNames.find((name) => name === header.engine.name) ?? 'auto';

interface RunParts {
  header: RunHeader;
  dataset: Dataset;
  model: Model;
  writer: RunWriter;
  analysis: Analysis;
  control: TrainingControl;
  emit: (event: RunEvent) => void;
  /** The epochs before, where a run is gone on with. */
  earlier: readonly EpochLine[];
  /** The epoch that the user asked to go on to, past an early end. */
  lastEpoch: number | undefined;
  keepGoing: boolean;
}

async function trainRun(parts: RunParts): Promise<SessionEnd> {
  const { header, dataset, model, writer, analysis } = parts;
  const { labels, indices } = header.probe;
  const layers = header.network.layers;
  const patchImages = patchImagesOf(header.dataset);
  const imageSize = dataset.imageShape.reduce((product, side) => product * side, 1);
  const { epochs: planned, earlyStopping: settings } = header.training;
  const epochs = parts.lastEpoch ?? planned;
  const earlyStopping =
    settings && parts.lastEpoch === undefined
      ? new EarlyStopping(settings, validationLosses(parts.earlier))
      : undefined;
  let best = bestRecord(parts.earlier.map(({ record }) => record));
  const end = await trainEpochs({
    network: model,
    dataset,
    ...header.training,
    epochs,
    earlyStopping,
    startLoss: parts.earlier[0]?.record.lossWithin?.first,
    keepGoing: parts.keepGoing,
    patchImages: header.dataset.patchImages,
    seed: header.seed,
    epochsDone: writer.lastEpoch,
    control: parts.control,
    emit: parts.emit,
    now: () => performance.now(),
    readProbe: (mayYield) => readProbe(model, dataset.validation, indices, imageSize, mayYield),
    strongestOf: (epoch) => {
      const isLast = epoch === epochs || Boolean(earlyStopping?.nearlyDue);
      return hasFeatures(epoch, isLast, header.training.features)
        ? new StrongestImages(layers, patchImages.count, { epoch, part: patchImages.part, leaveOut: parts.keepGoing })
        : undefined;
    },
    captureState: () => model.state(),
    analyse: async (_, samples) => {
      // What compares with the record before is left to readers: a training that goes on has that in half precision.
      const asked = layers.map(({ units, range }, at) => ({
        values: samples[at],
        images: indices.length,
        neurons: units,
        range,
      }));
      const { layers: neurons, whole, seconds } = await analysis.metrics(asked, labels);
      return { layers: layersOf(neurons, whole), neurons, seconds };
    },
    commit: async (outcome, samples, { neurons }, state, features) => {
      const record = { ...outcome, at: new Date().toISOString() };
      best = bestRecord(best ? [best, record] : [record]);
      // Before the epoch's line: a committed epoch can always be gone on from.
      await writer.writeCheckpoint(
        record.number,
        new Map([...state].map(([name, { shape, data }]) => [name, { type: 'float32' as const, shape, data }])),
        { best: best === record },
      );
      if (features) await writer.writeFeatures(record.number, features);
      await writer.commitEpoch(
        record,
        neurons.map((metrics, at) => ({ metrics, samples: samples[at] })),
      );
      return record;
    },
  });
  if (end === 'finished' && earlyStopping?.due && writer.lastEpoch < planned) {
    return { state: end, reason: earlyStopping.reason };
  }
  if (end === 'finished' && writer.lastEpoch < planned) {
    return { state: end, reason: `ended after epoch ${writer.lastEpoch} of ${planned}, as was asked` };
  }
  return { state: end };
}
