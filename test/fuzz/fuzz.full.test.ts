import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { fileTargets } from './files.ts';
import { messageTargets } from './messages.ts';
import { runTargets } from './runs.ts';
import { runCases, type CaseName } from './run.ts';

/**
 * Every reader of files, messages and options with damaged input: `DEEPVIEW_FUZZ_SEED=N` takes other cases than those of
 * seed 1, `DEEPVIEW_FUZZ=NAME:SEED:NUMBER`, which a failure prints, one alone.
 */
const base = Number(process.env['DEEPVIEW_FUZZ_SEED'] ?? 1);
const wanted = process.env['DEEPVIEW_FUZZ']?.split(':');

/** Cases of other seeds that once showed a defect. */
const kept: Readonly<Record<string, readonly CaseName[]>> = {
  // A scalar called as what every object has.
  'run-records-of-others': [{ base: 2, number: 549 }],
};

const targets = [...fileTargets, ...runTargets, ...messageTargets];

it('has more than ten thousand cases', () => {
  expect(targets.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(10_000);
});

for (const target of targets) {
  const { name, cases } = target;
  it.skipIf(wanted !== undefined && wanted[0] !== name)(`${name}: ${cases} cases`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'deepview-fuzz-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const numbers = wanted
      ? [{ base: Number(wanted[1]), number: Number(wanted[2]) }]
      : [...(kept[name] ?? []), ...Array.from({ length: cases }, (_, number) => ({ base, number }))];
    const { counts, defects } = await runCases(target, directory, numbers);
    const { refused, same, said, other } = counts;
    const all = `${numbers.length} cases of seed ${base}`;
    process.stdout.write(`${name}: ${all}: ${refused} refused, ${said} said, ${same} the same, ${other} other\n`);
    expect(defects.join('\n\n')).toBe('');
  });
}
