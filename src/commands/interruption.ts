import { DeepviewError, exitCodes } from '../engine/base/errors.ts';

/** Why a command's signal was aborted. */
export class Interruption extends DeepviewError {
  readonly by: 'SIGINT' | 'SIGTERM' | 'SIGHUP';

  constructor(by: Interruption['by']) {
    super('interrupted', `Interrupted by ${by}.`, { exitCode: exitCodes.interrupted });
    this.by = by;
  }
}
