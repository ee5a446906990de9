import type { LayerCategory, Shape } from './layers/definition.ts';
import { definitionOf, labelOf, outflowOf } from './layers/index.ts';
import { ImpossibleLayer } from './impossible-layer.ts';
import { inputField, type ReceptiveField } from './receptive-field.ts';
import type { NetworkSpecification } from './specification.ts';
import { images, wiringOf } from './wiring.ts';

/** What a run records of a layer. */
export interface LayerRecord {
  /** From 1, in the paper's counting; the loss, which is not in this list, would be the next. */
  index: number;
  /** Unique in its network: `conv1`, `pool1`, `relu1`, `conv2`. */
  name: string;
  /** What a person reads: `conv5-32`, `max-pool`, `relu`. */
  label: string;
  kind: LayerCategory;
  /** Neurons: channels of a convolution, units of a dense layer. */
  units: number;
  /** Output of one image: [height, width, channels]. */
  shape: Shape;
  parameters: number;
  receptiveField: ReceptiveField;
  /** What its activations lie between, where a neuron that stays at the ends is saturated: a sigmoid's are 0 and 1. */
  range?: readonly [low: number, high: number];
}

/** A row of the layer table: what a run records of a layer, and what one image costs there. */
export interface LayerRow extends LayerRecord {
  /** Multiplications of weights for one image; only convolutions and dense layers have any. */
  multiplications: number;
  /** Positions (from 0) of the layers whose outputs it takes; -1 stands for the images. */
  from: readonly number[];
}

/**
 * The layers of a network in the paper's counting: every layer has a row, numbered from 1; so have additions and
 * concatenations. The loss, which has no neurons, would be the next row. A receptive field is that of the longest path
 * from the images to the layer.
 * @throws ImpossibleLayer when a window does not fit into its input, or inputs do not fit together
 */
export function layerTable(network: Pick<NetworkSpecification, 'name' | 'inputShape' | 'layers'>): LayerRow[] {
  const { inputShape, layers } = network;
  const rows: LayerRow[] = [];
  wiringOf(network).forEach(({ name, from }, position) => {
    const layer = layers[position];
    const definition = definitionOf(layer);
    const inputs = from.map((at) =>
      at === images
        ? { shape: [...inputShape] satisfies Shape, field: inputField }
        : { shape: rows[at].shape, field: rows[at].receptiveField },
    );
    const [{ shape: input }] = inputs;
    const { shape, field } = outflowOf(layer, inputs, (problem, details) => {
      throw new ImpossibleLayer(network, position, problem, details);
    });
    const range = definition.saturates === false ? undefined : definition.range?.(layer);
    rows.push({
      index: position + 1,
      name,
      label: labelOf(layer),
      kind: definition.category,
      units: shape[2],
      shape,
      parameters: definition.parameters?.(layer, input) ?? 0,
      receptiveField: field,
      ...(range?.every(Number.isFinite) && { range }),
      multiplications: shape[0] * shape[1] * (definition.weights?.(layer, input) ?? 0),
      from,
    });
  });
  return rows;
}
