import { nearest } from '../../base/nearest.ts';
import { printable } from '../../base/printable.ts';
import { describe, type Fields, type Form } from './forms.ts';
import { Misfit, type Path } from './misfit.ts';

/**
 * Checks a value from outside against a form.
 * @returns it anew, with only what the form names, and what was left out filled in
 * @throws Misfit naming the way to what is wrong, what it must be, what it is, and the nearest right name
 */
export function check(value: unknown, form: Form, path: Path): unknown {
  switch (form.form) {
    case 'either':
      return check(value, alternative(value, form, path), path);
    case 'list': {
      if (!Array.isArray(value) || value.length < form.minimum || value.length > form.maximum)
        refuse(value, form, path);
      return Array.from(value as unknown[], (one, place) => check(one, form.of, [...path, place]));
    }
    case 'object':
      return checkFields(fieldsOf(value, form, path), form.fields, path, []);
    case 'kinds': {
      const given = fieldsOf(value, form, path);
      const kinds = Object.keys(form.kinds);
      const kind = check(given['kind'], { form: 'word', words: kinds }, [...path, 'kind']) as string;
      return { kind, ...checkFields(given, form.kinds[kind].fields, path, ['kind']) };
    }
    default:
      return fits(value, form) ? value : refuse(value, form, path);
  }
}

function checkFields(given: Record<string, unknown>, fields: Fields, path: Path, more: string[]): object {
  const names = [...more, ...Object.keys(fields)];
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const likely = nearest(name, names);
    const known = likely === undefined ? `The fields here are ${names.join(', ')}.` : `Did you mean "${likely}"?`;
    throw new Misfit([...path, name], 'is no field that is known here', { hint: known, isAboutKey: true });
  }
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, { is, otherwise }]): [string, unknown][] => {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      if (value === undefined && otherwise !== undefined) {
        return otherwise === 'optional' ? [] : [[name, otherwise.value]];
      }
      return [[name, check(value, is, [...path, name])]];
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

const typesInside: ReadonlySet<Form['form']> = new Set(['list', 'object', 'kinds']);

function isOfType(value: unknown, { form }: Form): boolean {
  if (form === 'list') return Array.isArray(value);
  if (form === 'object' || form === 'kinds')
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (form === 'flag') return typeof value === 'boolean';
  return typeof value === (form === 'text' || form === 'word' ? 'string' : 'number');
}

/** Whether a value that has nothing inside is as the form says. */
function fits(value: unknown, form: Form): boolean {
  switch (form.form) {
    case 'whole':
      return Number.isInteger(value) && within(value as number, form);
    case 'number':
      return typeof value === 'number' && within(value, form);
    case 'flag':
      return typeof value === 'boolean';
    case 'text':
      return (
        typeof value === 'string' &&
        value.length <= form.maximum &&
        (!form.pattern || new RegExp(form.pattern.source, 'u').test(value))
      );
    case 'word':
      return typeof value === 'string' && form.words.includes(value);
    default:
      return false;
  }
}

/** Nothing compares with NaN, so it is within nothing. */
const within = (
  value: number,
  { minimum, maximum, above, below }: { minimum: number; maximum: number; above?: true; below?: true },
): boolean => (above ? value > minimum : value >= minimum) && (below ? value < maximum : value <= maximum);

function refuse(value: unknown, form: Form, path: Path): never {
  if (value === undefined) throw new Misfit(path, `is missing; it must be ${describe(form)}`);
  const words = form.form === 'either' ? form.of.flatMap(wordsOf) : wordsOf(form);
  // `conv` is far from `convolution` by its letters, and near by what is meant.
  const begun = (word: string): boolean => typeof value === 'string' && value.length > 2 && word.startsWith(value);
  const likely = typeof value === 'string' ? (words.find(begun) ?? nearest(value, words)) : undefined;
  throw new Misfit(path, `must be ${describe(form)}; it is ${shown(value)}`, {
    hint: likely === undefined ? undefined : `Did you mean "${likely}"?`,
  });
}

const wordsOf = (form: Form): readonly string[] => (form.form === 'word' ? form.words : []);

/** A value in a message. */
function shown(value: unknown): string {
  if (typeof value === 'string') return printable(JSON.stringify(value), 60);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return printable(String(value), 60);
}
