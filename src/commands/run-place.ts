import { misuse, unreadable } from '../engine/base/errors.ts';
import { nearest } from '../engine/base/nearest.ts';
import { printable } from '../engine/base/printable.ts';
import { bestRecord, type LayerRecord } from '../engine/run/format.ts';
import type { OpenRun } from '../engine/run/open.ts';

/** A layer of a run, or one of its neurons. */
export interface RunPlace {
  layer: LayerRecord;
  /** From 0. */
  neuron?: number;
}

/** The layer that is meant by number or name. @throws DeepviewError `unknown-layer` */
function layerNamed(layers: readonly LayerRecord[], word: string): LayerRecord {
  const found = layers.find(({ index, name }) => String(index) === word || name === word);
  if (found) return found;
  const names = layers.slice(0, 6).map(({ name }) => printable(name, 30));
  const more = layers.length > 6 ? ` and ${layers.length - 6} more` : '';
  throw misuse(
    'unknown-layer',
    `the run has no layer "${printable(word, 60)}"`,
    `Layers are numbered 1 to ${layers.length}, or named: ${names.join(', ')}${more}.`,
  );
}

/**
 * A layer, or `LAYER/NEURON`. A layer whose name has a slash goes first.
 * @throws DeepviewError `unknown-layer`, `unknown-neuron` (exit code 2)
 */
export function placeNamed(layers: readonly LayerRecord[], word: string): RunPlace {
  const slash = word.lastIndexOf('/');
  if (slash < 0 || layers.some(({ name }) => name === word)) return { layer: layerNamed(layers, word) };
  const layer = layerNamed(layers, word.slice(0, slash));
  return { layer, neuron: neuronNumbered(layer, word.slice(slash + 1)) };
}

/** A run that has something to be told of. @throws DeepviewError `no-epochs` (exit code 4) */
export function withRecords(run: OpenRun): OpenRun {
  const { id, clock } = run.header;
  if (run.records.length > 0) return run;
  throw unreadable('no-epochs', `the run ${printable(id)} has no finished ${clock}`, 'Come back after the first.');
}

/** A neuron by its number. @throws DeepviewError `unknown-neuron` (exit code 2) */
function neuronNumbered(layer: LayerRecord, word: string): number {
  const neuron = /^\d{1,9}$/.test(word) ? Number(word) : NaN;
  if (neuron < layer.units) return neuron;
  throw misuse(
    'unknown-neuron',
    `layer ${layer.index} has no neuron "${printable(word, 20)}"`,
    `Its neurons are numbered 0 to ${layer.units - 1}.`,
  );
}

/**
 * The record that is meant, by its number; undefined before the first. `best` is as `bestRecord` says.
 * @throws DeepviewError `usage` for another word
 */
export function epochMeant({ records }: OpenRun, word: string, option = '--epoch'): number | undefined {
  if (word === 'last') return records.at(-1)?.number;
  if (word === 'best') return bestRecord(records)?.number;
  if (/^\d{1,7}$/.test(word) && Number(word) > 0) return Number(word);
  throw misuse('usage', `${option} is "${printable(word, 60)}"; it must be a number, best or last.`);
}

/** The run as it was after an epoch. @throws DeepviewError `unknown-epoch` */
export function upTo(run: OpenRun, epoch: number | undefined): OpenRun {
  if (epoch === undefined) return run;
  const records = run.records.filter((record) => record.number <= epoch);
  if (records.at(-1)?.number === epoch) return { ...run, records };
  const { clock } = run.header;
  const [first, last] = [run.records.at(0)?.number, run.records.at(-1)?.number];
  throw misuse(
    'unknown-epoch',
    `the run has no ${clock} ${epoch}`,
    last === undefined ? `It has no finished ${clock} yet.` : `Its ${clock}s are ${first} to ${last}.`,
  );
}

/** @throws DeepviewError `unknown-metric` for one that a run has not, naming those that it has */
export function metricNamed(known: readonly string[], metric: string): void {
  if (known.includes(metric)) return;
  const near = nearest(metric, known);
  const those = known.length > 0 ? `It has ${known.map((id) => printable(id, 40)).join(', ')}.` : 'It has none.';
  throw misuse(
    'unknown-metric',
    `the run has no metric "${printable(metric, 60)}"`,
    near === undefined ? those : `Did you mean ${printable(near, 40)}? ${those}`,
  );
}
