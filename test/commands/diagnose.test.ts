import { join } from 'node:path';
import { expect, test } from 'vitest';
import { statusOf, writeStatus } from '../../src/engine/run/status.ts';
import { headerOf, temporary, writeRun } from '../engine/run/sample-run.ts';
import { runHere } from '../support/run-here.ts';

const told = async (...words: string[]) => {
  const home = await temporary();
  return runHere({ HOME: home }, home, ['diagnose', ...words]);
};

test('the demo has a note, with what to try, and is none of an error', async () => {
  const { out, code } = await told('demo');
  expect(out).toMatch(
    /epochs 1 to 45: 1 finding\n\nnote: overfitting \(overfitting\)\n {2}The validation loss turned at/,
  );
  expect(out).toMatch(/Try: /);
  expect(code).toBe(0);
});

test('a warning ends with 3; thresholds decide what is one', async () => {
  const warned = await told('demo', '--threshold', 'overfit.warning=1.1,overfit.error=0');
  expect([warned.code, warned.out.includes('warning: overfitting')]).toEqual([3, true]);
  const none = await told('demo', '--threshold', 'overfit.note=2');
  expect([none.code, none.out.endsWith('nothing found.\n')]).toEqual([0, true]);
});

test('a threshold that there is not, or that is no number, is refused with what was meant', async () => {
  const unknown = await told('demo', '--threshold', 'overfit.notes=2');
  expect([unknown.code, unknown.err.includes('Did you mean overfit.note?')]).toEqual([2, true]);
  expect((await told('demo', '--threshold', 'overfit.note=')).code).toBe(2);
});

test.each([0, 2])(
  'of a training that diverged after %d epochs, why it did comes first, and the exit code is 3',
  async (epochs) => {
    const home = await temporary();
    const directory = join(home, 'run');
    await writeRun(directory, { epochs, header: headerOf({ id: 'wild' }) });
    const error = { code: 'loss-exploded', message: 'The loss rose to 1e+9.', hint: 'Try --learning-rate 0.5.' };
    await writeStatus(directory, statusOf('diverged', { error }));
    const { out, code } = await runHere({ HOME: home }, home, ['diagnose', directory]);
    const which = epochs === 0 ? 'no finished epoch' : 'epochs 1 to 2';
    expect(out).toContain(`wild, ${which}: the training diverged\n\nerror: loss-exploded\n  The loss rose to 1e+9.\n`);
    expect([out.includes('  Try --learning-rate 0.5.'), out.includes('nothing found'), code]).toEqual([true, false, 3]);
    const json = await runHere({ HOME: home }, home, ['diagnose', directory, '--json']);
    expect([JSON.parse(json.out), json.code]).toMatchObject([{ state: 'diverged', error, records: epochs }, 3]);
  },
);

test.each([
  ['running', 'has no finished epoch yet', 'come back after the first'],
  ['stopped', 'has no finished epoch', 'this run is stopped'],
] as const)('a run that is %s and has no epoch is told so', async (state, what, hint) => {
  const home = await temporary();
  await writeRun(join(home, 'run'), { epochs: 0 });
  await writeStatus(join(home, 'run'), statusOf(state));
  const { err, code } = await runHere({ HOME: home }, home, ['diagnose', join(home, 'run')]);
  expect(err).toContain(`${what}\nFindings are of what was recorded: ${hint}.`);
  expect(code).toBe(4);
});
