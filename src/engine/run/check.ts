import { DeepviewError, exitCodes } from '../base/errors.ts';
import { quotedNonFinite } from '../base/json.ts';
import { parseFields, type Field } from '../base/json-field.ts';
import { printable } from '../base/printable.ts';
import { ValidationError, type Path } from '../base/schema/index.ts';

export type { Field } from '../base/json-field.ts';

/** An error about a file of a run: code `bad-run`, exit code 4. */
export function runError(file: string, problem: string, hint?: string, cause?: unknown): DeepviewError {
  return new DeepviewError('bad-run', `${printable(file, 1000)}: ${problem}`, {
    hint: hint ?? 'The run is damaged or was not written as docs/run-format.md says.',
    exitCode: exitCodes.unreadable,
    cause,
  });
}

/**
 * A text of a run as JSON to check. Python's json module writes values that are not finite bare, which is no JSON; they
 * are taken as the texts that the format has for them.
 * @param path where in the file it is
 */
export const parseJson = (text: string, file: string, path = ''): Field =>
  parseFields(quotedNonFinite(text), file, runError, path);

/** What checking a field's value against a form gives; a refusal names the file too. */
export function checked<T>(field: Field, check: (value: unknown, path: Path) => T): T {
  try {
    return check(field.value, [field.path]);
  } catch (thrown) {
    if (!(thrown instanceof ValidationError)) throw thrown;
    throw runError(field.file, printable(thrown.message, 500));
  }
}
