import { DeepviewError, exitCodes } from '../base/errors.ts';
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
  parseFields(withQuotedValues(text), file, runError, path);

const withQuotedValues = (text: string): string =>
  /NaN|Infinity/.test(text)
    ? text.replaceAll(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (found) => (found.startsWith('"') ? found : `"${found}"`))
    : text;

const notFinite: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** A measured value: a number, or the text of one that is not finite. */
export const measured = (field: Field): number => notFinite.get(field.value) ?? field.number();

/** JSON in which values that are not finite are the texts `NaN`, `Infinity` and `-Infinity`, at any depth. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'number' && !Number.isFinite(one) ? String(one) : one));

/** The fields of an object whose names are data. @throws DeepviewError for more than `maximum`, or other than an object */
export function entriesOf(field: Field, maximum: number): [name: string, value: Field][] {
  // `get` refuses what is not an object.
  field.get('');
  const names = Object.keys(field.value as object);
  if (names.length > maximum) field.fail(`has ${names.length} entries, more than ${maximum}`);
  return names.map((name) => [printable(name, 200), field.get(name)]);
}

/** What checking a field's value against a form gives; a refusal names the file too. */
export function checked<T>(field: Field, check: (value: unknown, path: Path) => T): T {
  try {
    return check(field.value, [field.path]);
  } catch (thrown) {
    if (!(thrown instanceof ValidationError)) throw thrown;
    throw runError(field.file, printable(thrown.message, 500));
  }
}
