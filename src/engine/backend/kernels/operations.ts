import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainWindow, Window } from './window.ts';

/** Pooled values, and whatever the gradient needs that is dear to compute again. */
export interface Pooled {
  output: Tensor4D;
  saved: readonly Tensor[];
}

/** What a convolution's parameters and input contributed to the loss. */
export interface ConvolutionGradients {
  /** Absent when it was not asked for: the gradient by the images is of no use. */
  input?: Tensor4D;
  weights: Tensor4D;
  biases: Tensor1D;
}

/**
 * The dear parts of training, each in the way that its engine does fastest. Images are [N, H, W, C], convolution
 * weights [kernel, kernel, inputs, outputs]. `gradient` is always the loss's gradient by the output. Tensors that are
 * returned are new; intermediate ones are disposed of, or left to the surrounding `tf.tidy`.
 */
export type Operations = OperationsWith<Window>;

/** What an engine brings; the rest is made of it. */
export type PlainOperations = OperationsWith<PlainWindow> & DepthwiseOperations;

interface OperationsWith<AnyWindow> {
  /**
   * Convolution, biases added. Weights of fewer inputs than the image has channels are those of groups: each sees its
   * own channels.
   */
  convolution(x: Tensor4D, weights: Tensor4D, biases: Tensor1D, window: AnyWindow): Tensor4D;
  convolutionGradients(
    x: Tensor4D,
    weights: Tensor4D,
    gradient: Tensor4D,
    window: AnyWindow,
    needInput: boolean,
  ): ConvolutionGradients;
  /** The first of equal values is the maximum, and the only one that gets the gradient. */
  maxPool(x: Tensor4D, window: AnyWindow): Pooled;
  maxPoolGradient(x: Tensor4D, pooled: Pooled, gradient: Tensor4D, window: AnyWindow): Tensor4D;
  /** Mean of the real pixels of each window. */
  averagePool(x: Tensor4D, window: AnyWindow): Tensor4D;
  averagePoolGradient(x: Tensor4D, gradient: Tensor4D, window: AnyWindow): Tensor4D;
  relu(x: Tensor4D): Tensor4D;
  /** The gradient where `output`, the relu's, is positive; else 0. */
  reluGradient(output: Tensor4D, gradient: Tensor4D): Tensor4D;
  sigmoid(x: Tensor4D): Tensor4D;
  sigmoidGradient(output: Tensor4D, gradient: Tensor4D): Tensor4D;
  /** Mean over each image's positions: [N, C]. */
  spatialMean(x: Tensor4D): Tensor;
  /**
   * One step of stochastic gradient descent with momentum:
   * velocity <- momentum * velocity + gradient + decay * value; value <- value - rate * velocity.
   * Returns the new value and velocity; the old ones are disposed of.
   */
  descend(
    state: { value: Tensor; velocity: Tensor },
    gradient: Tensor,
    step: DescentStep,
  ): { value: Tensor; velocity: Tensor };
}

export interface DescentStep {
  /** The epoch's learning rate times the parameter's own multiplier. */
  rate: number;
  momentum: number;
  /** Weight decay times the parameter's own multiplier. */
  decay: number;
}

/** A convolution of each channel by itself, without biases; filters are [kernel, kernel, channels, multiplier]. */
export interface DepthwiseOperations {
  /** @returns [N, H', W', channels * multiplier], a channel's outputs side by side */
  depthwise(x: Tensor4D, filter: Tensor4D, window: PlainWindow): Tensor4D;
  depthwiseGradients(
    x: Tensor4D,
    filter: Tensor4D,
    gradient: Tensor4D,
    window: PlainWindow,
    needInput: boolean,
  ): Pick<ConvolutionGradients, 'input' | 'weights'>;
}
