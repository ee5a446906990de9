import { extentOf, reach, type Window } from './geometry.ts';
import { ImpossibleLayer } from './impossible-layer.ts';
import type { LayerRecord } from './layer-record.ts';
import { kindWords, labelOf } from './layer-words.ts';
import { extendField, inputField, widestField, type ReceptiveField } from './receptive-field.ts';
import type { ConvolutionSpecification, LayerSpecification, NetworkSpecification } from './specification.ts';
import { images, wiringOf } from './wiring.ts';

type Shape = [number, number, number];

/** A row of the layer table: what a run records of a layer, and what one image costs there. */
export interface LayerRow extends LayerRecord {
  /** Multiplications of weights for one image; only convolutions and dense layers have any. */
  multiplications: number;
  /** Positions (from 0) of the layers whose outputs it takes; -1 stands for the images. */
  from: readonly number[];
}

type Built = Pick<NetworkSpecification, 'name' | 'inputShape' | 'layers'>;

/** Which layer it is about. */
interface Place {
  network: Built;
  position: number;
}

/** What comes into a layer: of one image. */
interface Inflow {
  shape: Shape;
  field: ReceptiveField;
}

/**
 * The layers of a network in the paper's counting: every layer has a row, numbered from 1; so have additions and
 * concatenations. The loss, which has no neurons, would be the next row. A receptive field is that of the longest path
 * from the images to the layer.
 * @throws ImpossibleLayer when a window does not fit into its input, or inputs do not fit together
 */
export function layerTable(network: Built): LayerRow[] {
  const { inputShape, layers } = network;
  const rows: LayerRow[] = [];
  wiringOf(network).forEach(({ name, from }, position) => {
    const layer = layers[position];
    const inflows = from.map((at): Inflow => {
      if (at === images) return { shape: [...inputShape], field: inputField };
      return { shape: rows[at].shape, field: rows[at].receptiveField };
    });
    const { shape, field } = outflow(inflows, { network, position });
    const weights = weightsOf(layer, inflows[0].shape);
    rows.push({
      index: position + 1,
      name,
      label: labelOf(layer),
      kind: kindWords[layer.kind],
      units: shape[2],
      shape,
      parameters: parametersOf(layer, inflows[0].shape),
      receptiveField: field,
      multiplications: shape[0] * shape[1] * weights,
      from,
    });
  });
  return rows;
}

/** The window that a layer moves over its input; a layer that works on single values has none. */
export function windowOf(layer: LayerSpecification): Window | undefined {
  switch (layer.kind) {
    case 'convolution': {
      const { kernel, padding, stride = 1, dilation = 1 } = layer;
      return { kernel, stride, padding, ...(dilation > 1 && { dilation }) };
    }
    case 'pooling':
      return { kernel: layer.size, stride: layer.stride, padding: layer.padding };
    default:
      return undefined;
  }
}

/** A layer's output and what its positions see. */
function outflow(inflows: readonly Inflow[], place: Place): Inflow {
  const layer = place.network.layers[place.position];
  const [{ shape: input, field }] = inflows;
  switch (layer.kind) {
    case 'convolution':
    case 'pooling':
      return windowed(layer, windowOf(layer)!, inflows[0], place);
    case 'dense':
    case 'global-pooling':
      // One position, which sees the whole of its input; the longer side counts, for fields are square.
      return {
        shape: [1, 1, layer.kind === 'dense' ? layer.units : input[2]],
        field: extendField(field, { kernel: Math.max(input[0], input[1]), stride: 1, paddingBefore: 0 }),
      };
    case 'add':
    case 'concatenate':
      return joined(layer, inflows, place);
    default:
      return { shape: [...input], field };
  }
}

function windowed(
  layer: Extract<LayerSpecification, { kind: 'convolution' | 'pooling' }>,
  window: Window,
  { shape, field }: Inflow,
  place: Place,
): Inflow {
  const [rows, columns] = [extentOf(shape[0], window), extentOf(shape[1], window)];
  if (rows.output < 1 || columns.output < 1) {
    throw new ImpossibleLayer(
      place.network,
      place.position,
      `has a window of ${reach(window)} pixels, but its input is ${shape[1]}x${shape[0]}`,
      {
        hint: 'Use a smaller window, "same" padding, or less pooling before it.',
        field: layer.kind === 'convolution' ? 'kernel' : 'size',
      },
    );
  }
  if (layer.kind === 'convolution') requireGroups(layer, shape[2], place);
  return {
    shape: [rows.output, columns.output, layer.kind === 'convolution' ? layer.channels : shape[2]],
    field: extendField(field, { kernel: reach(window), stride: window.stride, paddingBefore: rows.before }),
  };
}

function requireGroups(layer: ConvolutionSpecification, inputs: number, place: Place): void {
  const { groups = 1, channels } = layer;
  if (inputs % groups === 0 && channels % groups === 0) return;
  throw new ImpossibleLayer(
    place.network,
    place.position,
    `has ${groups} groups, which its ${inputs} input and ${channels} output channels do not fall into evenly`,
    { hint: 'Choose groups that divide both.', field: 'groups' },
  );
}

/** Additions and concatenations: inputs of one size; added ones of as many channels too. */
function joined(layer: LayerSpecification, inflows: readonly Inflow[], place: Place): Inflow {
  const [{ shape }] = inflows;
  const compared = layer.kind === 'add' ? 3 : 2;
  const shapes = inflows.map((inflow) => inflow.shape);
  if (shapes.some((other) => other.slice(0, compared).join() !== shape.slice(0, compared).join())) {
    const shown = shapes.map((other) => other.join('x')).join(' and ');
    throw new ImpossibleLayer(
      place.network,
      place.position,
      layer.kind === 'add'
        ? `adds ${shown}, which are not of one shape`
        : `joins ${shown}, which are not of one height and width`,
      {
        hint:
          layer.kind === 'add'
            ? 'A convolution with kernel 1, and the stride of the other way, makes the shapes the same.'
            : 'Pooling or a stride makes the sizes the same.',
        field: 'from',
      },
    );
  }
  const channels = layer.kind === 'add' ? shape[2] : shapes.reduce((sum, other) => sum + other[2], 0);
  return { shape: [shape[0], shape[1], channels], field: widestField(inflows.map(({ field }) => field)) };
}

/** Weights that a position's output is computed with. */
function weightsOf(layer: LayerSpecification, input: Shape): number {
  switch (layer.kind) {
    case 'convolution':
      return layer.kernel * layer.kernel * (input[2] / (layer.groups ?? 1)) * layer.channels;
    case 'dense':
      return input[0] * input[1] * input[2] * layer.units;
    default:
      return 0;
  }
}

function parametersOf(layer: LayerSpecification, input: Shape): number {
  switch (layer.kind) {
    case 'convolution':
      return weightsOf(layer, input) + (layer.bias === false ? 0 : layer.channels);
    case 'dense':
      return weightsOf(layer, input) + (layer.bias === false ? 0 : layer.units);
    case 'batch-normalisation':
    case 'layer-normalisation':
      return 2 * input[2];
    default:
      return 0;
  }
}
