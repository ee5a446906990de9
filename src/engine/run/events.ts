import type { ErrorReport } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { RunRecord, RunHeader, RunState } from './format.ts';
import type { RunProgress } from './status.ts';

/** From the trainer, or from a reader of a run: the only thing that changes what the screen shows. */
export type RunEvent =
  | { type: 'step'; progress: Progress }
  | { type: 'notice'; text: string }
  /**
   * The run has its place and its name; what else is known of it follows in `run`, once it is prepared. `isMade`: whether
   * its directory was made for it, which a training tells its supervisor alone.
   */
  | { type: 'begun'; id: string; directory: string; network?: string; dataset?: string; isMade?: boolean }
  | { type: 'run'; header: RunHeader; directory: string }
  | ({ type: 'batch' } & RunProgress)
  | { type: 'epoch'; record: RunRecord }
  /** A record that was told of, with metrics of layers that it lacked. */
  | { type: 'measured'; record: RunRecord }
  /**
   * `reason`: why a finished run has fewer epochs than were planned. `ending`: where it was asked to stop, and will.
   * `requests`: what it takes, of a run that another process writes.
   */
  | {
      type: 'state';
      state: RunState;
      error?: ErrorReport;
      reason?: string;
      ending?: 'now' | 'after-epoch';
      requests?: readonly string[];
    };
