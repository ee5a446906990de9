import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  above,
  below,
  check,
  choice,
  either,
  flag,
  fromText,
  jsonSchema,
  kinds,
  list,
  map,
  needed,
  number,
  object,
  openObject,
  optional,
  shownText,
  time,
  triple,
  usually,
  ValidationError,
  whole,
  type Form,
  type Value,
} from '../../../src/engine/base/schema/index.ts';

const refusal = (form: Form, value: unknown): string => {
  try {
    check(form, value, ['it']);
  } catch (thrown) {
    if (thrown instanceof ValidationError) return [thrown.message, thrown.hint ?? ''].join(' | ');
    throw thrown;
  }
  throw new Error(`${JSON.stringify(value)} was let through`);
};

const padding = either(choice(['same', 'valid']), whole(0, 9));
const layer = kinds({
  dense: { about: 'All.', fields: { units: needed(whole(1, 9), 'Neurons.'), bias: usually(true, flag, 'A bias.') } },
  pooling: { about: 'Windows.', fields: { padding: usually('same', padding, 'Around it.') } },
});
const file = object({ layers: needed(list(layer, 1, 3), 'Layers.'), name: optional(shownText, 'Its name.') });

describe('a check', () => {
  it.each<[Form, unknown, string]>([
    [whole(1, 9), 0, 'it must be a whole number from 1 to 9; it is 0 | '],
    [whole(1, 9), 1.5, 'it must be a whole number from 1 to 9; it is 1.5 | '],
    [whole(1, 9), '3', 'it must be a whole number from 1 to 9; it is "3" | '],
    [number(0, 1), NaN, 'it must be a number from 0 to 1; it is NaN | '],
    [number(0, Infinity), Infinity, 'it must be a number from 0; it is Infinity | '],
    [above(0, 1), 0, 'it must be a number above 0, up to 1; it is 0 | '],
    [below(0, 1), 1, 'it must be a number from 0, below 1; it is 1 | '],
    [flag, 1, 'it must be true or false; it is 1 | '],
    [
      padding,
      'smae',
      'it must be "same" or "valid" or a whole number from 0 to 9; it is "smae" | Did you mean "same"?',
    ],
    [time, 'yesterday', 'it must be a time (ISO 8601); it is "yesterday" | '],
    [triple(whole(1, 9)), [1, 2], 'it must be a list of 3, each a whole number from 1 to 9; it is a list of 2 | '],
    [list(flag, 0, 2), [true, 0], 'it[1] must be true or false; it is 0 | '],
    [map(flag, 2), { a: true, 'b c': 1 }, 'it.b c must be true or false; it is 1 | '],
    [
      map(flag, 1),
      { a: true, b: true },
      'it must be an object with at most 1 fields, each true or false; it is an object | ',
    ],
    [file, {}, 'it.layers is missing; it must be a list of 1 to 3, each an object with a kind | '],
    [file, { layer: [] }, 'it.layer is no field that is known here | Did you mean "layers"?'],
    [
      file,
      { layers: [{ kind: 'pool' }] },
      'it.layers[0].kind must be "dense" or "pooling"; it is "pool" | Did you mean "pooling"?',
    ],
    [
      file,
      { layers: [{ kind: 'dense', units: 3, name: null }] },
      'it.layers[0].name is no field that is known here | The fields here are kind, units, bias.',
    ],
    [
      file,
      JSON.parse('{ "layers": [{ "kind": "dense", "units": 1, "__proto__": 1 }] }'),
      'it.layers[0].__proto__ is no field',
    ],
    [choice(['toString']), 'constructor', 'it must be "toString"; it is "constructor" | '],
  ])('of %# refuses %j', (form, value, message) => {
    expect(refusal(form, value)).toContain(message);
  });

  it('fills in what may be left out, and keeps nothing that the form does not name', () => {
    expect(
      check(file, {
        layers: [
          { kind: 'dense', units: 3 },
          { kind: 'pooling', padding: 2 },
        ],
      }),
    ).toEqual({
      layers: [
        { kind: 'dense', units: 3, bias: true },
        { kind: 'pooling', padding: 2 },
      ],
    });
    const open = openObject({ a: usually(1, number(0, 9), 'One.'), b: optional(flag, 'Two.') });
    expect(check(open, { a: null, b: null, more: 'of a newer version' })).toEqual({ a: 1 });
    const nested = openObject({ inside: needed(layer, 'A layer.') });
    expect(check(nested, { inside: { kind: 'dense', units: 1, bias: null, more: 1 } })).toEqual({
      inside: { kind: 'dense', units: 1, bias: true },
    });
    expect(refusal(open, { a: 'x' })).toBe('it.a must be a number from 0 to 9; it is "x" | ');
    expect(check(shownText, 'a\u001b[2Jb')).toBe('a\ufffd[2Jb');
    expect(check(choice(['none', 'all'], { never: 'none' }), 'never')).toBe('none');
  });

  it('is what the compiler believes', () => {
    expectTypeOf<Value<typeof padding>>().toEqualTypeOf<number | 'same' | 'valid'>();
    expectTypeOf<Value<typeof file>>().toEqualTypeOf<{
      layers: (
        { kind: 'dense'; units: number; bias: boolean } | { kind: 'pooling'; padding: number | 'same' | 'valid' }
      )[];
      name?: string;
    }>();
  });
});

describe('a text of the command line', () => {
  const orOff = either(above(0, 9), choice(['off']));
  it.each<[Form, string, unknown]>([
    [whole(0, 9), '12', 12],
    [whole(0, 9), '1e3', '1e3'],
    [whole(0, 9), ' 1', ' 1'],
    [whole(0, 9), '', ''],
    [number(0, 9), '.5', 0.5],
    [number(0, 9), '1E-3', 0.001],
    [number(0, 9), '0x10', '0x10'],
    [number(0, 9), '.', '.'],
    [flag, 'yes', true],
    [flag, '0', false],
    [flag, 'perhaps', 'perhaps'],
    [orOff, '3', 3],
    [orOff, 'off', 'off'],
    [choice(['16', '256']), '256', '256'],
  ])('%# of %j is %j', (form, text, value) => {
    expect(fromText(form, text)).toBe(value);
  });
});

it('a JSON Schema says the same as the check', () => {
  expect(jsonSchema('A file', file)).toMatchObject({
    title: 'A file',
    type: 'object',
    additionalProperties: false,
    required: ['layers'],
    properties: {
      layers: {
        description: 'Layers.',
        type: 'array',
        minItems: 1,
        maxItems: 3,
        items: {
          oneOf: [
            {
              description: 'All.',
              required: ['kind', 'units'],
              properties: { bias: { type: 'boolean', default: true } },
            },
            { properties: { padding: { anyOf: [{ enum: ['same', 'valid'] }, { type: 'integer', maximum: 9 }] } } },
          ],
        },
      },
    },
  });
  expect(jsonSchema('Open', openObject({ a: optional(above(0, Infinity), 'A.') }))).toMatchObject({
    properties: { a: { anyOf: [{ type: 'number', exclusiveMinimum: 0 }, { type: 'null' }] } },
  });
});
