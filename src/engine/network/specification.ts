import type { Augmentation } from '../base/augmentation.ts';
import type { Preparation } from '../base/preparations.ts';

import type { Padding } from '../backend/kernels/index.ts';

export type { Augmentation, Preparation };

export type { Padding };

/** How fast a layer's parameters learn and shrink: factors on the network's learning rate and weight decay. */
export interface Multipliers {
  weights: number;
  biases: number;
}

/**
 * How the first weights are drawn; biases start at 0. A number: normally, with this standard deviation. `he`: normally,
 * deviation sqrt(2 / fan-in) (He et al. 2015). `glorot`: evenly within +-sqrt(6 / (fan-in + fan-out)) (Glorot and
 * Bengio 2010). Fans count the window's pixels, and only the channels of one group.
 */
export type Initialisation = number | 'he' | 'glorot';

/** Where a layer's input comes from. The list of layers is in topological order: a layer sees only those before it. */
export interface Wiring {
  /** Unique in its network; by default the layer table's own: `conv1`, `relu2`. */
  name?: string;
  /**
   * Names of earlier layers, or `input`, the images; by default the layer before. `add` and `concatenate` take two or
   * more, all others one.
   */
  from?: readonly string[];
}

export interface ConvolutionSpecification extends Wiring {
  kind: 'convolution';
  /** Side of the square window, in pixels. */
  kernel: number;
  /** Output channels: neurons. */
  channels: number;
  padding: Padding;
  /** Input pixels from one window to the next; 1 by default. */
  stride?: number;
  /** Input pixels from one pixel of the window to the next; 1 by default. */
  dilation?: number;
  /** Input and output channels fall into so many groups, each seeing only its own; 1 by default. */
  groups?: number;
  /** Whether a bias is added to each channel; true by default. */
  bias?: boolean;
  deviation: Initialisation;
  learningRate: Multipliers;
}

/** Every unit sees all values of its input, taken [H, W, C] row-major; the output is [1, 1, units]. */
export interface DenseSpecification extends Wiring {
  kind: 'dense';
  /** Neurons. */
  units: number;
  /** Whether a bias is added to each unit; true by default. */
  bias?: boolean;
  deviation: Initialisation;
  learningRate: Multipliers;
}

export interface PoolingSpecification extends Wiring {
  kind: 'pooling';
  operation: 'max' | 'average';
  /** Side of the square window, in pixels. A window that overhangs the border counts only real pixels. */
  size: number;
  stride: number;
  padding: Padding;
}

/** Over all positions: [H, W, C] to [1, 1, C]. */
export interface GlobalPoolingSpecification extends Wiring {
  kind: 'global-pooling';
  operation: 'max' | 'average';
}

/** Value by value, but for softmax, which works over the channels of each position; gelu is the exact one, with erf. */
export interface ActivationSpecification extends Wiring {
  kind: 'relu' | 'sigmoid' | 'tanh' | 'gelu' | 'softmax';
}

/** x where x > 0, else slope * x. */
export interface LeakyReluSpecification extends Wiring {
  kind: 'leaky-relu';
  slope: number;
}

/** x where x > 0, else alpha * (exp(x) - 1). */
export interface EluSpecification extends Wiring {
  kind: 'elu';
  alpha: number;
}

/** Per channel, over the batch and all positions (Ioffe and Szegedy 2015). */
export interface BatchNormalisationSpecification extends Wiring {
  kind: 'batch-normalisation';
  /** Added to the variance. */
  epsilon: number;
  /** Share of the newest batch in the saved mean and variance, 0..1. */
  momentum: number;
  /** Of gain and bias; neither decays. */
  learningRate: Multipliers;
}

/** Over the channels of each position of each image (Ba, Kiros and Hinton 2016). */
export interface LayerNormalisationSpecification extends Wiring {
  kind: 'layer-normalisation';
  /** Added to the variance. */
  epsilon: number;
  /** Of gain and bias; neither decays. */
  learningRate: Multipliers;
}

/** While training, values are zeroed with probability `rate`, and the others divided by 1 - rate. */
export interface DropoutSpecification extends Wiring {
  kind: 'dropout';
  rate: number;
}

/** The sum of inputs of one shape. */
export interface AdditionSpecification extends Wiring {
  kind: 'add';
}

/** The channels of inputs of one height and width, one after the other. */
export interface ConcatenationSpecification extends Wiring {
  kind: 'concatenate';
}

export type LayerSpecification =
  | ConvolutionSpecification
  | DenseSpecification
  | PoolingSpecification
  | GlobalPoolingSpecification
  | ActivationSpecification
  | LeakyReluSpecification
  | EluSpecification
  | BatchNormalisationSpecification
  | LayerNormalisationSpecification
  | DropoutSpecification
  | AdditionSpecification
  | ConcatenationSpecification;

/** What moves the weights against their gradients. */
export type OptimiserSpecification =
  /** Stochastic gradient descent; `nesterov` looks ahead by one step of the velocity. */
  | { kind: 'sgd'; momentum: number; nesterov?: boolean }
  /** Kingma and Ba 2015, and Loshchilov and Hutter 2019. */
  | { kind: 'adam' | 'adamw'; beta1: number; beta2: number; epsilon: number };

export interface TrainingSpecification {
  batch: number;
  optimiser: OptimiserSpecification;
  /** Added to the gradient, times the weight, with sgd and adam; taken off the weight by itself with adamw. */
  weightDecay: number;
  /** One rate an epoch; its length is the number of epochs. */
  learningRate: readonly number[];
  /** `squared-error`: of networks with one output, whose target is the class's number. */
  loss: 'cross-entropy' | 'squared-error';
  /** Gradients whose L2 norm over all parameters is larger are scaled down to it. */
  clipGradient?: number;
  /** Training ends when the validation loss has not fallen by `minimumChange` for `patience` epochs. */
  earlyStopping?: { patience: number; minimumChange: number };
  preparation: Preparation;
  augmentation: Augmentation;
}

/** A network as data: what is built, and how it is trained by default. */
export interface NetworkSpecification {
  name: string;
  /** One line for a person who chooses. */
  description: string;
  /** [height, width, channels] of one image. */
  inputShape: readonly [number, number, number];
  /**
   * In topological order. The last one's output, one position of as many channels as classes, goes to the loss; a last
   * softmax is part of the cross-entropy.
   */
  layers: readonly LayerSpecification[];
  training: TrainingSpecification;
}
