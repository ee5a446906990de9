declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** A layer's place in its network, counted from 1 as the paper does: every convolution, pooling and activation counts. */
export type LayerIndex = Branded<'layer'>;
/** A neuron's place in its layer, counted from 0: its channel (convolution) or unit (dense). */
export type NeuronIndex = Branded<'neuron'>;
/** A pass over the training images, counted from 1. */
export type Epoch = Branded<'epoch'>;
/** An image's place in its set, counted from 0. */
export type ImageIndex = Branded<'image'>;

export const layerIndex = (value: number): LayerIndex => value as LayerIndex;
export const neuronIndex = (value: number): NeuronIndex => value as NeuronIndex;
export const epochOf = (value: number): Epoch => value as Epoch;
export const imageIndex = (value: number): ImageIndex => value as ImageIndex;
