import { expect, it } from 'vitest';
import { commands, globalOptions } from '../../src/cli/commands.ts';
import { parseCommandLine } from '../../src/cli/program.ts';

const parse = (...words: string[]) => parseCommandLine(words, commands, globalOptions);

it('a data set is inspected by the split of a training with the same share and seed', () => {
  const { flags } = parse('data', 'inspect', './pets', '--validation', '0.2', '--seed', '7');
  expect(flags).toMatchObject({ validation: '0.2', seed: '7' });
});

it('measuring takes nothing that only learning heeds', () => {
  for (const option of ['--augment', '--learning-rate', '--epochs']) {
    expect(() => parse('probe', 'lenet', option, '1')).toThrow(`no option ${option}`);
  }
});
