import { limits } from '../../base/limits.ts';
import { printable } from '../../base/printable.ts';
import {
  check,
  choice,
  flag,
  number,
  shownText,
  text,
  ValidationError,
  whole,
  type Form,
  type Value,
} from '../../base/schema/index.ts';
import { badModel } from './refusal.ts';

/**
 * A value of a Keras model and the way to it. What Keras writes follows from the class of each layer and from its own
 * version, so no one form fits a file: it is walked, and each value that is used is checked where it is.
 */
export class Field {
  readonly value: unknown;
  readonly file: string;
  readonly path: string;

  constructor(value: unknown, file: string, path = '') {
    this.value = value;
    this.file = file;
    this.path = path;
  }

  /** @throws DeepviewError `bad-keras-model` */
  fail(problem: string, hint?: string): never {
    throw badModel(this.file, `${printable(this.path || 'its content', 200)} ${problem}`, hint);
  }

  /** Whether there is something to check: a field that may be left out may also be null. */
  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  get isText(): boolean {
    return typeof this.value === 'string';
  }

  get(name: string): Field {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      this.fail('is not an object');
    const value = Object.hasOwn(this.value, name) ? (this.value as Record<string, unknown>)[name] : undefined;
    return new Field(value, this.file, this.path ? `${this.path}.${name}` : name);
  }

  /** The check's result, or `fallback` where the field is left out. */
  or<T>(fallback: T, check: (field: Field) => T): T {
    return this.present ? check(this) : fallback;
  }

  list(maximum: number, minimum = 0): Field[] {
    if (!Array.isArray(this.value)) this.fail(this.present ? 'is not a list' : 'is missing');
    const { length } = this.value as unknown[];
    if (length < minimum || length > maximum) this.fail(`has ${length} entries, not ${minimum} to ${maximum}`);
    return (this.value as unknown[]).map((value, place) => new Field(value, this.file, `${this.path}[${place}]`));
  }

  /** @throws DeepviewError `bad-keras-model` for a value that is not as the form says */
  as<F extends Form>(form: F): Value<F> {
    try {
      return check(form, this.value);
    } catch (thrown) {
      if (thrown instanceof ValidationError) return this.fail(thrown.problem);
      throw thrown;
    }
  }

  /** A text, safe to show. */
  text(): string {
    return this.as(shownText);
  }

  /** A text as it stands: to compare or to open, never to show. */
  exactText(): string {
    return this.as(text(limits.jsonBytes, { words: 'a text' }));
  }

  number(minimum = -Infinity, maximum = Infinity): number {
    return this.as(number(minimum, maximum));
  }

  whole(minimum = 0, maximum: number = Number.MAX_SAFE_INTEGER): number {
    return this.as(whole(minimum, maximum));
  }

  flag(): boolean {
    return this.as(flag);
  }

  oneOf<const T extends string>(words: readonly T[]): T {
    return this.as(choice(words));
  }
}
