import type { ErrorReport } from '../errors.ts';
import type { Progress } from '../progress.ts';
import type { EpochRecord, RunHeader, RunState } from './format.ts';

/** From the trainer, or from whoever reads a run: the only thing that changes what the screen shows. */
export type RunEvent =
  | { type: 'step'; progress: Progress }
  | { type: 'notice'; text: string }
  | { type: 'run'; header: RunHeader; directory: string }
  | {
      type: 'batch';
      epoch: number;
      /** Batches done of this epoch. */
      batch: number;
      batches: number;
      /** Running mean over the epoch so far. */
      loss: number;
      imagesPerSecond: number;
      /** To the end of the last epoch. */
      secondsLeft: number;
      /** What the epoch is busy with. */
      phase: 'training' | 'validation' | 'probe';
    }
  | { type: 'epoch'; record: EpochRecord }
  | { type: 'state'; state: RunState; error?: ErrorReport };
