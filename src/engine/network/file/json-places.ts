import { ValidationError, type Path } from '../../base/schema/index.ts';

/** A JSON text as a value that knows where each of its parts is written. */
export interface PlacedJson {
  value: unknown;
  /** Where the value at a path begins, or the name of its field; of what is not there, what would hold it. */
  offsetOf: (path: Path, what?: 'value' | 'key') => number;
}

/** Values inside one another. */
const deepest = 32;

/**
 * Reads JSON (RFC 8259). JSON.parse says neither where a value is nor, always, where an error is.
 * @throws ValidationError with an offset, for what is not JSON, a field given twice, and values nested too deeply
 */
export function parsePlaced(text: string): PlacedJson {
  const reader = new Reader(text);
  const value = reader.document();
  return {
    value,
    offsetOf: (path, what = 'value') => {
      for (let length = path.length; length > 0; length--) {
        const found = reader.places.get(keyOf(path.slice(0, length)));
        if (found) return length === path.length ? found[what] : found.value;
      }
      return reader.places.get(keyOf([]))?.value ?? 0;
    },
  };
}

const keyOf = (path: Path): string => JSON.stringify(path);

class Reader {
  readonly places = new Map<string, { value: number; key: number }>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value([], this.#skip());
    this.#skip();
    if (this.#at < this.#text.length) this.#fail('is something after the end of the JSON');
    return value;
  }

  #fail(problem: string, offset = this.#at): never {
    throw new ValidationError([], `here ${problem}`, { offset });
  }

  /** Past white space. @returns where that is */
  #skip(): number {
    while (this.#at < this.#text.length && ' \t\r\n'.includes(this.#text[this.#at])) this.#at++;
    return this.#at;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #value(path: Path, key: number): unknown {
    if (path.length > deepest) this.#fail(`are more than ${deepest} values inside one another`);
    this.#skip();
    this.places.set(keyOf(path), { value: this.#at, key });
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(path);
    if (first === '[') return this.#list(path);
    if (first === '"') return this.#string();
    const number = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y);
    if (number !== undefined) return Number(number);
    const word = this.#match(/(?:true|false|null)\b/y);
    if (word !== undefined) return JSON.parse(word);
    if (first === undefined) this.#fail('the text ends, where a value was expected');
    if (first === '/') this.#fail('is a comment, which JSON does not have');
    this.#fail('a value was expected: a text in double quotes, a number, true, false, [ or {');
  }

  #string(): string {
    const start = this.#at;
    const found = this.#match(/"(?:[^"\\\n]|\\.)*"/y);
    if (found === undefined) this.#fail('begins a text whose closing quote is missing', start);
    try {
      return JSON.parse(found) as string;
    } catch {
      return this.#fail('is a text with a character or an escape that JSON does not have', start);
    }
  }

  #list(path: Path): unknown[] {
    const list: unknown[] = [];
    this.#at++;
    if (this.#text[this.#skip()] === ']') return (this.#at++, list);
    for (;;) {
      list.push(this.#value([...path, list.length], this.#skip()));
      if (this.#next(']')) return list;
    }
  }

  #object(path: Path): Record<string, unknown> {
    // Without a prototype every name is a field like any other.
    const object = Object.create(null) as Record<string, unknown>;
    this.#at++;
    if (this.#text[this.#skip()] === '}') return (this.#at++, object);
    for (;;) {
      const start = this.#skip();
      if (this.#text[start] !== '"') this.#fail("a field's name in double quotes was expected");
      const name = this.#string();
      if (name in object) this.#fail(`the field "${name}" is given again`, start);
      if (this.#text[this.#skip()] !== ':') this.#fail(`a colon was expected after "${name}"`);
      this.#at++;
      object[name] = this.#value([...path, name], start);
      if (this.#next('}')) return object;
    }
  }

  /** Past a comma, or the closing bracket. @returns whether it was the bracket */
  #next(bracket: ']' | '}'): boolean {
    const found = this.#text[this.#skip()];
    if (found !== ',' && found !== bracket) {
      this.#fail(
        found === undefined ? `the text ends before a closing ${bracket}` : `a comma or ${bracket} was expected`,
      );
    }
    this.#at++;
    if (found === ',' && this.#text[this.#skip()] === bracket) this.#fail(`is a ${bracket} behind a comma too many`);
    return found === bracket;
  }
}
