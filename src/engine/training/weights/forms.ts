import type { NetworkSpecification } from '../../network/specification.ts';
import { layerTable } from '../../network/layer-table.ts';
import type { ModelState } from '../model-state.ts';

/** [height, width, channels] of what goes into a layer. */
export type InputShape = readonly [number, number, number];

/** How one of our parameters is called and laid out in a file of weights, as PyTorch has it. */
export interface WeightForm {
  /** Ours: `conv1.weights`. */
  parameter: string;
  /** In the file: `conv1.weight`. */
  name: string;
  /** In the file. */
  shape: readonly number[];
  /** Our values as they lie in memory, and the order of those axes in the file. */
  axes: readonly number[];
  order: readonly number[];
}

/** Ends of our parameters' names, and PyTorch's for them. What has none of these is the optimiser's. */
const names: Readonly<Record<string, string>> = {
  weights: 'weight',
  biases: 'bias',
  gain: 'weight',
  bias: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
};

/**
 * The forms of a network's parameters: a convolution's weights [kernel, kernel, inputs, outputs] become
 * [outputs, inputs, kernel, kernel]; a dense layer's [height * width * channels, units] become [units, channels * height
 * * width], so that they follow a flattened [channels, height, width]; everything else stays as it is.
 * @param state our parameters' names and shapes; the optimiser's values are passed over
 * @param inputOf what goes into a layer, by its name
 */
export function weightForms(
  state: ReadonlyMap<string, { shape: readonly number[] }>,
  inputOf: (layer: string) => InputShape | undefined,
): WeightForm[] {
  return [...state].flatMap(([parameter, { shape }]) => {
    const dot = parameter.lastIndexOf('.');
    const [layer, part] = [parameter.slice(0, dot), parameter.slice(dot + 1)];
    if (!Object.hasOwn(names, part)) return [];
    const name = `${layer}.${names[part]}`;
    if (part === 'weights' && shape.length === 4) {
      const [kernel, width, inputs, outputs] = shape;
      return [{ parameter, name, shape: [outputs, inputs, kernel, width], axes: shape, order: [3, 2, 0, 1] }];
    }
    if (part === 'weights' && shape.length === 2) {
      const [inputs, units] = shape;
      const axes = [...(inputOf(layer) ?? [1, 1, inputs]), units];
      return [{ parameter, name, shape: [units, inputs], axes, order: [3, 2, 0, 1] }];
    }
    return [{ parameter, name, shape, axes: shape, order: shape.map((_, axis) => axis) }];
  });
}

/** Our values in the file's order. */
const toFile = (data: Float32Array, { axes, order }: WeightForm): Float32Array => permuted(data, axes, order);

/** The file's values in our order. */
export function fromFile(data: Float32Array, { axes, order }: WeightForm): Float32Array {
  const back = order.map((_, axis) => order.indexOf(axis));
  return permuted(
    data,
    order.map((axis) => axes[axis]),
    back,
  );
}

/** A network's weights as a file has them, by the file's names. */
export function conventional(state: ModelState, inputOf: (layer: string) => InputShape | undefined): ModelState {
  return new Map(
    weightForms(state, inputOf).map((form) => [
      form.name,
      { shape: form.shape, data: toFile(state.get(form.parameter)!.data, form) },
    ]),
  );
}

/**
 * An array with its axes in another order.
 * @param shape of `data`, row-major
 * @param order axis `a` of the result is axis `order[a]` of `data`
 */
export function permuted(data: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const result = new Float32Array(data.length);
  let at = 0;
  const walk = (depth: number, from: number): void => {
    if (depth === order.length) {
      result[at++] = data[from];
      return;
    }
    const [side, stride] = [shape[order[depth]], strides[order[depth]]];
    for (let place = 0; place < side; place++) walk(depth + 1, from + place * stride);
  };
  walk(0, 0);
  return result;
}

/** What goes into each layer of a network, by the layer's name; of several inputs the first. */
export function inputShapes(
  specification: Pick<NetworkSpecification, 'name' | 'inputShape' | 'layers'>,
): (layer: string) => InputShape | undefined {
  const table = layerTable(specification);
  const shapes = new Map(
    table.map(({ name, from }): [string, InputShape] => [name, table[from[0]]?.shape ?? specification.inputShape]),
  );
  return (layer) => shapes.get(layer);
}
