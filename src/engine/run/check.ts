import { DeepviewError, exitCodes } from '../base/errors.ts';
import { parseFields, type Field } from '../base/json-field.ts';
import { printable } from '../base/printable.ts';

export type { Field } from '../base/json-field.ts';

/** An error about a file of a run: code `bad-run`, exit code 4. */
export function runError(file: string, problem: string, hint?: string, cause?: unknown): DeepviewError {
  return new DeepviewError('bad-run', `${printable(file, 1000)}: ${problem}`, {
    hint: hint ?? 'The run is damaged or was not written as docs/run-format.md says.',
    exitCode: exitCodes.unreadable,
    cause,
  });
}

/** A text of a run as JSON to check. @param path where in the file it is */
export const parseJson = (text: string, file: string, path = ''): Field => parseFields(text, file, runError, path);
