import { availableParallelism, cpus } from 'node:os';
import type { Engine } from '../backend/engine.ts';
import type { Dataset } from '../data/dataset.ts';
import { sampleProbe } from '../data/sample-probe.ts';
import type { Augmentation } from '../base/augmentation.ts';
import { DeepviewError, exitCodes } from '../base/errors.ts';
import { resolveNetwork, type StoredNetwork } from '../network/file/index.ts';
import { layerTable } from '../network/layer-table.ts';
import { findPreset, forClasses } from '../network/presets/index.ts';
import type { NetworkSpecification, OptimiserSpecification, TrainingSpecification } from '../network/specification.ts';
import { preparationOf } from '../base/preparations.ts';
import { keptImages } from '../probe/strongest-images.ts';
import { printable } from '../base/printable.ts';
import { runFormat, type LayerRecord, type RunHeader, type RunMachine } from '../run/format.ts';
import { programVersion } from '../base/version.ts';
import type { TrainingRequest } from './messages.ts';
import { overridden } from './overrides.ts';
import { learningRates } from './schedule.ts';

/**
 * A new run's header: the request, with everything left open filled in from the network, the data and the engine.
 * @throws DeepviewError `network-does-not-fit`, `impossible-network` (exit code 2), or what choosing the probe set throws
 */
export function planRun(
  request: TrainingRequest,
  {
    dataset,
    engine,
    id,
    now,
    onNotice,
  }: { dataset: Dataset; engine: Engine; id: string; now: Date; onNotice?: (text: string) => void },
): RunHeader {
  const { epochs } = request;
  const specification = networkFor(request, dataset);
  const probe = sampleProbe(dataset.validation, dataset.classes, request.probe, request.seed, onNotice);
  const layers = recordsOf(specification);
  const wanted = overridden(specification.training, request);
  const settled = request.probeOnly ? measuring(wanted) : forImages(wanted, request, dataset, onNotice);
  const { preparation: _, ...training } = settled;
  const rates = learningRates(training, epochs);
  return {
    format: runFormat,
    clock: 'epoch',
    id,
    createdAt: now.toISOString(),
    program: { name: 'deepview-tui', version: programVersion },
    network: {
      name: specification.name,
      parameters: layers.reduce((sum, layer) => sum + layer.parameters, 0),
      layers,
      ...(request.networkFile && { specification: stored(specification) }),
    },
    dataset: {
      name: dataset.name,
      classes: [...dataset.classes],
      trainImages: dataset.train.count,
      validationImages: dataset.validation.count,
      ...patchImagesFor(dataset),
      imageShape: [...dataset.imageShape],
      ...(dataset.origin && { origin: structuredClone(dataset.origin) }),
      preparation: [...dataset.preparation],
    },
    probe: { indices: Array.from(probe.indices), labels: Array.from(probe.labels) },
    training: {
      ...training,
      epochs: rates.length,
      batch: Math.min(training.batch, dataset.train.count),
      learningRate: rates,
      features: request.features ?? defaultFeatures,
    },
    seed: request.seed,
    engine: { name: engine.name, version: engine.version, device: engine.device },
    machine: { ...machineOf(engine), ...(request.deterministic && { deterministic: true }) },
  };
}

/** Training images that patches are searched in at most: an epoch's search takes as long as measuring them. */
const mostPatchImages = 10_000;

/** Where a user's own images leave fewer for validation than patches are kept of a neuron, training images have more. */
function patchImagesFor({ origin, train, validation }: Dataset): { patchImages?: number } {
  const hasFew = origin !== undefined && validation.count < Math.min(keptImages, train.count);
  return hasFew ? { patchImages: Math.min(train.count, mostPatchImages) } : {};
}

/** Steps that an epoch of a user's own images has, where they are enough for them. */
const usualSteps = 25;
const leastBatch = 10;

/**
 * What was left open, for images that a network was not made for. Networks whose rates are for whitened images overshoot
 * where they are not whitened, so their gradients are clipped; of few images an epoch would have few steps, in which a
 * network hardly moves and running means stay behind, so batches become smaller.
 */
function forImages(
  training: TrainingSpecification,
  { batch, clipGradient, learningRate }: TrainingRequest,
  { origin, preparation: done, train }: Dataset,
  onNotice?: (text: string) => void,
): TrainingSpecification {
  const isUnwhitened = training.preparation === 'whitening' && preparationOf(done) === 'contrast';
  const isClipped = isUnwhitened && clipGradient === undefined && learningRate === undefined;
  if (isClipped) onNotice?.('gradients are clipped to a norm of 1: the rates are those for whitened images');
  const steps = Math.max(leastBatch, Math.floor(train.count / usualSteps));
  return {
    ...training,
    ...(isClipped && { clipGradient: 1 }),
    ...(origin?.source !== undefined && batch === undefined && { batch: Math.min(training.batch, steps) }),
  };
}

/** Epochs between two whose strongest patches are stored, where the user does not say how many. */
const defaultFeatures = 5;

/** Whether an epoch's strongest patches are stored: those of the first and the last, and of every nth. */
export const hasFeatures = (
  epoch: number,
  isLast: boolean,
  every: RunHeader['training']['features'] = defaultFeatures,
): boolean => every !== 'off' && (epoch === 1 || isLast || epoch % every === 0);

/** What of this machine the numbers of a training depend on. */
export const machineOf = ({ threads, gpu }: Pick<Engine, 'threads' | 'gpu'>): RunMachine => ({
  cpu: cpus()[0]?.model.trim() || 'unknown',
  cores: availableParallelism(),
  threads,
  ...(gpu !== undefined && { gpu }),
});

/** What must be known of a data set to tell whether a network fits it. */
type DatasetFacts = Pick<Dataset, 'name' | 'imageShape' | 'classes'>;

/**
 * The network of a request, for a data set.
 * @throws DeepviewError `network-does-not-fit`, `augmentation-does-not-fit`, `impossible-network` (exit code 2)
 */
export function networkFor(request: TrainingRequest, dataset: DatasetFacts): NetworkSpecification {
  const { networkFile: file, epochs } = request;
  const specification = file
    ? resolveNetwork(file, { imageShape: dataset.imageShape, classes: dataset.classes.length, epochs })
    : forClasses(findPreset(request.network), dataset.classes.length);
  requireFit(specification, dataset);
  if (!request.probeOnly) requireAugmentable(overridden(specification.training, request).augmentation, dataset);
  return specification;
}

/** One epoch that leaves a network as it is. */
function measuring({ earlyStopping: _, ...training }: TrainingSpecification): TrainingSpecification {
  return { ...training, learningRate: [0], augmentation: {} };
}

/** What a run's network is built of: as run.json stores it, or by its name. */
export const networkOf = ({ network, dataset }: RunHeader): StoredNetwork =>
  network.specification ?? forClasses(findPreset(network.name), dataset.classes.length);

/**
 * The network that a run trains, with the run's own settings.
 * @throws DeepviewError `run-differs` (exit code 4) if this program's network or data are not those of the run
 */
export function specificationOf(header: RunHeader, dataset: Dataset): NetworkSpecification {
  const specification = networkOf(header);
  const differs = (what: string): DeepviewError =>
    new DeepviewError('run-differs', `The run cannot go on: ${what}.`, {
      hint: 'Start a new run, or use the version of the program that wrote it.',
      exitCode: exitCodes.unreadable,
    });
  const form = (layers: readonly LayerRecord[]): string =>
    layers.map(({ name, label, shape }) => `${name} ${label} ${shape.join('x')}`).join();
  if (form(recordsOf(specification)) !== form(header.network.layers)) {
    throw differs(`the layers of ${printable(header.network.name)} are not the ones that it recorded`);
  }
  const had = header.dataset;
  if (dataset.train.count !== had.trainImages || dataset.validation.count !== had.validationImages) {
    throw differs(
      `${printable(dataset.name)} has ${dataset.train.count} training and ${dataset.validation.count} validation ` +
        `images, the run has ${had.trainImages} and ${had.validationImages}`,
    );
  }
  const { indices, labels } = header.probe;
  if (indices.some((image, at) => dataset.validation.labels[image] !== labels?.[at])) {
    throw differs('the classes of its probe images are not those of the data');
  }
  const { epochs: _, features: __, optimiser = usualOptimiser, ...training } = header.training;
  const preparation = preparationOf(had.preparation) ?? 'contrast';
  return { ...specification, training: { ...training, optimiser, preparation } };
}

/** Of runs that do not say: all of them were trained so. */
const usualOptimiser: OptimiserSpecification = { kind: 'sgd', momentum: 0.9 };

const stored = ({ name, description, inputShape, layers }: NetworkSpecification): StoredNetwork => ({
  ...{ name, description, inputShape, layers },
});

const recordsOf = (specification: StoredNetwork): LayerRecord[] =>
  layerTable(specification).map(({ multiplications: _, from: __, ...record }) => record);

function requireFit(specification: NetworkSpecification, dataset: DatasetFacts): void {
  const misfit = (what: string, hint = 'Choose another network or another data set.'): DeepviewError =>
    new DeepviewError('network-does-not-fit', `${specification.name} ${what} of ${printable(dataset.name)}.`, {
      exitCode: exitCodes.usage,
      hint,
    });
  const { inputShape } = specification;
  if (inputShape.join() !== dataset.imageShape.join()) {
    const [height, width, channels] = inputShape;
    // Grey images were repeated where three channels are wanted; colours are not thrown away unasked.
    const canBeMade = height === width && channels === dataset.imageShape[2];
    throw misfit(
      `takes images of ${inputShape.join('x')}, not the ${dataset.imageShape.join('x')}`,
      canBeMade ? `Bring them to that size with: --image-size ${height}` : undefined,
    );
  }
  const outputs = layerTable(specification).at(-1)?.units;
  if (specification.training.loss === 'squared-error') {
    if (outputs !== 1) throw misfit(`has ${outputs} outputs, where the squared error needs one for the classes`);
  } else if (outputs !== dataset.classes.length) {
    throw misfit(`tells ${outputs} classes apart, not the ${dataset.classes.length}`);
  }
}

/** Shifted by its own size, nothing of an image is left. */
function requireAugmentable({ shift = 0 }: Augmentation, { name, imageShape: [height, width] }: DatasetFacts): void {
  const most = Math.min(height, width) - 1;
  if (shift <= most) return;
  throw new DeepviewError(
    'augmentation-does-not-fit',
    `A shift by ${shift} pixels leaves nothing of the ${height}x${width} images of ${printable(name)}.`,
    { hint: `Give --augment a shift of ${most} at most.`, exitCode: exitCodes.usage },
  );
}

/**
 * An id for a new run: sortable by time, readable, and unlikely twice: `20261123-1642-lenet-k3f9`.
 * @param now UTC is taken
 * @param random uniform in [0, 1)
 */
export function newRunId(network: string, now: Date = new Date(), random: () => number = Math.random): string {
  const time = now.toISOString().replace(/[-:]/g, '');
  const name = network
    .toLowerCase()
    .replace(/\.[a-z]+$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const tail = Array.from({ length: 4 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
  return `${time.slice(0, 8)}-${time.slice(9, 13)}-${name || 'network'}-${tail}`;
}

/** Without characters that are easily mistaken for one another. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
