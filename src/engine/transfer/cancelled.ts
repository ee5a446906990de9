import { DeepviewError, exitCodes } from '../base/errors.ts';

/** The error of a step that its caller's signal ended. */
export function cancelled(what: string, hint?: string): DeepviewError {
  return new DeepviewError('cancelled', `${what} was cancelled`, { hint, exitCode: exitCodes.interrupted });
}

/** Waits, but not after the signal has been given: then it ends at once, without an error. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}
