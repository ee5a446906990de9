/**
 * Everything that the trainer, its supervisor, a reader of a run directory and the screen say to each other.
 * All of it is plain data: it crosses threads and processes by structured clone or as a line of JSON.
 */

import type { Preparation } from '../base/preparations.ts';
import type { NetworkFile } from '../network/file/index.ts';
import type { TrainingOverrides } from './overrides.ts';
import type { Augmentation } from '../base/augmentation.ts';

export type EngineChoice = 'auto' | 'tensorflow' | 'wasm';

/** What a person asked to be trained. Absent values take the network's or the engine's defaults. */
export interface TrainingRequest {
  /** A preset's name, or a network file. */
  network: string;
  /** What is in that file: whoever is asked first reads it, and no other process needs to. */
  networkFile?: NetworkFile;
  /** What a person should know of that network before it is trained. */
  networkNotices?: readonly string[];
  /** Whether a module may be run as a network file: a person named it just now. */
  mayRunNetwork?: boolean;
  /** A data set of the catalogue, or the path of a folder or file. */
  data: string;
  epochs?: number;
  batch?: number;
  /** Only the first so many training images. */
  limit?: number;
  seed: number;
  engine: EngineChoice;
  /** Where the run is written; by default a new directory among the user's runs. */
  run?: string;
  /** Whether generated shapes may take the place of a data set that cannot be had: nobody named it. */
  dataByDefault?: boolean;
  /** Probe images. */
  probe?: number;
  /** What is done to the images first, instead of what the network was designed for. */
  preparation?: Preparation;
  /** A local file to take the data set's archive from. */
  source?: string;
  /** How training images are changed at random; by default as the network says. */
  augmentation?: Augmentation;
  /** Height and width that images are brought to; by default their own. */
  imageSize?: number;
  /** How images of other proportions are brought there: by default cropped. */
  fit?: 'crop' | 'stretch';
  /** Share of each class kept for validation where the images have no given split: above 0, below 1. */
  validation?: number;
  /** Image files that cannot be read are left out. */
  skipCorrupt?: boolean;
  /** The strongest patches are stored with every so many epochs, and with the first and the last; 0 stores none. */
  features?: number;
  /** A run directory to go on with; `epochs` is then the epoch to go on to, past an early end. */
  resume?: string;
  /** In place of what the network says of its training. */
  training?: TrainingOverrides;
  /** A file with the weights to begin with: safetensors, or a Keras model's model.json. */
  weights?: string;
  /** Only to measure the network as it is: one epoch in which nothing is learned. */
  probeOnly?: boolean;
}

/** To the trainer. */
export type TrainingCommand =
  | { type: 'start'; request: TrainingRequest }
  | { type: 'pause' }
  | { type: 'resume' }
  /** Stores the strongest patches with the current epoch, whether or not it is one of those that have them anyway. */
  | { type: 'features' }
  | { type: 'stop'; when: 'now' | 'after-epoch' };

export type { RunEvent } from '../run/events.ts';
