import { printable } from '../../base/printable.ts';
import type { LayerSpecification } from '../specification.ts';
import { layerKinds } from '../layers/index.ts';
import { addActivation, addFunction } from './activations.ts';
import { Builder, onlyInput, refuse, requireNoZeros, type LayerParameters } from './builder.ts';
import { positions, type Flow, type Shape } from './flow.ts';
import { unsupported } from './refusal.ts';
import { modelInput, type KerasLayer, type KerasTopology } from './topology.ts';
import {
  addDense,
  addDropout,
  addGlobalPooling,
  addJoin,
  addNormalisation,
  addNormalization,
  addRescaling,
  flattened,
  isOfWholeImages,
  reshaped,
} from './values.ts';
import { addConvolution, addPooling, addSeparable, addZeros } from './windows.ts';

/** Layers that only training has: they change images, or values, at random. */
const randomly: readonly string[] = [
  ...['RandomFlip', 'RandomRotation', 'RandomZoom', 'RandomTranslation', 'RandomContrast', 'RandomBrightness'],
  ...['GaussianNoise', 'GaussianDropout', 'AlphaDropout', 'SpatialDropout2D'],
];

const isLeftOut = (layer: KerasLayer): boolean => randomly.includes(layer.className) || isOfWholeImages(layer);

const leftOut = (_: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow => onlyInput(layer, inputs);

type Translator = (builder: Builder, layer: KerasLayer, inputs: readonly Flow[]) => Flow;

/** What each class of Keras layer becomes. */
const translators: Readonly<Record<string, Translator>> = {
  Conv2D: addConvolution,
  DepthwiseConv2D: addConvolution,
  SeparableConv2D: addSeparable,
  MaxPooling2D: addPooling,
  AveragePooling2D: addPooling,
  ZeroPadding2D: (_, layer, inputs) => addZeros(layer, inputs),
  Dense: addDense,
  Flatten: (_, layer, inputs) => flattened(layer, inputs),
  Reshape: (_, layer, inputs) => reshaped(layer, inputs),
  GlobalAveragePooling2D: addGlobalPooling,
  GlobalMaxPooling2D: addGlobalPooling,
  BatchNormalization: addNormalisation,
  LayerNormalization: addNormalisation,
  Dropout: addDropout,
  Rescaling: addRescaling,
  Normalization: addNormalization,
  Activation: (builder, layer, inputs) => addActivation(builder, layer, onlyInput(layer, inputs), layer.id),
  ...functions(),
  Add: addJoin,
  Multiply: addJoin,
  Concatenate: addJoin,
  ...Object.fromEntries(randomly.map((className) => [className, leftOut])),
};

/** The kinds of layers that are classes of layers in Keras too, and keep their input's shape. */
function functions(): Record<string, Translator> {
  const classes = layerKinds.flatMap(({ keras }) => Object.entries(keras?.classes ?? {}));
  return Object.fromEntries(
    classes.map(([className, rowOf]): [string, Translator] => [
      className,
      (builder, layer, inputs) => {
        const input = onlyInput(layer, inputs);
        return addFunction(builder, layer, input, rowOf(layer, input));
      },
    ]),
  );
}

export interface Translation {
  inputShape: Shape;
  layers: LayerSpecification[];
  /** What the layers take from the file. */
  parameters: LayerParameters[];
  /** Layers whose training here would differ from Keras's, by Keras's names. */
  frozenNormalisations: string[];
  /** Layers that are left out, for they do nothing when images are only looked at; by class. */
  leftOut: string[];
  /** Numbers that the last layer gives. */
  outputs: number;
}

/**
 * Makes this program's layers of a Keras model: the same numbers come out. A last softmax is left to the loss.
 * @throws DeepviewError `unsupported-keras-model` naming the first layer that has no counterpart, its class, and what has
 */
export function translate(topology: KerasTopology, file: string): Translation {
  const builder = new Builder();
  const { layers, output } = topology;
  const input = inputFlow(topology);
  requireOneScale(layers);
  const flows = new Map<string, Flow>([[modelInput, input]]);
  for (const layer of layers) {
    const translator = Object.hasOwn(translators, layer.className) ? translators[layer.className] : undefined;
    if (!translator) {
      return refuse(
        layer,
        'is of a class that has no counterpart here',
        `${Object.keys(translators).join(', ')} can be read.`,
      );
    }
    flows.set(
      layer.id,
      translator(
        builder,
        layer,
        layer.inputs.map((id) => flows.get(id)!),
      ),
    );
  }
  const rows = builder.rows;
  const last = flows.get(output)!;
  requireNoZeros(layers.at(-1)!, last);
  if (rows.at(-1)?.kind === 'softmax') rows.pop();
  if (rows.length === 0) {
    throw unsupported(file, 'the model has no layers that compute anything', 'Save a model with layers.');
  }
  if (positions(last) !== 1) {
    throw unsupported(
      file,
      `its last layer "${printable(output)}" leaves ${last.shape[1]}x${last.shape[0]} positions, and the loss needs one`,
      'Models that classify whole images can be read.',
    );
  }
  const frozenNormalisations = layers
    .filter(({ className, trainable }) => className === 'BatchNormalization' && !trainable)
    .map(({ id }) => printable(id));
  return {
    inputShape: input.shape,
    layers: rows,
    parameters: builder.parameters,
    frozenNormalisations,
    leftOut: [...new Set(layers.filter(isLeftOut).map(({ className }) => className))],
    outputs: last.shape[2],
  };
}

/** A Rescaling of the input means that the images come as bytes; everything that reads them then has to be behind it. */
function requireOneScale(layers: readonly KerasLayer[]): void {
  const readers = layers.filter(({ inputs }) => inputs.includes(modelInput));
  const rescaling = readers.find(({ className }) => className === 'Rescaling');
  if (rescaling && readers.length > 1) refuse(rescaling, 'is not the only one that reads the input');
}

/** The images: of a list of values, as the image that it most likely is. */
function inputFlow({ inputShape, layers }: KerasTopology): Flow {
  const input = { from: 'input', nonNegative: false };
  if (inputShape.length === 3) return { ...input, flat: false, shape: inputShape as Shape };
  const [values] = inputShape;
  // A Reshape right behind the input says what the values are.
  const readers = layers.filter((layer) => layer.inputs.includes(modelInput));
  if (readers.length === 1 && readers[0].className === 'Reshape') {
    const sides = readers[0].config.get('target_shape').list(8, 1);
    const target = sides.map((side) => side.or(-1, (field) => field.whole(-1, 4096)));
    const exact = target.length === 3 && target.reduce((product, side) => product * side, 1) === values;
    if (exact && target.every((side) => side > 0)) return { ...input, flat: true, shape: target as Shape };
  }
  for (const channels of [1, 3]) {
    const side = Math.sqrt(values / channels);
    if (Number.isInteger(side) && side > 1) return { ...input, flat: true, shape: [side, side, channels] };
  }
  return { ...input, flat: true, shape: [1, 1, values] };
}
