/** `same`: the output has ceil(input / stride) positions; an odd padding pixel goes to the bottom and the right. */
export type Padding = 'same' | 'valid';

/** How fast a layer's parameters learn and shrink: factors on the network's learning rate and weight decay. */
export interface Multipliers {
  weights: number;
  biases: number;
}

export interface ConvolutionSpecification {
  kind: 'convolution';
  /** Side of the square window, in pixels. */
  kernel: number;
  /** Output channels: neurons. */
  channels: number;
  padding: Padding;
  /** Standard deviation of the normal distribution that the initial weights are drawn from; biases start at 0. */
  deviation: number;
  learningRate: Multipliers;
}

export interface PoolingSpecification {
  kind: 'pooling';
  operation: 'max' | 'average';
  /** Side of the square window, in pixels. A window that overhangs the border counts only real pixels. */
  size: number;
  stride: number;
  padding: Padding;
}

export interface ActivationSpecification {
  kind: 'relu' | 'sigmoid';
}

/** Per channel, over the batch and all positions (Ioffe and Szegedy 2015). */
export interface BatchNormalisationSpecification {
  kind: 'batch-normalisation';
  /** Added to the variance. */
  epsilon: number;
  /** Share of the newest batch in the saved mean and variance, 0..1. */
  momentum: number;
  /** Of gain and bias; neither decays. */
  learningRate: Multipliers;
}

/** While training, values are zeroed with probability `rate`, and the others divided by 1 - rate. */
export interface DropoutSpecification {
  kind: 'dropout';
  rate: number;
}

export type LayerSpecification =
  | ConvolutionSpecification
  | PoolingSpecification
  | ActivationSpecification
  | BatchNormalisationSpecification
  | DropoutSpecification;

/** Stochastic gradient descent with momentum, as the paper's networks were trained. */
export interface TrainingSpecification {
  batch: number;
  momentum: number;
  weightDecay: number;
  /** One rate an epoch; its length is the number of epochs. */
  learningRate: readonly number[];
  /** Mirror each batch left-right as a whole with probability 0.5. */
  mirror: boolean;
}

/** A network as data: what is built, and how it is trained by default. */
export interface NetworkSpecification {
  name: string;
  /** One line for a person who chooses. */
  description: string;
  /** [height, width, channels] of one image. */
  inputShape: readonly [number, number, number];
  /** In order; the last one's output, one position of as many channels as classes, goes to the softmax loss. */
  layers: readonly LayerSpecification[];
  training: TrainingSpecification;
}
