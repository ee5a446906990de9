import { choice, needed, type Field, type Fields, type Form, type Kinds } from './form.ts';

type Schema = Record<string, unknown>;

/** The JSON Schema (draft 2020-12) of a form. */
export const jsonSchema = (title: string, form: Form): Schema => ({
  ...{ $schema: 'https://json-schema.org/draft/2020-12/schema', title },
  ...schemaOf(form, false),
});

/** @param isOpen whether it is inside an object that is */
function schemaOf(form: Form, isOpen: boolean): Schema {
  switch (form.form) {
    case 'number':
      return {
        type: form.whole ? 'integer' : 'number',
        ...(form.minimum !== -Infinity && { [form.above ? 'exclusiveMinimum' : 'minimum']: form.minimum }),
        ...(form.maximum !== Infinity && { [form.below ? 'exclusiveMaximum' : 'maximum']: form.maximum }),
      };
    case 'flag':
      return { type: 'boolean' };
    case 'nothing':
      return { type: 'null' };
    case 'text': {
      const { maximum, pattern } = form;
      return {
        type: 'string',
        ...(maximum !== Infinity && { maxLength: maximum }),
        ...(pattern !== undefined && { pattern }),
      };
    }
    case 'choice':
      return { enum: form.words };
    case 'list':
      return { type: 'array', minItems: form.minimum, maxItems: form.maximum, items: schemaOf(form.of, isOpen) };
    case 'either':
      return { anyOf: form.of.map((one) => schemaOf(one, isOpen)) };
    case 'map':
      return { type: 'object', maxProperties: form.maximum, additionalProperties: schemaOf(form.of, isOpen) };
    case 'object':
      return objectOf(form.fields, isOpen || form.isOpen === true);
    case 'kinds':
      return { oneOf: kindsOf(form.kinds, isOpen) };
  }
}

const kindsOf = (kinds: Kinds, isOpen: boolean): Schema[] =>
  Object.entries(kinds).map(([kind, { about, fields }]) => {
    const its = { kind: needed(choice([kind]), 'What it is.'), ...fields };
    return { description: about, ...objectOf(its, isOpen) };
  });

const objectOf = (fields: Fields, isOpen: boolean): Schema => ({
  type: 'object',
  ...(!isOpen && { additionalProperties: false }),
  required: Object.entries(fields).flatMap(([name, { otherwise }]) => (otherwise === undefined ? [name] : [])),
  properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, propertyOf(field, isOpen)])),
});

function propertyOf({ is, about, otherwise }: Field, isOpen: boolean): Schema {
  const schema = schemaOf(is, isOpen);
  return {
    description: about,
    ...(isOpen && otherwise !== undefined ? { anyOf: [schema, { type: 'null' }] } : schema),
    ...(typeof otherwise === 'object' && { default: otherwise.value }),
  };
}
