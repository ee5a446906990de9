import { printable } from '../../base/printable.ts';
import type { LayerParameters } from './builder.ts';
import { badModel } from './refusal.ts';
import type { KerasArray } from './shards.ts';
import type { KerasLayer } from './topology.ts';

/** A network's values by this program's names. */
export type Weights = Map<string, { shape: readonly number[]; data: Float32Array }>;

/**
 * Finds each layer's arrays among the file's, and gives them this program's names and shapes.
 * Each array has to belong to a layer, but for an optimiser's, a random generator's and single numbers.
 * @param layers all of the model, in its order
 * @throws DeepviewError `bad-keras-model` naming what is missing, left over, ambiguous or of another shape
 */
export function assignWeights(
  file: string,
  layers: readonly KerasLayer[],
  wanted: readonly LayerParameters[],
  arrays: readonly KerasArray[],
): Weights {
  const stock = new Stock(file, layers, arrays);
  const weights: Weights = new Map();
  for (const { layer, parameters } of wanted) {
    const fromFile = parameters.filter(({ origin }) => 'variable' in origin);
    for (const parameter of parameters) {
      const { target, origin } = parameter;
      if ('constant' in origin) {
        const shape = origin.as ?? [origin.constant.length];
        weights.set(target, { shape, data: Float32Array.from(origin.constant) });
        continue;
      }
      const { variable, shape, through } = origin;
      const array = stock.take(layer, variable, fromFile.indexOf(parameter));
      const called = `${printable(layer.id)}/${variable}`;
      if (array.shape.join() !== shape.join()) {
        throw badModel(
          file,
          `the weights ${called} have the shape [${array.shape.join(', ')}], and the layer needs [${shape.join(', ')}]`,
        );
      }
      const data = array.read();
      if (/variance$/.test(variable) && data.some((value) => value < 0)) {
        throw badModel(file, `the weights ${called} have variances below zero`);
      }
      weights.set(target, { shape: origin.as ?? shape, data: through ? data.map(through) : data });
    }
  }
  stock.requireEmpty(wanted);
  return weights;
}

/** Other names that a variable goes by. */
const synonyms: Readonly<Record<string, readonly string[]>> = { depthwise_kernel: ['kernel'] };

/** Keras 3 numbers a layer's variables, and the converter keeps the folders that they were in. */
const folders = new Set(['layers', '_layer_checkpoint_dependencies', 'layer_checkpoint_dependencies', 'vars']);

class Stock {
  readonly #file: string;
  readonly #arrays = new Map<string, KerasArray>();
  /** Keras 3's name of each layer in its file of weights: its class and a count. */
  readonly #counted = new Map<KerasLayer, string>();
  /** Whether variables are numbered. */
  readonly #numbered: boolean;
  #byCount = false;

  constructor(file: string, layers: readonly KerasLayer[], arrays: readonly KerasArray[]) {
    this.#file = file;
    for (const array of arrays) {
      const parts = array.name.replace(/:0$/, '').split('/');
      if (parts.includes('seed_generator') || parts.includes('seed_generator_state')) continue;
      // A single number is no layer's: it counts the images that a Normalization has seen.
      if (array.shape.length === 0) continue;
      const name = parts.filter((part) => !folders.has(part)).join('/');
      if (this.#arrays.has(name)) throw badModel(file, `the weights "${printable(array.name)}" are there twice`);
      this.#arrays.set(name, array);
    }
    this.#numbered = this.#arrays.size > 0 && [...this.#arrays.keys()].every((name) => /\/\d+$/.test(name));
    if (this.#numbered) this.#countLayers(layers);
  }

  take(layer: KerasLayer, variable: string, place: number): KerasArray {
    const name = this.#numbered
      ? `${this.#byCount ? this.#counted.get(layer)! : layer.id}/${place}`
      : this.#named(layer, [variable, ...(synonyms[variable] ?? [])]);
    const array = name === undefined ? undefined : this.#arrays.get(name);
    if (name === undefined || !array) {
      throw badModel(
        this.#file,
        `there are no weights ${printable(layer.id)}/${variable}`,
        'The manifest and the topology are of different models; save the whole model again.',
      );
    }
    this.#arrays.delete(name);
    return array;
  }

  /** Whether everything has been taken. */
  requireEmpty(wanted: readonly LayerParameters[]): void {
    const [left] = this.#arrays.values();
    if (!left) return;
    const more = this.#arrays.size > 1 ? ` and ${this.#arrays.size - 1} more` : '';
    const has = wanted.length === 1 ? 'one layer has' : `${wanted.length} layers have`;
    throw badModel(
      this.#file,
      `the weights "${printable(left.name)}"${more} belong to none of its layers, of which ${has} weights`,
      'The manifest and the topology are of different models; save the whole model again.',
    );
  }

  /**
   * `conv1/kernel`; in a model within the model also behind that one's name, or without it; and behind names of scopes
   * that TensorFlow puts before or between.
   */
  #named(layer: KerasLayer, variables: readonly string[]): string | undefined {
    for (const variable of variables) {
      for (const exact of [`${layer.id}/${variable}`, `${layer.name}/${variable}`]) {
        if (this.#arrays.has(exact)) return exact;
      }
      const loose = [...this.#arrays.keys()].filter(
        (name) =>
          name.endsWith(`/${layer.name}/${variable}`) ||
          (name.startsWith(`${layer.name}/`) && name.endsWith(`/${variable}`)),
      );
      if (loose.length === 1) return loose[0];
      if (loose.length > 1) {
        throw badModel(
          this.#file,
          `both "${printable(loose[0])}" and "${printable(loose[1])}" may be of ${printable(layer.id)}`,
        );
      }
    }
    return undefined;
  }

  #countLayers(layers: readonly KerasLayer[]): void {
    const counts = new Map<string, number>();
    for (const layer of layers) {
      const slash = layer.id.length - layer.name.length;
      const scope = layer.id.slice(0, slash);
      const kind = snakeCase(layer.className);
      const count = counts.get(scope + kind) ?? 0;
      counts.set(scope + kind, count + 1);
      this.#counted.set(layer, `${scope}${kind}${count > 0 ? `_${count}` : ''}`);
    }
    const there = new Set([...this.#arrays.keys()].map((name) => name.slice(0, name.lastIndexOf('/'))));
    const holds = (nameOf: (layer: KerasLayer) => string): boolean => {
      const names = new Set(layers.map(nameOf));
      return [...there].every((name) => names.has(name));
    };
    const byName = holds(({ id }) => id);
    const byCount = holds((layer) => this.#counted.get(layer)!);
    const differ = layers.find((layer) => there.has(layer.id) && this.#counted.get(layer) !== layer.id);
    if (byName && byCount && differ) {
      throw badModel(
        this.#file,
        `its weights are numbered, and those of "${printable(differ.id)}" may be another layer's`,
        'Name the layers of the model by words of your own, and convert it again.',
      );
    }
    this.#byCount = !byName && byCount;
  }
}

/** As Keras 3 does: `BatchNormalization` becomes `batch_normalization`, `DepthwiseConv2D` `depthwise_conv2d`. */
const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
