import type { DeepviewError } from './errors.ts';
import { limits } from './limits.ts';
import { printable } from './printable.ts';

/** Makes the error that a kind of file is refused with. */
export type FileRefusal = (file: string, problem: string, hint?: string, cause?: unknown) => DeepviewError;

/** A JSON value from outside and the way to it, for checking field by field; every refusal names file and field. */
export class Field {
  readonly value: unknown;
  readonly file: string;
  readonly path: string;
  readonly #refusal: FileRefusal;

  constructor(value: unknown, file: string, refusal: FileRefusal, path = '') {
    this.value = value;
    this.file = file;
    this.path = path;
    this.#refusal = refusal;
  }

  fail(problem: string, hint?: string): never {
    throw this.#refusal(this.file, `${printable(this.path || 'its content', 200)} ${problem}`, hint);
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
    return new Field(value, this.file, this.#refusal, this.path ? `${this.path}.${name}` : name);
  }

  /** The check's result, or `fallback` where the field is left out. */
  or<T>(fallback: T, check: (field: Field) => T): T {
    return this.present ? check(this) : fallback;
  }

  list(maximum: number, minimum = 0): Field[] {
    if (!Array.isArray(this.value)) this.fail(this.present ? 'is not a list' : 'is missing');
    const { length } = this.value as unknown[];
    if (length < minimum || length > maximum) this.fail(`has ${length} entries, not ${minimum} to ${maximum}`);
    return (this.value as unknown[]).map(
      (value, place) => new Field(value, this.file, this.#refusal, `${this.path}[${place}]`),
    );
  }

  /** A text, safe to show. */
  text(): string {
    return printable(this.exactText());
  }

  /** A text as it stands: to compare or to open, never to show. */
  exactText(): string {
    if (typeof this.value !== 'string') this.fail(this.present ? 'is not a text' : 'is missing');
    return this.value;
  }

  number(minimum = -Infinity, maximum = Infinity): number {
    const { value } = this;
    if (typeof value !== 'number') this.fail(this.present ? 'is not a number' : 'is missing');
    if (!Number.isFinite(value)) this.fail('is not finite');
    if (value < minimum || value > maximum) {
      this.fail(`is ${String(value)}, not ${minimum} to ${maximum}`);
    }
    return value;
  }

  whole(minimum = 0, maximum: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.number(minimum, maximum);
    if (!Number.isInteger(value)) this.fail(`is ${value}, not a whole number`);
    return value;
  }

  flag(): boolean {
    if (typeof this.value !== 'boolean') this.fail('is neither true nor false');
    return this.value;
  }

  oneOf<T extends string>(words: readonly T[]): T {
    const word = words.find((one) => one === this.value);
    return word ?? this.fail(`is none of ${words.join(', ')}`);
  }

  /** An ISO 8601 time. */
  time(): string {
    const text = this.text();
    if (Number.isNaN(Date.parse(text))) this.fail('is not a time (ISO 8601)');
    return text;
  }
}

/** A file's text as JSON to check, within `limits.jsonBytes`. @param path where in the file the text is */
export function parseFields(text: string, file: string, refusal: FileRefusal, path = ''): Field {
  if (text.length > limits.jsonBytes)
    throw refusal(file, `it is larger than the ${limits.jsonBytes} bytes that are read`);
  try {
    return new Field(JSON.parse(text), file, refusal, path);
  } catch (thrown) {
    throw refusal(file, `${path || 'it'} is not JSON`, undefined, thrown);
  }
}
