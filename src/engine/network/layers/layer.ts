import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Operations } from '../../backend/kernels/index.ts';
import type { Random } from '../../base/random.ts';

/** Values that a layer learns by gradient descent, or saves from batch to batch. */
export interface Parameter {
  /** Unique in its network: `conv1.weights`. */
  readonly name: string;
  readonly shape: readonly number[];
  /**
   * Factors on the network's learning rate and weight decay; `undefined` for values that are only saved. Decay is 1 of
   * weights and biases and 0 of what a normalisation learns, whose scale says nothing of how large weights are.
   */
  readonly multipliers?: { rate: number; decay: number };
  /** The present value; what replaces it disposes of the one before. */
  value: Tensor;
}

/** What a forward pass is for. */
export interface Pass {
  training: boolean;
  /** The random numbers of one layer in this training step; there are none outside training. */
  random(layer: string): Random;
}

/** What a layer's forward pass leaves for its backward pass. */
export interface Trace {
  input: Tensor4D;
  output: Tensor4D;
  saved: readonly Tensor[];
}

/** What a layer's backward pass finds. */
export interface Gradients {
  /** By the layer's input; absent when it was not asked for. */
  input?: Tensor4D;
  /** By each learning parameter, in their order. */
  parameters: readonly Tensor[];
}

/** One layer of a network at work, with one input: forward and backward side by side. Images are [N, H, W, C]. */
export interface Layer {
  readonly parameters: readonly Parameter[];
  forward(x: Tensor4D, pass: Pass): { output: Tensor4D; saved?: readonly Tensor[] };
  /** @param gradient the loss's gradient by the layer's output */
  backward(gradient: Tensor4D, trace: Trace, needInput: boolean): Gradients;
}

/** A layer of several inputs, which learns nothing. */
export interface Join {
  readonly parameters: readonly [];
  join(inputs: readonly Tensor4D[]): Tensor4D;
  /** @returns the loss's gradient by each of the inputs, in tensors of their own */
  split(gradient: Tensor4D, inputs: readonly Tensor4D[]): Tensor4D[];
}

/** What a layer is built with. */
export interface LayerContext {
  tf: typeof TensorFlow;
  operations: Operations;
  /** [height, width, channels] of the layer's input. */
  inputShape: readonly [number, number, number];
  /** Of the layer, as in the layer table. */
  name: string;
  /** The random numbers of this layer's initial weights. */
  random: Random;
}

/** A parameter at its initial value. */
export function parameter(
  tf: typeof TensorFlow,
  name: string,
  shape: readonly number[],
  initial: Float32Array,
  multipliers?: { rate: number; decay: number },
): Parameter {
  const value = tf.keep(tf.tensor(initial, [...shape], 'float32'));
  return { name, shape, value, ...(multipliers && { multipliers }) };
}

/** A layer without parameters whose passes leave intermediate values to be tidied away. */
export const withoutParameters = (
  { tf }: LayerContext,
  forward: (x: Tensor4D) => Tensor4D,
  backward: (gradient: Tensor4D, trace: { input: Tensor4D; output: Tensor4D }) => Tensor4D,
): Layer => ({
  parameters: [],
  forward: (x) => ({ output: tf.tidy(() => forward(x)) }),
  backward: (gradient, trace) => ({ input: tf.tidy(() => backward(gradient, trace)), parameters: [] }),
});
