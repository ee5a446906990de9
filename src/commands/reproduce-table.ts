import type { ErrorReport } from '../engine/base/errors.ts';
import { datasetEntry } from '../engine/data/catalogue.ts';
import { findPreset, paperAccuracies } from '../engine/network/presets/index.ts';
import { printable } from '../engine/base/printable.ts';
import { scalar, type RunRecord, type RunState, type RunSummary } from '../engine/run/index.ts';
import { formatTable } from './common.ts';

/** What the paper trains on. */
export const paperData = 'cifar10';

/** A network of the paper: what the paper says of it, and what its run says. Shares 0..1; null where nothing is known. */
export interface NetworkResult {
  network: string;
  /** The paper's top-1 accuracy; on other images than the paper's there is none. */
  paperAccuracy: number | null;
  /** On the validation images after the last epoch done. */
  accuracy: number | null;
  /** `accuracy` less `paperAccuracy`, of a finished run by the paper's settings. */
  difference: number | null;
  /** The best epoch's. */
  bestAccuracy: number | null;
  epochs: { done: number; planned: number | null };
  /** After the last epoch done. */
  loss: { train: number; validation: number } | null;
  /** Mean training loss of the first tenth of the first epoch's steps, and of the last tenth of the last epoch's. */
  meanLoss: { first: number; last: number } | null;
  /** Whether the mean training loss fell. */
  learns: boolean | null;
  state: RunState | 'not-begun';
  directory: string;
  /** What kept it from being finished this time. */
  error?: ErrorReport;
}

export function resultOf(
  { network, directory, data }: { network: string; directory: string; data: string },
  run: RunSummary | undefined,
  error: ErrorReport | undefined,
): NetworkResult {
  const images = run?.dataset ?? data;
  const paper = images === paperData ? (paperAccuracies.get(network) ?? null) : null;
  const first = run?.firstRecord;
  const last = run?.lastRecord;
  const accuracy = last ? 1 - scalar(last, 'error/validation') : null;
  const meanLoss = first && last ? { first: ofStart(first), last: ofEnd(last) } : null;
  const state = run?.state ?? (error ? 'failed' : 'not-begun');
  return {
    network,
    paperAccuracy: paper,
    accuracy,
    difference: accuracy !== null && paper !== null && run && isPapers(run) ? accuracy - paper : null,
    bestAccuracy: run?.bestTop1Error === undefined ? null : 1 - run.bestTop1Error,
    epochs: { done: run?.epochs.done ?? 0, planned: run?.epochs.planned ?? null },
    loss: last ? { train: scalar(last, 'loss/train'), validation: scalar(last, 'loss/validation') } : null,
    meanLoss,
    learns: meanLoss && meanLoss.last < meanLoss.first,
    state,
    directory,
    ...(error && { error }),
  };
}

/** Whether a run is the paper's training, to its end. */
function isPapers({ header, state }: RunSummary): boolean {
  const epochs = header?.training.epochs;
  return (
    header !== undefined &&
    state === 'finished' &&
    epochs === findPreset(header.network.name).training.learningRate.length &&
    header.dataset.name === paperData &&
    header.dataset.trainImages === datasetEntry(paperData).trainImages
  );
}

const ofStart = (record: RunRecord): number => record.lossWithin?.first ?? scalar(record, 'loss/train');
const ofEnd = (record: RunRecord): number => record.lossWithin?.last ?? scalar(record, 'loss/train');

const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(2)} %`);
const points = (share: number | null): string =>
  share === null ? '-' : `${share < 0 ? '-' : '+'}${Math.abs(share * 100).toFixed(2)}`;
const number = (value: number | undefined): string => value?.toFixed(4) ?? '-';

/** The paper's table with the measured one beside it. */
export function tableLines(results: readonly NetworkResult[]): string[] {
  const head = ['network', 'paper', 'measured', 'difference', 'epochs', 'train loss', 'val loss'];
  const more = ['mean loss: first', 'last', '', 'state'];
  const rows = results.map((result) => [
    result.network,
    percent(result.paperAccuracy),
    percent(result.accuracy),
    points(result.difference),
    `${result.epochs.done}/${result.epochs.planned ?? '-'}`,
    number(result.loss?.train),
    number(result.loss?.validation),
    number(result.meanLoss?.first),
    number(result.meanLoss?.last),
    result.learns === null ? '' : result.learns ? 'falls' : 'does not fall',
    stateWords(result),
  ]);
  return formatTable([[...head, ...more], ...rows], [1, 2, 3, 4, 5, 6, 7, 8]);
}

const stateWords = ({ state, error }: NetworkResult): string => {
  const word = state === 'not-begun' ? 'not begun' : state;
  return error ? `${word}: ${printable(error.message, 200)}` : word;
};
