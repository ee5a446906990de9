import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../support/run-here.ts';
import { trainingHome, type TrainingHome } from '../support/training-home.ts';
import { addRun, documented, fillFolder, patternOf } from './documented.ts';

const all = await documented();
const quick = all.filter(
  ({ mark, command }) => !['not run', 'slow'].includes(mark?.kind ?? '') && command.startsWith('deepview-tui'),
);

describe('commands that the documents show', () => {
  // The commands follow each other in one home, as a reader would type them.
  let home: TrainingHome;
  beforeAll(async () => {
    home = await trainingHome();
    await Promise.all([fillFolder(home.directory, 12), addRun(home.paths.runs)]);
  });
  afterAll(() => home.remove());

  it('are the program’s, or marked with the reason why no test runs them', () => {
    const foreign = all.filter(({ command, mark }) => !/^deepview-tui( |$)/.test(command) && mark?.kind !== 'not run');
    expect(foreign).toEqual([]);
    expect(quick.length).toBeGreaterThan(20);
  });

  it.each(quick.map((one) => [`${one.page}:${one.line}: ${one.command}`, one] as const))('%s', async (_, one) => {
    const env = { HOME: home.directory, LC_ALL: 'C.UTF-8' };
    const { code, out, err } = await runHere(env, home.directory, one.command.split(' ').slice(1));
    // Of images there may be something to remark on.
    expect(/inspect|diagnose/.test(one.command) ? [0, 3] : [0], out + err).toContain(code);
    if (one.prints !== undefined) expect(out.trimEnd()).toMatch(patternOf(one.prints, one.mark?.kind !== 'varies'));
  });
});
