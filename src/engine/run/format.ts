import type { LayerRecord } from '../network/layer-table.ts';
import type { RunMetrics } from '../metrics/catalogue.ts';
import type { StoredNetwork } from '../network/file/index.ts';
import type { Value } from '../base/schema/index.ts';
import type { RunTraining } from '../base/training-settings.ts';

import type { machineForm } from './forms.ts';

export { runFormat } from './forms.ts';
export type { LayerRecord };

/** Everything that is known of a run before its first epoch: `run.json`. */
export interface RunHeader {
  format: number;
  /** What the records are numbered by. */
  clock: 'epoch' | 'step';
  /** What the recorder says of scalars and metrics that the catalogue does not know, by tag or id. */
  metrics?: RunMetrics;
  id: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  program: { name: string; version: string };
  network: {
    name: string;
    parameters: number;
    layers: LayerRecord[];
    /** Of a network that this program cannot find by its name: what it takes to build it again. */
    specification?: StoredNetwork;
  };
  dataset: {
    name: string;
    /** None where a recorder does not say. */
    classes: string[];
    trainImages: number;
    validationImages: number;
    /** [height, width, channels] */
    imageShape: [number, number, number];
    /** Where images that the name alone does not say came from, and what tells that they are the same. */
    origin?: DatasetOrigin;
    /** What was done to the pixels, in order: `mean subtraction`, `contrast normalisation`. */
    preparation: string[];
  };
  /**
   * The probe set: places in the validation images, sorted by class, and their classes. A recorder may tell neither: the
   * samples then say how many images there are.
   */
  probe: { indices: number[]; labels?: number[] };
  training: RunTraining;
  seed: number;
  /** The file that the first weights came from, by its name and its content; absent where they were drawn. */
  weights?: { file: string; sha256: string };
  engine: { name: string; version: string; device: string };
  /** Where it began; of other programs' runs, and of those of before, not known. */
  machine?: RunMachine;
}

/** What of a machine the numbers of a training depend on. */
export type RunMachine = Value<typeof machineForm>;

/** Where a run's images came from and how they were made. */
export interface DatasetOrigin {
  /** The file or folder, absolute; absent for a data set of the catalogue at another size. */
  source?: string;
  /** What was asked for; absent where it was not. */
  imageSize?: number;
  fit?: 'crop' | 'stretch';
  skipCorrupt?: boolean;
  followLinks?: boolean;
  /** How the validation images were chosen: this share of each class, by this seed; absent for a given split. */
  split?: { validation: number; seed: number };
  /** SHA-256 over shape, classes, and each image's class and sum. */
  content: string;
}

/** Whether a top-5 error says something: of five classes or fewer the right one is always among the first five. */
export const tellsTop5 = ({ dataset }: { dataset: { classes: readonly string[] } }): boolean =>
  dataset.classes.length > 5;

/** One committed record of a run, in most runs an epoch: a line of `epochs.jsonl`. */
export interface RunRecord {
  /** What orders the records and names their files: the epoch, or the step in a run whose clock counts steps. */
  number: number;
  /** From 1. */
  epoch?: number;
  /** Batches learned from since the run began. */
  step?: number;
  /** When it was committed: ISO 8601, UTC. */
  at: string;
  /**
   * Values of the network by tag, `GROUP/SPLIT` or `GROUP`: `loss/train`, `error/validation`, `learning_rate`. Errors are
   * shares, 0..1. Any value may be NaN or infinite: a training that went astray is shown as it was.
   */
  scalars: Readonly<Record<string, number>>;
  /** Values of layers by metric, one a layer; null where a metric does not apply to a layer. They may be NaN or infinite. */
  layers: Readonly<Record<string, readonly (number | null)[]>>;
  /** Wall time: training, validation and probe. */
  seconds: number;
  /** Share of `seconds` spent on probe and metrics, 0..1. */
  monitoringShare: number;
  /** Mean training loss over the first and over the last tenth of the epoch's batches: whether it learns at all. */
  lossWithin?: { first: number; last: number };
}

/** A scalar of a record; NaN where it has none. */
export const scalar = ({ scalars }: Pick<RunRecord, 'scalars'>, tag: string): number =>
  Object.hasOwn(scalars, tag) ? scalars[tag] : Number.NaN;

/** A layer's value of a metric (layers from 1); NaN where it has none. */
export const layerValue = ({ layers }: Pick<RunRecord, 'layers'>, metric: string, layer: number): number =>
  (Object.hasOwn(layers, metric) ? layers[metric][layer - 1] : undefined) ?? Number.NaN;

/**
 * The class of each probe image. Of a run without labels all are of one: what compares distributions class by class then
 * compares them as a whole.
 */
export const classOfImages = ({ probe }: Pick<RunHeader, 'probe'>, images: number): ArrayLike<number> =>
  probe.labels ?? new Uint16Array(images);

/** The epochs that are over at a record: of a step that belongs to none, 0. */
export const epochsDone = (record: RunRecord | undefined): number => Math.floor(record?.epoch ?? 0);

/** What a trainer says it does; and of one that says nothing any more: it is gone (`crashed`), or may be (`silent`). */
export type RunState = 'preparing' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed' | 'crashed' | 'silent';
