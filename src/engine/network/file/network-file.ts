import type { Value } from '../../base/schema/index.ts';
import type { networkTrainingForm } from '../../base/training-settings.ts';
import type { Augmentation, LayerSpecification, OptimiserSpecification } from '../specification.ts';
import type { Schedule } from './schedule.ts';

/** A number of neurons that may be left to the data set. */
type Open<Layer> = Layer extends { channels: number }
  ? Omit<Layer, 'channels'> & { channels: number | 'classes' }
  : Layer extends { units: number }
    ? Omit<Layer, 'units'> & { units: number | 'classes' }
    : Layer;

/** A layer whose number of neurons may be that of the classes. */
export type OpenLayer = Open<LayerSpecification>;

type GivenTraining = Value<typeof networkTrainingForm>;

/** How a file says that its network is trained, with all of it filled in that is not left to data and user. */
export interface FileTraining extends Omit<GivenTraining, 'optimiser' | 'learningRate' | 'weightDecay'> {
  optimiser: OptimiserSpecification;
  learningRate: number | readonly number[] | Schedule;
  weightDecay: number;
  augmentation: Augmentation;
}

/**
 * A network file, checked, and with everything filled in that needs no knowledge of the data. Plain data: it crosses
 * processes, so that a file is read, and a module run, once.
 */
export interface NetworkFile {
  /** What the file was called by whoever named it. */
  source: string;
  name: string;
  description: string;
  /** [height, width, channels] of one image, unless left to the data set. */
  input?: readonly [number, number, number];
  layers: readonly OpenLayer[];
  training: FileTraining;
  /** Line and column of each layer, from 1; a module has none. */
  places?: readonly (readonly [line: number, column: number])[];
}
