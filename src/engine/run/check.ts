import { DeepviewError, exitCodes } from '../base/errors.ts';
import { quotedNonFinite } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { printable } from '../base/printable.ts';
import { pathText, ValidationError, type Path } from '../base/schema/index.ts';

/** An error about a file of a run: code `bad-run`, exit code 4. */
export function runError(file: string, problem: string, hint?: string, cause?: unknown): DeepviewError {
  return new DeepviewError('bad-run', `${printable(file, 1000)}: ${problem}`, {
    hint: hint ?? 'The run is damaged or was not written as docs/run-format.md says.',
    exitCode: exitCodes.unreadable,
    cause,
  });
}

/**
 * What a text of a run says, read as JSON of at most `limits.jsonBytes`. Python's json module writes values that are not
 * finite bare, which is no JSON; they are taken as the texts that the format has for them.
 * @param read makes something of the value; its ValidationErrors name the way from `path` on
 * @param where in the file it is: `line 3`
 * @throws DeepviewError `bad-run` naming file and field
 */
export function readJson<T>(text: string, file: string, read: (value: unknown, path: Path) => T, where?: string): T {
  if (text.length > limits.jsonBytes)
    throw runError(file, `it is larger than the ${limits.jsonBytes} bytes that are read`);
  let value: unknown;
  try {
    value = JSON.parse(quotedNonFinite(text));
  } catch (thrown) {
    throw runError(file, `${where ?? 'it'} is not JSON`, undefined, thrown);
  }
  try {
    return read(value, where === undefined ? [] : [where]);
  } catch (thrown) {
    if (!(thrown instanceof ValidationError)) throw thrown;
    throw runError(file, printable(`${pathText(thrown.path) || 'its content'} ${thrown.problem}`, 500));
  }
}
