import type { Augmentation } from '../base/augmentation.ts';
import type { Preparation } from '../base/preparations.ts';
import type { LayerSpecification } from './layers/index.ts';

export type { Augmentation, LayerSpecification, Preparation };

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
