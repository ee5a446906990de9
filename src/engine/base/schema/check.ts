import { DeepviewError, exitCodes } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { printable } from '../printable.ts';
import { choice, describe, type Fields, type Form, type Value } from './form.ts';
import { ValidationError, type Path } from './validation-error.ts';

/**
 * Checks a value from outside against a form.
 * @returns it anew, with only what the form names, and what was left out filled in
 * @throws ValidationError naming the way to what is wrong, what it must be, what it is, and the nearest right name
 */
export function check<F extends Form>(form: F, value: unknown, path: Path = []): Value<F> {
  return checked(value, form, path, false) as Value<F>;
}

/**
 * Checks a value that a user gave.
 * @param where what is to be mended: `--epochs`, `DEEPVIEW_EPOCHS`, `Key "epochs" of /path/config.json`
 * @throws DeepviewError `bad-option`, or another code, with exit code 2
 */
export function checkOption<F extends Form>(form: F, value: unknown, where: string, code = 'bad-option'): Value<F> {
  try {
    return check(form, value);
  } catch (thrown) {
    if (!(thrown instanceof ValidationError)) throw thrown;
    const { problem, hint } = thrown;
    throw new DeepviewError(code, `${where} ${problem}.`, { hint, exitCode: exitCodes.usage });
  }
}

/**
 * A value of the command line or of a variable, as JSON would have it: a number for digits, true for `yes`. What the
 * form has no use for stays a text, which the check then shows as it was written.
 */
export function fromText(form: Form, text: string): unknown {
  switch (form.form) {
    case 'number':
      return (form.whole ? /^\d+$/ : /^\d*\.?\d+(e[+-]?\d+)?$/i).test(text) ? Number(text) : text;
    case 'flag':
      return ['1', 'true', 'yes'].includes(text) || (['0', 'false', 'no'].includes(text) ? false : text);
    case 'either':
      return form.of.map((one) => fromText(one, text)).find((value) => value !== text) ?? text;
    default:
      return text;
  }
}

/** @param isOpen whether it is inside an object that is */
function checked(value: unknown, form: Form, path: Path, isOpen: boolean): unknown {
  switch (form.form) {
    case 'either':
      return checked(value, alternative(value, form, path), path, isOpen);
    case 'list': {
      if (!Array.isArray(value) || value.length < form.minimum || value.length > form.maximum)
        refuse(value, form, path);
      return Array.from(value as unknown[], (one, place) => checked(one, form.of, [...path, place], isOpen));
    }
    case 'map': {
      const entries = Object.entries(fieldsOf(value, form, path));
      if (entries.length > form.maximum) refuse(value, form, path);
      return Object.fromEntries(entries.map(([name, one]) => [name, checked(one, form.of, [...path, name], isOpen)]));
    }
    case 'object':
      return checkFields(fieldsOf(value, form, path), form.fields, path, isOpen || form.isOpen === true, []);
    case 'kinds': {
      const given = fieldsOf(value, form, path);
      const words = Object.keys(form.kinds);
      const kind = check(choice(words), given['kind'], [...path, 'kind']);
      return { kind, ...checkFields(given, form.kinds[kind].fields, path, isOpen, ['kind']) };
    }
    case 'choice':
      if (['string', 'number', 'boolean'].includes(typeof value) && Object.hasOwn(form.synonyms, String(value))) {
        return form.synonyms[String(value)];
      }
      return fits(value, form) ? value : refuse(value, form, path);
    case 'text':
      return (fits(value, form) ? readText(value as string, form, path) : undefined) ?? refuse(value, form, path);
    default:
      return fits(value, form) ? value : refuse(value, form, path);
  }
}

function readText(value: string, { read }: Extract<Form, { form: 'text' }>, path: Path): string | undefined {
  try {
    return read ? read(value) : value;
  } catch (thrown) {
    if (!(thrown instanceof ValidationError)) throw thrown;
    throw new ValidationError(path, `is ${shown(value)}: ${thrown.problem}`, { hint: thrown.hint });
  }
}

function checkFields(
  given: Record<string, unknown>,
  fields: Fields,
  path: Path,
  isOpen: boolean,
  more: string[],
): object {
  const names = [...more, ...Object.keys(fields)];
  for (const name of isOpen ? [] : Object.keys(given)) {
    if (names.includes(name)) continue;
    const likely = nearest(name, names);
    const known = likely === undefined ? `The fields here are ${names.join(', ')}.` : `Did you mean "${likely}"?`;
    throw new ValidationError([...path, name], 'is no field that is known here', { hint: known, isAboutKey: true });
  }
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, { is, otherwise }]): [string, unknown][] => {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      if (otherwise !== undefined && (value === undefined || (isOpen && value === null))) {
        return otherwise === 'optional' ? [] : [[name, otherwise.value]];
      }
      return [[name, checked(value, is, [...path, name], isOpen)]];
    }),
  );
}

function fieldsOf(value: unknown, form: Form, path: Path): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(value, form, path);
  return value as Record<string, unknown>;
}

/** The form that a value was most likely meant to have: the first of its type that it fits, or else of its type. */
function alternative(value: unknown, form: Extract<Form, { form: 'either' }>, path: Path): Form {
  const possible = form.of.filter((one) => isOfType(value, one));
  const found = possible.find((one) => fits(value, one)) ?? possible.find((one) => typesInside.has(one.form));
  return found ?? refuse(value, form, path);
}

const typesInside: ReadonlySet<Form['form']> = new Set(['list', 'map', 'object', 'kinds']);

function isOfType(value: unknown, { form }: Form): boolean {
  if (form === 'list') return Array.isArray(value);
  if (typesInside.has(form)) return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (form === 'flag') return typeof value === 'boolean';
  if (form === 'nothing') return value === null;
  return typeof value === (form === 'number' ? 'number' : 'string');
}

/** Whether a value that has nothing inside is as the form says. */
function fits(value: unknown, form: Form): boolean {
  switch (form.form) {
    case 'number': {
      // Nothing compares with NaN, so it is within nothing.
      if (typeof value !== 'number' || (form.whole && !Number.isInteger(value)) || value === Infinity) return false;
      const { minimum, maximum } = form;
      return (form.above ? value > minimum : value >= minimum) && (form.below ? value < maximum : value <= maximum);
    }
    case 'flag':
      return typeof value === 'boolean';
    case 'nothing':
      return value === null;
    case 'text':
      return (
        typeof value === 'string' &&
        value.length <= form.maximum &&
        (form.pattern === undefined || new RegExp(form.pattern, 'u').test(value))
      );
    case 'choice':
      return typeof value === 'string' && form.words.includes(value);
    default:
      return false;
  }
}

function refuse(value: unknown, form: Form, path: Path): never {
  if (value === undefined) throw new ValidationError(path, `is missing; it must be ${describe(form)}`);
  const words = form.form === 'either' ? form.of.flatMap(wordsOf) : wordsOf(form);
  // `conv` is far from `convolution` by its letters, and near by what is meant.
  const begun = (word: string): boolean => typeof value === 'string' && value.length > 2 && word.startsWith(value);
  const likely = typeof value === 'string' ? (words.find(begun) ?? nearest(value, words)) : undefined;
  throw new ValidationError(path, `must be ${describe(form)}; it is ${shown(value)}`, {
    hint: likely === undefined ? undefined : `Did you mean "${likely}"?`,
  });
}

const wordsOf = (form: Form): readonly string[] => (form.form === 'choice' ? form.words : []);

/** A value in a message. */
function shown(value: unknown): string {
  if (typeof value === 'string') return printable(JSON.stringify(value), 60);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return printable(String(value), 60);
}
