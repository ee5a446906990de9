import { DeepviewError } from '../errors.ts';
import { extentOf, type Window } from './geometry.ts';
import type { LayerKind, LayerRecord } from './layer-record.ts';
import { extendField, inputField } from './receptive-field.ts';
import type { LayerSpecification, NetworkSpecification } from './specification.ts';

type Shape = [number, number, number];

/** A row of the layer table: what a run records of a layer, and what one image costs there. */
export interface LayerRow extends LayerRecord {
  /** Multiplications of weights for one image; only convolutions have any. */
  multiplications: number;
}

/**
 * The layers of a network in the paper's counting: convolution, normalisation, activation, pooling and dropout each
 * have a row, numbered from 1. The loss, which has no neurons, would be the next row.
 * @throws DeepviewError `impossible-network` when a window does not fit into its input
 */
export function layerTable({ name, inputShape, layers }: NetworkSpecification): LayerRow[] {
  const counts = new Map<string, number>();
  let shape: Shape = [...inputShape];
  let field = inputField;
  return layers.map((layer, position) => {
    const window = windowOf(layer);
    const input = shape;
    if (window) {
      const [rows, columns] = [extentOf(input[0], window), extentOf(input[1], window)];
      if (rows.output < 1 || columns.output < 1) {
        throw new DeepviewError(
          'impossible-network',
          `layer ${position + 1} (${labelOf(layer)}) of ${name} has a window of ${window.kernel} pixels, but its input is ${input[1]}x${input[0]}`,
          { hint: 'Use a smaller window, "same" padding, or less pooling before it.' },
        );
      }
      shape = [rows.output, columns.output, layer.kind === 'convolution' ? layer.channels : input[2]];
      field = extendField(field, { ...window, paddingBefore: rows.before });
    }
    const prefix = prefixOf(layer);
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    return {
      index: position + 1,
      name: `${prefix}${count}`,
      label: labelOf(layer),
      kind: kindOf(layer),
      units: shape[2],
      shape,
      parameters: parametersOf(layer, input),
      receptiveField: field,
      multiplications: layer.kind === 'convolution' ? shape[0] * shape[1] * weightsOf(layer.kernel, input, shape) : 0,
    };
  });
}

/** The window that a layer moves over its input; a layer that works on single values has none. */
export function windowOf(layer: LayerSpecification): Window | undefined {
  switch (layer.kind) {
    case 'convolution':
      return { kernel: layer.kernel, stride: 1, padding: layer.padding };
    case 'pooling':
      return { kernel: layer.size, stride: layer.stride, padding: layer.padding };
    default:
      return undefined;
  }
}

const weightsOf = (kernel: number, input: Shape, output: Shape): number => kernel * kernel * input[2] * output[2];

function parametersOf(layer: LayerSpecification, input: Shape): number {
  switch (layer.kind) {
    case 'convolution':
      return (layer.kernel * layer.kernel * input[2] + 1) * layer.channels;
    case 'batch-normalisation':
      return 2 * input[2];
    default:
      return 0;
  }
}

function kindOf(layer: LayerSpecification): LayerKind {
  switch (layer.kind) {
    case 'relu':
    case 'sigmoid':
      return 'activation';
    case 'batch-normalisation':
      return 'normalisation';
    default:
      return layer.kind;
  }
}

function prefixOf(layer: LayerSpecification): string {
  switch (layer.kind) {
    case 'convolution':
      return 'conv';
    case 'pooling':
      return 'pool';
    case 'batch-normalisation':
      return 'bn';
    default:
      return layer.kind;
  }
}

/** As the paper writes it: `conv5-32`, `max-pool`, `batch-norm`. */
function labelOf(layer: LayerSpecification): string {
  switch (layer.kind) {
    case 'convolution':
      return `conv${layer.kernel}-${layer.channels}`;
    case 'pooling':
      return layer.operation === 'max' ? 'max-pool' : 'avg-pool';
    case 'batch-normalisation':
      return 'batch-norm';
    default:
      return layer.kind;
  }
}
