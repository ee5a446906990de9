import type { Augmentation } from '../base/augmentation.ts';
import type { Dataset } from '../data/dataset.ts';
import { epochOrder } from '../data/epoch-order.ts';
import { augmentationOf } from '../data/augmentation/augment.ts';
import type { NeuronMetrics } from '../metrics/index.ts';
import type { StrongestImages } from '../probe/strongest-images.ts';
import type { Features } from '../base/features.ts';
import { tellsTop5, type RunRecord } from '../run/format.ts';
import { CommitQueue } from './commit-queue.ts';
import { Stopped, type TrainingControl } from './control.ts';
import { LossWatch, type WatchedTraining } from './divergence.ts';
import type { BatchLoss } from './loss.ts';
import type { EarlyStopping } from './early-stopping.ts';
import { Eta } from './eta.ts';
import type { RunEvent } from './messages.ts';
import type { Model, StepResult } from './model.ts';
import type { ModelState } from './model-state.ts';
import { onlyMeasures } from './schedule.ts';

/** The network as the loop sees it. */
export type TrainableNetwork = Pick<Model, 'train' | 'evaluate'>;

/** A layer's activations on the probe set: [probe images, neurons] row-major, in the probe's order. */
export type LayerSamples = Float32Array;

/** The metrics of one epoch as they come back, with the seconds that computing them took. */
export interface EpochMetrics {
  /** By metric, one value per layer. */
  layers: RunRecord['layers'];
  /** The neurons' own values, layer by layer. */
  neurons: readonly NeuronMetrics[];
  seconds: number;
}

/** One epoch as the loop hands it over: all but the metrics. */
export type EpochOutcome = Omit<RunRecord, 'layers' | 'monitoringShare' | 'at'>;

export interface TrainerParts {
  network: TrainableNetwork;
  dataset: Dataset;
  epochs: number;
  batch: number;
  /** One rate per epoch; where all are zero, nothing is learned. */
  learningRate: readonly number[];
  augmentation: Augmentation;
  loss: WatchedTraining['loss'];
  clipGradient?: number | undefined;
  /** The loss that the run began with, where it is gone on with. */
  startLoss?: number | undefined;
  /** Goes on where the loss is no number any more, or has exploded. */
  keepGoing?: boolean | undefined;
  /** Training images, the first ones, that the strongest are searched among; without it, the validation images are. */
  patchImages?: number | undefined;
  seed: number;
  /** Epochs that are committed already. */
  epochsDone: number;
  /** Where it is to end early; it has seen the epochs that are committed already. */
  earlyStopping?: EarlyStopping | undefined;
  control: TrainingControl;
  emit: (event: RunEvent) => void;
  /** Milliseconds from any origin. */
  now: () => number;
  /** Reads every layer's activations to the probe set; `mayYield` is awaited between its pieces. */
  readProbe: (mayYield: () => Promise<void>) => Promise<LayerSamples[]>;
  /**
   * What keeps the strongest images of an epoch that is to have them, else nothing.
   */
  strongestOf?: (epoch: number) => Strongest | undefined;
  /** What is needed to go on from here; taken before the next epoch changes it. */
  captureState: () => Promise<ModelState>;
  /** Metrics from samples, elsewhere: the loop does not wait for them. */
  analyse: (epoch: number, samples: LayerSamples[]) => Promise<EpochMetrics>;
  /** Writes checkpoint and epoch, the epoch's line last. @returns the record as committed */
  commit: (
    record: Omit<RunRecord, 'at'>,
    samples: LayerSamples[],
    metrics: EpochMetrics,
    state: ModelState,
    features: readonly Features[] | undefined,
  ) => Promise<RunRecord>;
}

/** Keeps the images with each neuron's strongest activations, of `layers` layers. */
export type Strongest = Pick<StrongestImages, 'layers' | 'add' | 'result'>;

interface Totals extends BatchLoss {
  images: number;
}

/** Milliseconds between two batch events. */
const batchEventInterval = 100;
/** Epochs whose metrics are not back yet, before training waits after all: memory is bounded. */
const mostPending = 4;
/**
 * Milliseconds that the loop gives to a commit in progress between two batches. A commit is some fifty short steps of
 * input and output, each of which would otherwise wait for a whole batch.
 */
const commitCourtesy = 5;
/** Images of one validation batch. */
const validationBatch = 500;

/**
 * Trains to the last epoch, to an early end, or until stopped. Each epoch: training, validation, probe; its metrics are computed
 * and it is committed while the next one trains, always in order. Nothing that happens later takes back a committed epoch.
 * @returns how it ended; by then everything handed over is committed
 * @throws DeepviewError `loss-not-finite`, `loss-exploded`, or what a part threw
 */
export async function trainEpochs(parts: TrainerParts): Promise<'finished' | 'stopped'> {
  const { control } = parts;
  const queue = new CommitQueue((thrown) => control.fail(thrown));
  const mayYield = async (): Promise<void> => {
    await control.yield();
    await queue.settledWithin(commitCourtesy);
  };
  const eta = new Eta(parts.epochs, Math.ceil(parts.dataset.train.count / parts.batch));
  const watch = new LossWatch({
    ...parts,
    classes: parts.dataset.classes.length,
    preparation: parts.dataset.preparation,
    start: parts.startLoss,
    goOn: parts.keepGoing ? (text) => parts.emit({ type: 'notice', text }) : undefined,
  });
  try {
    for (let epoch = parts.epochsDone + 1; epoch <= parts.epochs; epoch++) {
      while (queue.length >= mostPending) await mayYield();
      const validationLoss = await runEpoch({ ...parts, mayYield, eta, queue, watch }, epoch);
      if (parts.earlyStopping?.saw(validationLoss) && epoch < parts.epochs) {
        parts.emit({ type: 'notice', text: parts.earlyStopping.reason });
        break;
      }
      if (control.stopsAfterEpoch && epoch < parts.epochs) throw new Stopped();
    }
  } catch (thrown) {
    // What was handed over before is still committed; a failure of that is the more important news.
    await queue.drained();
    if (thrown instanceof Stopped) return 'stopped';
    throw thrown;
  }
  await queue.drained();
  return 'finished';
}

interface LoopParts extends TrainerParts {
  /** Yields to messages and commits; between batches. @throws Stopped */
  mayYield: () => Promise<void>;
  eta: Eta;
  queue: CommitQueue;
  watch: LossWatch;
}

/** @returns the loss on the validation images */
async function runEpoch(parts: LoopParts, epoch: number): Promise<number> {
  const { control, eta, queue } = parts;
  const learningRate = parts.learningRate[epoch - 1];
  const start = parts.now();
  const pausedBefore = control.pausedSeconds;
  const elapsed = (): number => (parts.now() - start) / 1000 - (control.pausedSeconds - pausedBefore);

  const train = await trainingPass(parts, epoch, learningRate, elapsed);
  const trained = elapsed();
  const batches = Math.ceil(parts.dataset.train.count / parts.batch);
  const tell = (phase: 'validation' | 'probe'): void =>
    parts.emit({
      type: 'batch',
      epoch,
      batch: batches,
      batches,
      loss: train.loss,
      imagesPerSecond: train.images / trained,
      secondsLeft: eta.secondsLeft(epoch, batches, elapsed(), elapsed() - trained),
      phase,
    });
  tell('validation');
  const strongest = parts.strongestOf?.(epoch);
  const { patchImages } = parts;
  const validation = await measuringPass(parts, 'validation', patchImages === undefined ? strongest : undefined);
  const where = `in the validation of epoch ${epoch}`;
  parts.watch.saw({ loss: validation.loss, of: 'validation', where, epoch });
  tell('probe');
  const probeStart = elapsed();
  if (strongest && patchImages !== undefined) await measuringPass(parts, 'train', strongest, patchImages);
  const samples = await parts.readProbe(parts.mayYield);
  const features = strongest && (await resultsOf(strongest, parts.mayYield));
  const seconds = elapsed();
  const probeSeconds = seconds - probeStart + validation.strongestSeconds;
  eta.sawTail(seconds - trained);
  const state = await parts.captureState();

  const outcome: EpochOutcome = {
    number: epoch,
    epoch,
    step: epoch * batches,
    scalars: {
      'loss/train': train.loss,
      'loss/validation': validation.loss,
      'error/train': train.top1Errors / train.images,
      'error/validation': validation.top1Errors / validation.images,
      ...(tellsTop5({ dataset: parts.dataset }) && {
        'error_top5/train': train.top5Errors / train.images,
        'error_top5/validation': validation.top5Errors / validation.images,
      }),
      learning_rate: learningRate,
    },
    lossWithin: train.within,
    seconds,
  };
  // Started now, so that it runs beside the next epoch even while an earlier commit is still being written.
  const analysis = parts.analyse(epoch, samples);
  analysis.catch((thrown: unknown) => control.fail(thrown));
  queue.add(async () => {
    const metrics = await analysis;
    const monitoringShare = seconds > 0 ? Math.min(1, (probeSeconds + metrics.seconds) / seconds) : 0;
    const record = await parts.commit(
      { ...outcome, monitoringShare, layers: { ...metrics.layers, ...train.layers } },
      samples,
      metrics,
      state,
      features,
    );
    parts.emit({ type: 'epoch', record });
  });
  return validation.loss;
}

/** The training images: learned from, or, where nothing is to be learned, measured as the validation images are. */
async function trainingPass(
  parts: LoopParts,
  epoch: number,
  learningRate: number,
  elapsed: () => number,
): Promise<Totals & { within: { first: number; last: number }; layers: RunRecord['layers'] }> {
  const { dataset, eta } = parts;
  const order = epochOrder(parts.dataset.train.count, parts.seed, epoch);
  const batches = Math.ceil(order.length / parts.batch);
  const augment = augmentationOf(parts.augmentation, dataset.imageShape, { seed: parts.seed, epoch, batches });
  const totals: Totals = { loss: 0, top1Errors: 0, top5Errors: 0, images: 0 };
  const tenth = Math.ceil(batches / 10);
  const first: Totals = { ...totals };
  const last: Totals = { ...totals };
  const measures = onlyMeasures(parts);
  let layers: RunRecord['layers'] = {};
  let lastEvent = -Infinity;
  const prepare = (batch: number): { images: Float32Array; labels: Int32Array } => {
    const chosen = order.subarray((batch - 1) * parts.batch, batch * parts.batch);
    const images = prepared(dataset, 'train', chosen);
    augment(images, batch);
    return { images, labels: Int32Array.from(chosen, (image) => dataset.train.labels[image]) };
  };
  let next = prepare(1);
  for (let batch = 1; batch <= batches; batch++) {
    await parts.mayYield();
    const { images, labels } = next;
    const computing: Promise<StepResult> = measures
      ? parts.network.evaluate(images, labels)
      : parts.network.train(images, labels, { learningRate, epoch, batch, measured: batch === batches });
    // A GPU computes meanwhile.
    const preparing = Promise.resolve().then(() => (batch < batches ? prepare(batch + 1) : next));
    const [result, following] = await Promise.all([computing, preparing]);
    next = following;
    layers = result.layers ?? layers;
    const where = `in epoch ${epoch}, batch ${batch} of ${batches}`;
    parts.watch.saw({ loss: result.loss, of: 'training', where, epoch });
    add(totals, result, labels.length);
    if (batch <= tenth) add(first, result, labels.length);
    if (batch > batches - tenth) add(last, result, labels.length);
    if (parts.now() - lastEvent < batchEventInterval && batch < batches) continue;
    lastEvent = parts.now();
    const seconds = elapsed();
    parts.emit({
      type: 'batch',
      epoch,
      batch,
      batches,
      loss: totals.loss,
      imagesPerSecond: seconds > 0 ? totals.images / seconds : 0,
      secondsLeft: eta.secondsLeft(epoch, batch, seconds),
      phase: 'training',
    });
  }
  return { ...totals, within: { first: first.loss, last: last.loss }, layers };
}

/**
 * Measures images of a part, the first `count`; on the way, the strongest activations of every layer are shown to
 * `strongest`. The measurements are the same with and without it.
 */
async function measuringPass(
  parts: LoopParts,
  part: 'train' | 'validation',
  strongest: Strongest | undefined,
  count = parts.dataset[part].count,
): Promise<Totals & { strongestSeconds: number }> {
  const { dataset } = parts;
  let strongestSeconds = 0;
  const totals: Totals = { loss: 0, top1Errors: 0, top5Errors: 0, images: 0 };
  for (let start = 0; start < count; start += validationBatch) {
    await parts.mayYield();
    const length = Math.min(validationBatch, count - start);
    const chosen = Uint32Array.from({ length }, (_, offset) => start + offset);
    const labels = Int32Array.from(dataset[part].labels.subarray(start, start + length));
    const result = await parts.network.evaluate(
      prepared(dataset, part, chosen),
      labels,
      strongest &&
        (async (layer, find) => {
          const from = parts.now();
          const { largest, places } = await find();
          strongest.add(layer, start, largest, places);
          strongestSeconds += (parts.now() - from) / 1000;
        }),
    );
    add(totals, result, labels.length);
  }
  return { ...totals, strongestSeconds };
}

async function resultsOf(strongest: Strongest, mayYield: () => Promise<void>): Promise<Features[]> {
  const features: Features[] = [];
  for (let layer = 0; layer < strongest.layers; layer++) {
    await mayYield();
    features.push(strongest.result(layer));
  }
  return features;
}

function prepared(dataset: Dataset, part: 'train' | 'validation', chosen: Uint32Array): Float32Array {
  const [height, width, channels] = dataset.imageShape;
  const images = new Float32Array(chosen.length * height * width * channels);
  dataset[part].fill(chosen, images);
  return images;
}

/** Keeps `loss` the mean over all images so far. */
function add(totals: Totals, { loss, top1Errors, top5Errors }: BatchLoss, images: number): void {
  totals.loss = (totals.loss * totals.images + loss * images) / (totals.images + images);
  totals.images += images;
  totals.top1Errors += top1Errors;
  totals.top5Errors += top5Errors;
}
