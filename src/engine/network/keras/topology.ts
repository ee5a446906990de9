import type { Field } from './json-field.ts';
import { limits } from '../../base/limits.ts';
import { printable } from '../../base/printable.ts';
import { constantOf, functionalCalls } from './functional.ts';
import { unsupported } from './refusal.ts';

/** One layer of a Keras model, models within the model taken apart. */
export interface KerasLayer {
  /** Unique in the model: the layer's name, behind the names of the models that it is in: `base/conv1`. */
  id: string;
  /** Its own name, as the file has it; not safe to show. */
  name: string;
  className: string;
  config: Field;
  /** Ids of the layers that it is called on, or `input`: the model's only input. */
  inputs: readonly string[];
  /** A number that an Add or a Multiply is called on beside them. */
  constant?: number;
  /** False if it, or a model that it is in, is frozen. */
  trainable: boolean;
}

/** What the layers are called on at first; no layer has this id, for theirs are made of names. */
export const modelInput = '\u0000input';

export interface KerasTopology {
  name: string;
  /** In topological order. */
  layers: readonly KerasLayer[];
  /** Of the layer whose output is the model's. */
  output: string;
  /** Of one input: three sides, or one number for a list of values. */
  inputShape: readonly number[];
}

const models: readonly string[] = ['Sequential', 'Functional', 'Model'];
const deepest = 16;

/**
 * Reads which layers a model has and what they are called on: Sequential and functional models, as Keras 1 to 3 and
 * TensorFlow.js describe them.
 * @throws DeepviewError `bad-keras-model`, or `unsupported-keras-model` for more than one input or output, shared layers
 *   or an input without a fixed size
 */
export function readTopology(model: Field): KerasTopology {
  const layers: KerasLayer[] = [];
  const shape: { found?: Field } = {};
  const output = expand(model, { prefix: '', trainable: true, depth: 0 }, undefined, { layers, shape });
  const config = model.get('config');
  const name = config.isList ? '' : config.get('name').or('', (field) => field.text());
  const file = model.file;
  if (layers.length === 0) throw unsupported(file, 'the model has no layers', 'Save a model with layers.');
  if (!shape.found) {
    throw unsupported(
      file,
      'the model does not say what size its input has',
      'Build it with an input layer, or call it once on data, before it is saved.',
    );
  }
  return { name, layers, output, inputShape: inputShapeOf(shape.found) };
}

interface Place {
  prefix: string;
  trainable: boolean;
  depth: number;
}

interface Found {
  layers: KerasLayer[];
  /** The input's shape with the batch's size before it, where a layer says so. */
  shape: { found?: Field };
}

/** Appends a model's layers. @param feed what it is called on; absent for the outermost model @returns its output's id */
function expand(model: Field, place: Place, feed: string | undefined, found: Found): string {
  if (place.depth > deepest) model.fail(`is a model within more than ${deepest} others`);
  const className = model.get('class_name').exactText();
  if (className === 'Sequential') return expandSequential(model.get('config'), place, feed, found);
  if (models.includes(className)) return expandFunctional(model.get('config'), place, feed, found);
  throw unsupported(
    model.file,
    `the model is of the class "${printable(className)}"`,
    'Sequential and functional models can be read; build the model as one of them.',
  );
}

function expandSequential(config: Field, place: Place, feed: string | undefined, found: Found): string {
  // Keras up to 2.2.2 had the list of layers in place of the settings.
  const list = config.isList ? config : config.get('layers');
  const inner = { ...place, trainable: place.trainable && isTrainable(config) };
  let current = feed ?? modelInput;
  for (const layer of list.list(limits.layers)) {
    if (feed === undefined && current === modelInput) noteShape(layer.get('config'), found);
    if (layer.get('class_name').value === 'InputLayer') continue;
    current = addLayer(layer, inner, [current], current === modelInput && feed === undefined, found);
  }
  return current;
}

function expandFunctional(config: Field, place: Place, feed: string | undefined, found: Found): string {
  const { calls, input, output } = functionalCalls(config);
  const inner = { ...place, trainable: place.trainable && isTrainable(config) };
  const ids = new Map<string, string>();
  for (const { layer, name, from } of calls) {
    if (name === input) {
      if (feed === undefined) noteShape(layer.get('config'), found);
      ids.set(name, feed ?? modelInput);
      continue;
    }
    const inputs = from.map((source) => ids.get(source)!);
    ids.set(name, addLayer(layer, inner, inputs, false, found));
  }
  return ids.get(output)!;
}

/** @param first whether it may say what the model's input is like @returns the id of its output */
function addLayer(layer: Field, place: Place, inputs: readonly string[], first: boolean, found: Found): string {
  const className = layer.get('class_name').exactText();
  const config = layer.get('config');
  const constant = constantOf(layer);
  const own = config.isList ? layer.get('name') : config.get('name');
  const name = own.present
    ? own.exactText()
    : layer.get('name').or(className.toLowerCase(), (field) => field.exactText());
  const id = place.prefix + name;
  if (models.includes(className)) {
    if (inputs.length !== 1) layer.fail('is a model that is called on more than one input');
    const inner = { prefix: `${id}/`, trainable: place.trainable, depth: place.depth + 1 };
    // The first part of the outermost model: its input layer is the model's.
    if (!first || found.shape.found) return expand(layer, inner, inputs[0], found);
    return expand(layer, inner, undefined, found);
  }
  if (found.layers.some((other) => other.id === id)) layer.fail(`has the name "${printable(name)}" of another layer`);
  if (found.layers.length >= limits.layers) layer.fail(`is one of more than ${limits.layers} layers`);
  found.layers.push({
    ...{ id, name, className, config, inputs },
    ...(constant !== undefined && { constant }),
    trainable: place.trainable && isTrainable(config),
  });
  return id;
}

const isTrainable = (config: Field): boolean =>
  config.isList || config.get('trainable').or(true, (field) => field.flag());

function noteShape(config: Field, { shape }: Found): void {
  if (shape.found || config.isList) return;
  const given = config.get('batch_input_shape').present ? config.get('batch_input_shape') : config.get('batch_shape');
  if (given.present) shape.found = given;
}

/** The sides of one input: [height, width, channels], or [values]. */
function inputShapeOf(batchShape: Field): number[] {
  const [, ...sides] = batchShape.list(8, 1);
  const open = sides.findIndex((side) => !side.present);
  if (open >= 0) {
    throw unsupported(
      batchShape.file,
      `${printable(batchShape.path)} leaves side ${open + 1} of the input open`,
      'Save the model with a fixed input shape, such as (32, 32, 3).',
    );
  }
  if (sides.length !== 3 && sides.length !== 1) {
    throw unsupported(
      batchShape.file,
      `the input has ${sides.length} axes`,
      'Images of [height, width, channels] and lists of values can be read.',
    );
  }
  return sides.map((side) => side.whole(1, sides.length === 1 ? 2 ** 24 : 4096));
}
