import type { Field } from './json-field.ts';
import { limits } from '../../base/limits.ts';
import { printable } from '../../base/printable.ts';
import { definitionOf, outflowOf, type LayerSpecification, type Multipliers } from '../layers/index.ts';
import { inputField } from '../receptive-field.ts';
import { positions, type Flow, type Row } from './flow.ts';
import { unsupported } from './refusal.ts';
import type { KerasLayer } from './topology.ts';

/** Values that one of this program's layers takes from the file, or that are the same for every channel. */
export type ParameterOrigin =
  /** An array of the Keras layer, by its name there; the elements stay in their order, each `through` a function. */
  | { variable: string; shape: readonly number[]; as?: readonly number[]; through?: (value: number) => number }
  | { constant: ArrayLike<number>; as?: readonly number[] };

export interface Parameter {
  /** As this program's layers name it: `conv1.weights`. */
  target: string;
  origin: ParameterOrigin;
}

/** A Keras layer's arrays, in Keras's order, and what becomes of them. */
export interface LayerParameters {
  layer: KerasLayer;
  parameters: Parameter[];
}

/** Collects this program's layers while a Keras model is walked through. */
export class Builder {
  readonly rows: LayerSpecification[] = [];
  readonly parameters: LayerParameters[] = [];
  readonly #names = new Set(['input']);

  /**
   * Appends a row behind `from`.
   * @param called the name it is to have; made plain and unique
   * @param parameters its values by the parameters' names within the row, in the order that Keras has them in
   */
  add(
    layer: KerasLayer,
    row: Row,
    from: readonly Flow[],
    { called = layer.id, nonNegative = isNonNegative(row), flat = from[0].flat, parameters = {} }: RowDetails = {},
  ): Flow {
    if (this.rows.length >= limits.layers) refuse(layer, `makes more than ${limits.layers} rows`);
    const inputs = from.map((flow) => ({ shape: flow.shape, field: inputField }));
    const { shape } = outflowOf(row, inputs, (problem, { hint, field }) => {
      if (field !== 'kernel' && field !== 'size') return refuse(layer, problem, hint);
      return refuse(layer, `has a window that does not fit into its input of ${from[0].shape.join('x')}`);
    });
    if (shape[2] > limits.neurons)
      refuse(layer, `has ${shape[2]} neurons, more than the ${limits.neurons} that are kept`);
    const name = this.#unique(called);
    const before = this.rows.at(-1)?.name ?? 'input';
    const isNext = from.length === 1 && from[0].from === before;
    this.rows.push({ ...row, name, ...(!isNext && { from: from.map((flow) => flow.from) }) });
    const list = Object.entries(parameters).map(([part, origin]) => ({ target: `${name}.${part}`, origin }));
    if (list.length > 0) {
      const known = this.parameters.find((entry) => entry.layer === layer);
      if (known) known.parameters.push(...list);
      else this.parameters.push({ layer, parameters: list });
    }
    return { from: name, shape, flat, nonNegative };
  }

  /** A letter, then letters, digits, `_`, `.` and `-`: the names that network files give. */
  #unique(wanted: string): string {
    const plain = wanted.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 50);
    const base = /^[A-Za-z]/.test(plain) ? plain : `layer_${plain}`;
    let name = base;
    for (let count = 2; this.#names.has(name); count++) name = `${base}_${count}`;
    this.#names.add(name);
    return name;
  }
}

interface RowDetails {
  called?: string;
  /** By default what the range of the row says. */
  nonNegative?: boolean;
  flat?: boolean;
  parameters?: Record<string, ParameterOrigin>;
}

const isNonNegative = (row: Row): boolean => (definitionOf(row).range?.(row)[0] ?? -Infinity) >= 0;

export const notAsThere = 'Change that layer, or train the network elsewhere and record the run (docs/run-format.md).';

/** Refuses a layer by name and class. */
export function refuse(layer: KerasLayer, problem: string, hint = notAsThere): never {
  throw unsupported(
    layer.config.file,
    `the layer "${printable(layer.id)}" (${printable(layer.className)}) ${problem}`,
    hint,
  );
}

/** Learning rates: as the network's, or none where Keras would not train. */
export const multipliersOf = ({ trainable }: KerasLayer): Multipliers =>
  trainable ? { weights: 1, biases: 1 } : { weights: 0, biases: 0 };

/** A setting's value; what is left out has Keras's default. */
export const setting = <T>(layer: KerasLayer, name: string, fallback: T, check: (field: Field) => T): T =>
  layer.config.get(name).or(fallback, check);

export const flagOf = (layer: KerasLayer, name: string, fallback: boolean): boolean =>
  setting(layer, name, fallback, (field) => field.flag());

/** The only input of a layer, as it has to be for everything but windows: without zeros still to be put around it. */
export function onlyInput(layer: KerasLayer, inputs: readonly Flow[], { zeros = false } = {}): Flow {
  if (inputs.length !== 1) refuse(layer, `is called on ${inputs.length} inputs, not on one`);
  const [input] = inputs;
  if (!zeros) requireNoZeros(layer, input);
  return input;
}

export function requireNoZeros(layer: KerasLayer, input: Flow): void {
  if (!input.zeros) return;
  refuse(
    layer,
    'follows a ZeroPadding2D',
    'A ZeroPadding2D is read as the padding of the convolution or the max pooling that follows it.',
  );
}

/** What works on channels cannot see those of a list of values that this program still has as positions. */
export function requirePositions(layer: KerasLayer, input: Flow): void {
  if (!input.flat || positions(input) === 1) return;
  refuse(
    layer,
    'works on a flattened image',
    'Behind a Flatten, a Dense layer has to come before anything that works on channels.',
  );
}

/** Whether a setting names the last of a layer's axes: -1, or its number. */
export function requireLastAxis(layer: KerasLayer, input: Flow): void {
  const last = input.flat ? 1 : 3;
  const axis = layer.config.get('axis');
  const axes = axis.isList ? axis.list(8, 1) : [axis];
  if (axes.length > 1) refuse(layer, `works along ${axes.length} axes`);
  const value = axes[0].or(-1, (field) => field.whole(-8, 8));
  if (value !== -1 && value !== last) refuse(layer, `works along axis ${value}, not along the channels`);
}

/** A setting of one number for both directions: 3, or [3, 3]. */
export function square(layer: KerasLayer, name: string, fallback: number): number {
  return setting(layer, name, fallback, (field) => {
    if (!field.isList) return field.whole(1, 1024);
    const [rows, columns] = field.list(2, 2).map((side) => side.whole(1, 1024));
    if (rows !== columns) refuse(layer, `has the ${name} ${rows}x${columns}, which is not square`);
    return rows;
  });
}

export function requireChannelsLast(layer: KerasLayer): void {
  const format = layer.config.get('data_format');
  if (format.present && format.value !== 'channels_last') {
    refuse(layer, `has the data_format "${format.text()}"`, 'Save the model with the data format channels_last.');
  }
}

/** Padding by its two names; `causal` and others are refused. */
export function paddingOf(layer: KerasLayer): 'same' | 'valid' {
  return setting(layer, 'padding', 'valid', (field) => {
    if (field.isText && field.text().toLowerCase() === 'same') return 'same';
    if (field.isText && field.text().toLowerCase() === 'valid') return 'valid';
    return refuse(layer, `has the padding ${field.isText ? `"${field.text()}"` : 'of another kind'}`);
  });
}
