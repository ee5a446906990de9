import type { Field } from './json-field.ts';
import { limits } from '../../base/limits.ts';
import { printable } from '../../base/printable.ts';
import { unsupported } from './refusal.ts';

/** A layer of a functional model and what it is called on. */
export interface Call {
  layer: Field;
  name: string;
  /** Names of the layers whose outputs it takes; none for an input layer. */
  from: readonly string[];
}

const onlyPlain = 'Models with one input and one output, whose layers are each called once, can be read.';

/**
 * The layers of a functional model in topological order.
 * @param config with `layers`, `input_layers` and `output_layers`
 */
export function functionalCalls(config: Field): { calls: Call[]; input: string; output: string } {
  const byName = new Map<string, Call>();
  for (const layer of config.get('layers').list(limits.layers, 1)) {
    // Within the model a layer goes by the name beside its settings; older files have it in them alone.
    const own = layer.get('name');
    const name = own.present ? own.exactText() : layer.get('config').get('name').exactText();
    if (byName.has(name)) layer.fail(`has the name "${printable(name)}" of another layer`);
    byName.set(name, { layer, name, from: sourcesOf(layer, name) });
  }
  const input = endOf(config.get('input_layers'), 'input');
  const output = endOf(config.get('output_layers'), 'output');
  for (const [name, what] of [
    [input, 'input'],
    [output, 'output'],
  ] as const) {
    if (!byName.has(name)) config.get(`${what}_layers`).fail(`names "${printable(name)}", which is no layer`);
  }
  const calls = inOrder(byName, input, config);
  const used = new Set(calls.flatMap(({ from }) => from)).add(output);
  const idle = calls.find(({ name }) => !used.has(name));
  if (idle) idle.layer.fail(`("${printable(idle.name)}") leads to no output`);
  if (calls.some(({ from }) => from.includes(output))) {
    throw unsupported(config.file, `its output "${printable(output)}" also goes into other layers`, onlyPlain);
  }
  return { calls, input, output };
}

/** Every layer behind those that it needs, in the file's order where that is one. */
function inOrder(byName: ReadonlyMap<string, Call>, input: string, config: Field): Call[] {
  const done = new Set<string>();
  const calls: Call[] = [];
  let waiting = [...byName.values()];
  while (waiting.length > 0) {
    const later: Call[] = [];
    for (const call of waiting) {
      const { layer, name, from } = call;
      const missing = from.find((source) => !byName.has(source));
      if (missing !== undefined) layer.fail(`is called on "${printable(missing)}", which is no layer`);
      if (from.length === 0 && name !== input) {
        throw unsupported(config.file, `"${printable(name)}" is a second input, or is called on nothing`, onlyPlain);
      }
      if (from.every((source) => done.has(source))) {
        done.add(name);
        calls.push(call);
      } else later.push(call);
    }
    if (later.length === waiting.length) {
      config.get('layers').fail(`has a circle through "${printable(later[0].name)}"`);
    }
    waiting = later;
  }
  return calls;
}

/**
 * Keras 1 and 2 and TensorFlow.js: `[[["conv", 0, 0, {}], ...]]`, a list of calls, each a list of tensors.
 * Keras 3: `[{ args: [tensor or list of tensors], kwargs }]`, each tensor an object with a `keras_history`.
 */
function sourcesOf(layer: Field, name: string): string[] {
  const calls = layer.get('inbound_nodes').or([], (field) => field.list(4096));
  if (calls.length > 1) {
    throw unsupported(layer.file, `the layer "${printable(name)}" is called ${calls.length} times`, onlyPlain);
  }
  if (calls.length === 0) return [];
  const [call] = calls;
  if (!call.isList) {
    const { tensors } = argumentsOf(layer, call);
    return tensors.flatMap(tensorsIn).map(historyOf);
  }
  // A single tensor may stand without the list around it.
  const tensors = call.list(4096, 1);
  return tensors[0].isText ? [sourceOf(call)] : tensors.map(sourceOf);
}

/** What Keras 3 calls a layer on; of `x + 3` and `x * 3`, an Add and a Multiply, one of two is a number. */
function argumentsOf(layer: Field, call: Field): { constant: Field | undefined; tensors: Field[] } {
  const given = call.get('args').list(16);
  const isSum = ['Add', 'Multiply'].includes(layer.get('class_name').exactText());
  const constant = isSum && given.length === 2 ? given.find(({ value }) => typeof value === 'number') : undefined;
  return { constant, tensors: given.filter((one) => one !== constant) };
}

/** The number that a layer is called on beside a tensor. */
export function constantOf(layer: Field): number | undefined {
  const nodes = layer.get('inbound_nodes');
  const [call] = nodes.isList ? nodes.list(4096) : [];
  return call === undefined || call.isList ? undefined : argumentsOf(layer, call).constant?.number();
}

const tensorsIn = (field: Field): Field[] => (field.isList ? field.list(4096) : field.present ? [field] : []);

const historyOf = (tensor: Field): string => sourceOf(tensor.get('config').get('keras_history'));

/**
 * `["conv", call, output, ...]`: the name, provided that it is the layer's first output. Which call it is needs no look:
 * each layer has one, although that of a model within the model has the number 1.
 */
function sourceOf(reference: Field): string {
  const [name, , output] = reference.list(8, 3);
  if (output.whole() !== 0) {
    throw unsupported(
      reference.file,
      `${printable(reference.path)} asks for output ${output.whole()} of "${name.text()}", and layers have one`,
      onlyPlain,
    );
  }
  return name.exactText();
}

/** The only one of the model's inputs or outputs: `[["name", 0, 0]]`, or `["name", 0, 0]`. */
function endOf(field: Field, what: string): string {
  const ends = field.list(4096, 1);
  if (ends[0].isText) return sourceOf(field);
  if (ends.length > 1) {
    throw unsupported(field.file, `the model has ${ends.length} ${what}s`, onlyPlain);
  }
  return sourceOf(ends[0]);
}
