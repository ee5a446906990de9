import { expect, test } from 'vitest';
import { temporary } from '../engine/run/sample-run.ts';
import { runHere } from '../support/run-here.ts';

const told = async (...words: string[]) => {
  const home = await temporary();
  return runHere({ HOME: home }, home, ['diagnose', ...words]);
};

test('the demo has notes, with what to try, and is none of an error', async () => {
  const { out, code } = await told('demo');
  expect(out).toMatch(
    /epochs 1 to 45: 2 findings\n\nnote: overfitting \(overfitting\)\n {2}The validation loss turned at/,
  );
  expect(out).toMatch(/Try: /);
  expect(code).toBe(0);
});

test('a warning ends with 3; thresholds decide what is one', async () => {
  const warned = await told('demo', '--threshold', 'overfit.warning=1.1,overfit.error=0');
  expect([warned.code, warned.out.includes('warning: overfitting')]).toEqual([3, true]);
  const one = await told('demo', '--threshold', 'overfit.note=2');
  expect([one.code, one.out.includes('1 finding\n'), one.out.includes('overfitting')]).toEqual([0, true, false]);
});

test('a threshold that there is not, or that is no number, is refused with what was meant', async () => {
  const unknown = await told('demo', '--threshold', 'overfit.notes=2');
  expect([unknown.code, unknown.err.includes('Did you mean overfit.note?')]).toEqual([2, true]);
  expect((await told('demo', '--threshold', 'overfit.note=')).code).toBe(2);
});
