import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePlaced } from '../../../../src/engine/network/file/json-places.ts';
import { ValidationError } from '../../../../src/engine/base/schema/index.ts';

const misfit = (text: string): ValidationError => {
  try {
    parsePlaced(text);
  } catch (thrown) {
    if (thrown instanceof ValidationError) return thrown;
    throw thrown;
  }
  throw new Error(`${text} was read`);
};

describe('JSON with places', () => {
  it('is what JSON.parse reads, however it is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t', '\r\n'), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(JSON.stringify(parsePlaced(text).value)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('is refused exactly where JSON.parse refuses, but for depth and fields given twice', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('{}[],:"\\ 0-1.eaunltrsf')), maxLength: 12 }),
        (text) => {
          let isJson = true;
          try {
            JSON.parse(text);
          } catch {
            isJson = false;
          }
          if (isJson && !/(".*").*\1 *:/.test(text)) expect(() => parsePlaced(text)).not.toThrow();
          if (!isJson) expect(() => parsePlaced(text)).toThrow(ValidationError);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('says where values and names are', () => {
    const text = '{ "a": [1, { "b c": null }],\n  "d": "e" }';
    const { offsetOf } = parsePlaced(text);
    expect(text.slice(offsetOf(['a', 1, 'b c']))).toMatch(/^null/);
    expect(text.slice(offsetOf(['a', 1, 'b c'], 'key'))).toMatch(/^"b c"/);
    expect(text.slice(offsetOf(['d']))).toMatch(/^"e"/);
    // Of what is missing: what would hold it.
    expect(text.slice(offsetOf(['a', 1, 'missing', 'deeper']))).toMatch(/^\{ "b c"/);
  });

  it.each([
    ['', /the text ends, where a value/, 0],
    ['[1,', /the text ends/, 3],
    ['[1, ]', /a \] behind a comma too many/, 4],
    ['{"a":1,}', /a \} behind a comma too many/, 7],
    ['[1 2]', /a comma or \] was expected/, 3],
    ['{"a" 1}', /a colon was expected after "a"/, 5],
    ["{'a': 1}", /name in double quotes/, 1],
    ['{"a": 1, "a": 2}', /the field "a" is given again/, 9],
    ['[NaN]', /a value was expected/, 1],
    ['[01]', /a value was expected/, 1],
    ['["a]', /closing quote is missing/, 1],
    ['["\\x"]', /an escape that JSON does not have/, 1],
    ['[1] 2', /after the end/, 4],
    ['[ // no\n1]', /is a comment/, 2],
    ['['.repeat(100), /more than 32 values/, 33],
  ])('refuses %s', (text, problem, offset) => {
    const found = misfit(text);
    expect(found.problem).toMatch(problem);
    expect(found.offset).toBe(offset);
  });

  it('takes no field for something else', () => {
    const value = parsePlaced('{"__proto__": {"polluted": 1}}').value as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
