import type { FieldForm, Fields, Form } from './forms.ts';
import { networkForm } from './table.ts';

export { networkForm };

type Schema = Record<string, unknown>;

/** The JSON Schema (draft 2020-12) of network files, made of the table that they are checked against. */
export const networkSchema = (): Schema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A network for deepview-tui',
  ...schemaOf(networkForm),
});

function schemaOf(form: Form): Schema {
  switch (form.form) {
    case 'whole':
      return { type: 'integer', minimum: form.minimum, maximum: form.maximum };
    case 'number':
      return {
        type: 'number',
        [form.above ? 'exclusiveMinimum' : 'minimum']: form.minimum,
        [form.below ? 'exclusiveMaximum' : 'maximum']: form.maximum,
      };
    case 'flag':
      return { type: 'boolean' };
    case 'text':
      return { type: 'string', maxLength: form.maximum, ...(form.pattern && { pattern: form.pattern.source }) };
    case 'word':
      return { enum: form.words };
    case 'list':
      return { type: 'array', minItems: form.minimum, maxItems: form.maximum, items: schemaOf(form.of) };
    case 'either':
      return { anyOf: form.of.map(schemaOf) };
    case 'object':
      return objectOf(form.fields);
    case 'kinds':
      return {
        oneOf: Object.entries(form.kinds).map(([kind, { about, fields }]) => ({
          description: about,
          ...objectOf({ kind: { is: { form: 'word', words: [kind] }, about: 'What it is.' }, ...fields }),
        })),
      };
  }
}

const objectOf = (fields: Fields): Schema => ({
  type: 'object',
  additionalProperties: false,
  required: Object.entries(fields).flatMap(([name, { otherwise }]) => (otherwise === undefined ? [name] : [])),
  properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, propertyOf(field)])),
});

const propertyOf = ({ is, about, otherwise }: FieldForm): Schema => ({
  description: about,
  ...schemaOf(is),
  ...(typeof otherwise === 'object' && { default: otherwise.value }),
});
