/** What a value may be. Validation and the published JSON Schema are both made from forms. */
export type Form =
  | { form: 'whole'; minimum: number; maximum: number }
  /** `above`, `below`: whether the minimum, the maximum itself is left out. */
  | { form: 'number'; minimum: number; maximum: number; above?: true; below?: true }
  | { form: 'flag' }
  /** @param words what the pattern asks for */
  | { form: 'text'; maximum: number; pattern?: { source: string; words: string } }
  | { form: 'word'; words: readonly string[] }
  | { form: 'list'; of: Form; minimum: number; maximum: number }
  | { form: 'either'; of: readonly Form[] }
  | { form: 'object'; fields: Fields }
  /** Objects with fields by what their `kind` says. */
  | { form: 'kinds'; kinds: Readonly<Record<string, { about: string; fields: Fields }>> };

export interface FieldForm {
  is: Form;
  /** One line for the schema and the documentation. */
  about: string;
  /** `optional`: may be left out. A value: what it is then. Otherwise it must be given. */
  otherwise?: 'optional' | { value: string | number | boolean };
}

export type Fields = Readonly<Record<string, FieldForm>>;

const listed = (words: readonly string[]): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : (words[0] ?? '');

/** What a form asks for, to be read after `must be`. */
export function describe(form: Form): string {
  switch (form.form) {
    case 'whole':
      return `a whole number from ${form.minimum} to ${form.maximum}`;
    case 'number': {
      const { minimum, maximum, above, below } = form;
      return `a number ${above ? `above ${minimum}` : `from ${minimum}`}${below ? `, below ${maximum}` : `${above ? ', up' : ''} to ${maximum}`}`;
    }
    case 'flag':
      return 'true or false';
    case 'text':
      return form.pattern?.words ?? `a text of at most ${form.maximum} characters`;
    case 'word':
      return listed(form.words.map((word) => `"${word}"`));
    case 'list':
      return form.minimum === form.maximum
        ? `a list of ${form.minimum}, each ${describe(form.of)}`
        : `a list of ${form.minimum} to ${form.maximum}, each ${describe(form.of)}`;
    case 'either':
      return listed(form.of.map(describe));
    case 'object':
      return `an object with ${listed(Object.keys(form.fields)).replace(/ or /, ' and ')}`;
    case 'kinds':
      return 'an object with a kind';
  }
}
