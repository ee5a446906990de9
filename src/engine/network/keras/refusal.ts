import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';

/** A file that is not a model as its format says: code `bad-keras-model`, exit code 4. */
export function badModel(file: string, problem: string, hint?: string, cause?: unknown): DeepviewError {
  return new DeepviewError('bad-keras-model', `${printable(file, 1000)}: ${problem}`, {
    hint: hint ?? 'The file is damaged, or it was not saved as a TensorFlow.js layers model; save it again.',
    exitCode: exitCodes.unreadable,
    cause,
  });
}

/** A sound model that has what this program cannot compute exactly: code `unsupported-keras-model`, exit code 4. */
export function unsupported(file: string, problem: string, hint: string): DeepviewError {
  return new DeepviewError('unsupported-keras-model', `${printable(file, 1000)}: ${problem}`, {
    hint,
    exitCode: exitCodes.unreadable,
  });
}
