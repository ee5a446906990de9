import { DeepviewError, exitCodes } from '../engine/base/errors.ts';
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
  throw new DeepviewError('unknown-layer', `the run has no layer "${printable(word, 60)}"`, {
    hint: `Layers are numbered 1 to ${layers.length}, or named: ${layers
      .slice(0, 6)
      .map(({ name }) => printable(name, 30))
      .join(', ')}${layers.length > 6 ? ` and ${layers.length - 6} more` : ''}.`,
    exitCode: exitCodes.usage,
  });
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

/** A neuron by its number. @throws DeepviewError `unknown-neuron` (exit code 2) */
function neuronNumbered(layer: LayerRecord, word: string): number {
  const neuron = /^\d{1,9}$/.test(word) ? Number(word) : NaN;
  if (neuron < layer.units) return neuron;
  throw new DeepviewError('unknown-neuron', `layer ${layer.index} has no neuron "${printable(word, 20)}"`, {
    hint: `Its neurons are numbered 0 to ${layer.units - 1}.`,
    exitCode: exitCodes.usage,
  });
}

/**
 * The record that is meant, by its number; undefined before the first. `best` is as `bestRecord` says.
 * @throws DeepviewError `usage` for another word
 */
export function epochMeant({ records }: OpenRun, word: string): number | undefined {
  if (word === 'last') return records.at(-1)?.number;
  if (word === 'best') return bestRecord(records)?.number;
  if (/^\d{1,7}$/.test(word) && Number(word) > 0) return Number(word);
  throw new DeepviewError('usage', `--epoch is "${printable(word, 60)}"; it must be a number, best or last.`, {
    exitCode: exitCodes.usage,
  });
}
