/**
 * Everything that the trainer, its supervisor, a reader of a run directory and the screen say to each other.
 * All of it is plain data: it crosses threads and processes by structured clone or as a line of JSON.
 */

import { isDeepStrictEqual } from 'node:util';
import type { TrainingSettings } from '../base/training-settings.ts';
import { runRequests, type RunRequest } from '../run/requests.ts';
import type { NetworkFile } from '../network/file/index.ts';

export type EngineChoice = NonNullable<TrainingSettings['engine']>;

/** What a user asked to be trained. Absent values take the network's or the engine's defaults. */
export interface TrainingRequest extends TrainingSettings {
  /** A preset's name, or a network file. */
  network: string;
  /** What is in that file: the process that checks the request reads it, and no other needs to. */
  networkFile?: NetworkFile;
  /** What a user should know of that network before it is trained. */
  networkNotices?: readonly string[];
  /** Whether a module may be run as a network file: a user named it just now. */
  mayRunNetwork?: boolean;
  /** A data set of the catalogue, or the path of a folder or file. */
  data: string;
  seed: number;
  engine: EngineChoice;
  /** Where the run is written; by default a new directory among the user's runs. */
  run?: string;
  /** Whether generated shapes may take the place of a data set that is not available: it was only the default. */
  dataByDefault?: boolean;
  /** A local file to take the data set's archive from. */
  source?: string;
  /** Image files that cannot be read are left out. */
  skipCorrupt?: boolean;
  /** Links of a folder of images are followed wherever they lead. */
  followLinks?: boolean;
  /** The same numbers whatever the number of cores: a fixed number of threads. */
  deterministic?: boolean;
  /** Goes on where the loss is no number any more, or has exploded, for as long as the weights are numbers. */
  keepGoing?: boolean;
  /** What the shell does at the end, with the run in its environment. */
  notify?: string;
  /** A run directory to go on with; `epochs` is then the epoch to go on to, past its end. */
  resume?: string;
  /** What the user takes that run for: one of something else is refused. */
  takenFor?: { network?: string; data?: string; seed?: number };
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
  | { type: 'stop'; when: 'now' | 'after-epoch' };

/** What a training is asked for from elsewhere (docs/run-format.md), as its own screen asks. */
export const commandOf: Record<RunRequest, TrainingCommand> = {
  pause: { type: 'pause' },
  continue: { type: 'resume' },
  'stop-after-epoch': { type: 'stop', when: 'after-epoch' },
  'stop-now': { type: 'stop', when: 'now' },
};

/** A command as a request to a training that another process supervises; nothing for a `start`. */
export const requestOf = (command: TrainingCommand): RunRequest | undefined =>
  runRequests.find((request) => isDeepStrictEqual(commandOf[request], command));

/** Whether something that came over a process border is a command; anything else is ignored. */
export function isTrainingCommand(value: unknown): value is TrainingCommand {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  switch (value.type) {
    case 'start':
      return 'request' in value && isRequest(value.request);
    case 'pause':
    case 'resume':
      return true;
    case 'stop':
      return 'when' in value && (value.when === 'now' || value.when === 'after-epoch');
    default:
      return false;
  }
}

/** Settings are checked where they are used; what they are of must be texts before that. */
function isRequest(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('network' in value) || !('data' in value)) return false;
  return typeof value.network === 'string' && typeof value.data === 'string';
}

export type { RunEvent } from '../run/events.ts';
