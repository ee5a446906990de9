import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFloat16, encodeFloat16 } from '../../../src/engine/arrays/index.ts';
import expected from './fixtures/expected.json' with { type: 'json' };

test('rounds as numpy does, at every border', () => {
  const { singles, bits } = expected.halves;
  expect(Array.from(encodeFloat16(Float32Array.from(singles)))).toEqual(bits);
});

test('every half survives the way there and back', () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, half) => half);
  const values = decodeFloat16(halves);
  const back = encodeFloat16(values);
  for (let half = 0; half < 65_536; half++) {
    const isNaN = (half & 0x7fff) > 0x7c00;
    if (isNaN ? !Number.isNaN(values[half]) : back[half] !== half) expect([half, back[half]]).toBe('unchanged');
  }
});

test('the nearest half is taken, the even one of two', () => {
  const half = (bits: number): number => decodeFloat16(Uint16Array.of(bits))[0];
  fc.assert(
    fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
      const bits = encodeFloat16(Float32Array.of(value))[0];
      const error = Math.abs(half(bits) - value);
      for (const other of [bits - 1, bits + 1]) {
        if ((other & 0x7fff) >= 0x7c00 || other < 0) continue;
        const otherError = Math.abs(half(other) - value);
        expect(error < otherError || (error === otherError && bits % 2 === 0)).toBe(true);
      }
    }),
  );
});
