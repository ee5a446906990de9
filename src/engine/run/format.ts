import type { LayerRecord } from '../network/layer-table.ts';
import { patchImagesOf } from '../base/features.ts';
import type { StoredNetwork } from '../network/file/index.ts';
import type { Value } from '../base/schema/index.ts';
import type { RunTraining } from '../base/training-settings.ts';
import type { headerForm, machineForm } from './forms.ts';

export { runFormat } from './forms.ts';
export type { LayerRecord };

type Given = Value<typeof headerForm>;

/** Everything that is known of a run before its first epoch: `run.json`, what it leaves out filled in. */
export interface RunHeader extends Omit<Given, 'network' | 'training'> {
  id: string;
  network: {
    name: string;
    parameters: number;
    layers: LayerRecord[];
    /** Of a network that this program cannot find by its name: what it takes to build it again. */
    specification?: StoredNetwork;
  };
  /** No classes where a recorder does not say. */
  dataset: NonNullable<Given['dataset']>;
  /**
   * The probe set: places in the validation images, sorted by class, and their classes. A recorder may tell neither: the
   * samples then say how many images there are.
   */
  probe: { indices: number[]; labels?: number[] };
  training: RunTraining;
}

/** A name of a data set or an engine; nothing where a recorder did not tell it. */
export const toldName = ({ name }: { name: string }): string | undefined => (name === 'unknown' ? undefined : name);

/** The seed of a run; nothing where a recorder did not tell it. */
export const toldSeed = (header: Pick<RunHeader, 'program' | 'seed'>): number | undefined =>
  isTrained(header) || header.seed > 0 ? header.seed : undefined;

/** What of a machine the numbers of a training depend on. */
export type RunMachine = Value<typeof machineForm>;

/** Whether a top-5 error says something: of five classes or fewer the right one is always among the first five. */
export const tellsTop5 = ({ dataset }: { dataset: { classes: readonly string[] } }): boolean =>
  dataset.classes.length > 5;

/** Whether a scalar is a top-5 error of classes that are known, and so few that it says nothing. */
export const saysNothing = (tag: string, { dataset }: Pick<RunHeader, 'dataset'>): boolean =>
  /^error_top5(\/|$)/.test(tag) && dataset.classes.length > 0 && !tellsTop5({ dataset });

/** Whether this program trained it, and can go on with it. */
export const isTrained = ({ program }: Pick<RunHeader, 'program'>): boolean => program.name === 'deepview-tui';

/** What the images are called that a run's patches are places in: a recorder has its probe's, if it does not say more. */
export function patchWord(header: Pick<RunHeader, 'program' | 'dataset'>): string {
  const { part } = patchImagesOf(header.dataset);
  return part === 'validation' && !isTrained(header) ? 'probe' : part;
}

/** One committed record of a run, in most runs an epoch: a line of `epochs.jsonl`. */
export interface RunRecord {
  /** What orders the records and names their files: the epoch, or the step in a run whose clock counts steps. */
  number: number;
  /** From 1. */
  epoch?: number;
  /** Batches learned from since the run began. */
  step?: number;
  /** When it was committed: ISO 8601, UTC; absent where a recorder says neither that nor when the run began. */
  at?: string;
  /**
   * Values of the network by tag, `GROUP/SPLIT` or `GROUP`: `loss/train`, `error/validation`, `learning_rate`. Errors are
   * shares, 0..1. Any value may be NaN or infinite: a training that went astray is shown as it was.
   */
  scalars: Readonly<Record<string, number>>;
  /** Values of layers by metric, one per layer; null where a metric does not apply to a layer. They may be NaN or infinite. */
  layers: Readonly<Record<string, readonly (number | null)[]>>;
  /** Wall time: training, validation and probe; like the share absent where a recorder does not say. */
  seconds?: number;
  /** Share of `seconds` spent on probe and metrics, 0..1. */
  monitoringShare?: number;
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

/**
 * The best of some records: the one with the lowest top-1 error on the validation images; of equal errors the one with
 * the lower validation loss, of equal losses the later one. What is not recorded, or no finite number, is worse than any.
 */
export function bestRecord(records: readonly RunRecord[]): RunRecord | undefined {
  const value = (record: RunRecord, tag: string): number => {
    const recorded = scalar(record, tag);
    return Number.isFinite(recorded) ? recorded : Infinity;
  };
  let best = records.at(0);
  for (const record of records) {
    const [error, least] = [value(record, 'error/validation'), value(best!, 'error/validation')];
    if (error < least || (error === least && value(record, 'loss/validation') <= value(best!, 'loss/validation'))) {
      best = record;
    }
  }
  return best;
}

/** The epochs that are over at a record: of a step that belongs to none, 0. */
export const epochsDone = (record: RunRecord | undefined): number => Math.floor(record?.epoch ?? 0);

/** The states of a run that may still change by itself. */
const underWay = ['preparing', 'running', 'paused', 'silent'] as const;

/**
 * What a trainer says it does (`diverged`: it ended, for its loss or its weights went astray); and of one that says
 * nothing any more: it is gone (`crashed`), or may be (`silent`).
 */
export const runStates = [...underWay, 'finished', 'stopped', 'failed', 'diverged', 'crashed'] as const;
export type RunState = (typeof runStates)[number];

/** Whether a run may still go on by itself. */
export const isUnderWay = (state: RunState): boolean => (underWay as readonly RunState[]).includes(state);
