import { printable } from '../printable.ts';

/**
 * What values from outside may be, as data. One form serves whatever has to agree: the check with its sentences, the
 * TypeScript type, the JSON Schema, and the words of help and documentation.
 */
export type Form<T = unknown> = Shape & {
  /** Only for the compiler: the type of what a check lets through. */
  readonly [checked]?: T;
};

declare const checked: unique symbol;

/** The type of what a form lets through. */
export type Value<F> = F extends Form<infer T> ? T : never;

/** The range of a number; `above`, `below`: whether the minimum, the maximum itself is left out. */
interface Range {
  form: 'number';
  minimum: number;
  maximum: number;
  whole?: true;
  above?: true;
  below?: true;
}

export type Shape =
  | Range
  | { form: 'flag' }
  /** null, beside other forms in a list. */
  | { form: 'nothing' }
  | TextShape
  | { form: 'choice'; words: readonly string[]; synonyms: Readonly<Record<string, string>> }
  | { form: 'list'; of: Form; minimum: number; maximum: number }
  | { form: 'either'; of: readonly Form[] }
  /** With names of the user's own. */
  | { form: 'map'; of: Form; maximum: number }
  /** `isOpen`: in it and inside of it, fields that are not known are left out, and null is as if left out. */
  | { form: 'object'; fields: Fields; isOpen?: true }
  /** Objects with fields by what their `kind` says. */
  | { form: 'kinds'; kinds: Kinds };

interface TextShape {
  form: 'text';
  maximum: number;
  /** What it asks for. */
  words: string;
  /** A regular expression. */
  pattern?: string;
  /** What is made of it; undefined, or a ValidationError without a path, where nothing can be. */
  read?: (text: string) => string | undefined;
}

export interface Field<T = unknown, Presence extends 'needed' | 'optional' = 'needed' | 'optional'> {
  is: Form<T>;
  /** One line for the schema and the documentation. */
  about: string;
  /** `optional`: may be left out. A value: what it is then. Otherwise it must be given. */
  otherwise?: 'optional' | { value: unknown };
  /** Only for the compiler: whether a checked object has it in any case. */
  readonly [presence]?: Presence;
}

declare const presence: unique symbol;

export type Fields = Readonly<Record<string, Field>>;
export type Kinds = Readonly<Record<string, { about: string; fields: Fields }>>;

/** The type of a checked object with these fields. */
export type FieldValues<F extends Fields> = Flat<
  { -readonly [K in keyof F as F[K] extends Field<unknown, 'optional'> ? never : K]: Value<F[K]['is']> } & {
    -readonly [K in keyof F as F[K] extends Field<unknown, 'optional'> ? K : never]?: Value<F[K]['is']>;
  }
>;
type Flat<T> = { [K in keyof T]: T[K] };
type KindValues<K extends Kinds> = { [N in keyof K]: Flat<{ kind: N } & FieldValues<K[N]['fields']>> }[keyof K];

export const whole = (minimum: number, maximum: number): Form<number> & Range => ({
  ...{ form: 'number', minimum, maximum },
  whole: true,
});
/** From the minimum to the maximum, both included. */
export const number = (minimum: number, maximum: number): Form<number> & Range => ({
  form: 'number',
  minimum,
  maximum,
});
export const above = (minimum: number, maximum: number): Form<number> & Range => ({
  ...number(minimum, maximum),
  above: true,
});
export const below = (minimum: number, maximum: number): Form<number> & Range => ({
  ...number(minimum, maximum),
  below: true,
});
export const flag: Form<boolean> = { form: 'flag' };
export const nothing: Form<null> = { form: 'nothing' };
export const text = (
  maximum: number,
  more: Partial<Pick<TextShape, 'words' | 'pattern' | 'read'>> = {},
): Form<string> => ({
  ...{ form: 'text', maximum, words: `a text of at most ${maximum} characters` },
  ...more,
});
/** A name to show: unprintable characters and what is over `limits.nameLength` are removed rather than refused. */
export const shownText = text(Infinity, { words: 'a text', read: (given) => printable(given) });
/** Sentences to show, as `shownText`, of which a few fit. */
export const shownSentences = text(Infinity, { words: 'a text', read: (given) => printable(given, 2000) });
export const filledText = text(Infinity, { pattern: '\\S', words: 'a text that is not empty' });
export const time = text(100, {
  words: 'a time (ISO 8601)',
  read: (given) => (Number.isNaN(Date.parse(given)) ? undefined : given),
});
export const choice = <const W extends string>(
  words: readonly W[],
  synonyms: Readonly<Record<string, W>> = {},
): Form<W> & { words: readonly W[] } => ({ form: 'choice', words, synonyms });
export const list = <T>(of: Form<T>, minimum: number, maximum: number): Form<T[]> => ({
  ...{ form: 'list', of, minimum, maximum },
});
/** `[height, width, channels]` */
export const triple = <T>(of: Form<T>): Form<[T, T, T]> => ({ form: 'list', of, minimum: 3, maximum: 3 });
export const either = <const F extends readonly Form[]>(...of: F): Form<Value<F[number]>> => ({ form: 'either', of });
export const map = <T>(of: Form<T>, maximum: number): Form<Record<string, T>> => ({ form: 'map', of, maximum });
export const object = <const F extends Fields>(fields: F): Form<FieldValues<F>> & { fields: F } => ({
  ...{ form: 'object', fields },
});
/** An object of a file that newer versions and other programs add fields to. */
export const openObject = <const F extends Fields>(fields: F): Form<FieldValues<F>> & { fields: F } => ({
  ...{ form: 'object', fields },
  isOpen: true,
});
export const kinds = <const K extends Kinds>(byKind: K): Form<KindValues<K>> & { kinds: K } => ({
  ...{ form: 'kinds', kinds: byKind },
});

export const needed = <T>(is: Form<T>, about: string): Field<T, 'needed'> => ({ is, about });
export const optional = <T>(is: Form<T>, about: string): Field<T, 'optional'> => ({ is, about, otherwise: 'optional' });
/** A field that is a certain value where it is left out. */
export const usually = <T>(value: NoInfer<T>, is: Form<T>, about: string): Field<T, 'needed'> => ({
  ...{ is, about },
  otherwise: { value },
});

export const listed = (words: readonly string[], last = 'or'): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}` : (words[0] ?? '');

/** What a form asks for, to be read after `must be`. */
export function describe(form: Form): string {
  switch (form.form) {
    case 'number': {
      const { minimum, maximum } = form;
      if (minimum === -Infinity && maximum === Infinity) return 'a number';
      if (minimum === maximum) return String(minimum);
      const from = form.above ? `above ${minimum}` : `from ${minimum}`;
      const to = form.below ? `, below ${maximum}` : `${form.above ? ', up' : ''} to ${maximum}`;
      return `a ${form.whole ? 'whole ' : ''}number ${from}${maximum === Infinity ? '' : to}`;
    }
    case 'flag':
      return 'true or false';
    case 'nothing':
      return 'null';
    case 'text':
      return form.words;
    case 'choice':
      return listed(form.words.map((word) => `"${word}"`));
    case 'list': {
      const { minimum, maximum } = form;
      return `a list of ${minimum === maximum ? '' : `${minimum} to `}${maximum}, each ${describe(form.of)}`;
    }
    case 'either':
      return listed(form.of.map(describe));
    case 'map':
      return `an object with at most ${form.maximum} fields, each ${describe(form.of)}`;
    case 'object':
      return ['an object', listed(Object.keys(form.fields), 'and')].filter(Boolean).join(' with ');
    case 'kinds':
      return 'an object with a kind';
  }
}
