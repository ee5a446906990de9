import type { Augmentation } from '../base/augmentation.ts';
import type { Preparation } from '../base/preparations.ts';
import type { Value } from '../base/schema/index.ts';
import type { optimiserForm, RunTraining } from '../base/training-settings.ts';
import type { LayerSpecification } from './layers/index.ts';

export type { Augmentation, LayerSpecification, Preparation };

/** What moves the weights against their gradients. */
export type OptimiserSpecification = Value<typeof optimiserForm>;

/** How a network is trained: as a run records it, but for what only the run knows, and how images are prepared. */
export interface TrainingSpecification extends Omit<RunTraining, 'epochs' | 'optimiser' | 'learningRate'> {
  optimiser: OptimiserSpecification;
  /** One rate per epoch; its length is the number of epochs. */
  learningRate: readonly number[];
  preparation: Preparation;
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
