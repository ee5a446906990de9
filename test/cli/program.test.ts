import { describe, expect, it } from 'vitest';
import { choice, whole } from '../../src/engine/base/schema/index.ts';
import { globalOptions } from '../../src/cli/commands.ts';
import { completionFlag, parseCommandLine } from '../../src/cli/program.ts';
import type { CommandSpecification } from '../../src/cli/specification.ts';
import { DeepviewError } from '../../src/engine/base/errors.ts';

const nothing = () => Promise.resolve(0 as const);
const commands: CommandSpecification[] = [
  { path: [], summary: 'home', run: nothing },
  {
    path: ['train'],
    summary: 'train',
    arguments: [{ name: 'NETWORK', description: '', setting: 'network' }],
    options: [
      { name: 'epochs', value: 'N', description: '', setting: 'epochs' },
      { name: 'size', value: 'N', description: '', form: whole(1, 9) },
      { name: 'format', value: 'F', form: choice(['text', 'png']), description: '' },
      { name: 'headless', description: '' },
    ],
    run: nothing,
  },
  { path: ['runs', 'list'], summary: 'list', isGroupDefault: true, run: nothing },
  {
    path: ['runs', 'rm'],
    summary: 'rm',
    arguments: [{ name: 'RUN', required: true, many: true, description: '' }],
    run: nothing,
  },
];
const parse = (...words: string[]) => parseCommandLine(words, commands, globalOptions);
const refusal = (...words: string[]): DeepviewError => {
  try {
    parse(...words);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(DeepviewError);
    expect((thrown as DeepviewError).exitCode).toBe(2);
    return thrown as DeepviewError;
  }
  return expect.unreachable('nothing was refused');
};

describe('the command', () => {
  it('is found behind options, too', () => {
    expect(parse('--json', 'train', '--epochs', '3').command.path).toEqual(['train']);
    expect(parse('--color', '256', 'train').command.path).toEqual(['train']);
  });
  it('is the home screen without words', () => {
    expect(parse().command.path).toEqual([]);
    expect(parse('--ascii').command.path).toEqual([]);
  });
  it('is the default of a group', () => {
    expect(parse('runs').command.path).toEqual(['runs', 'list']);
    expect(parse('runs', 'list').command.path).toEqual(['runs', 'list']);
  });
  it('is suggested when it is misspelt', () => {
    expect(refusal('trian').hint).toBe('Did you mean train?');
    expect(refusal('runs', 'lits').hint).toBe('Did you mean runs list?');
    expect(refusal('xyzzy').hint).toBe('See deepview-tui --help.');
  });
  it('may not smuggle control characters into the message', () => {
    expect(refusal('\u001b[2J').message).toBe('There is no command "\ufffd[2J".');
  });
});

describe('arguments and options', () => {
  it('are handed on, settings apart from the rest', () => {
    expect(parse('train', 'lenet', '--epochs=3', '--size', '4', '--headless')).toMatchObject({
      flags: { network: 'lenet', epochs: '3' },
      options: { size: 4, headless: true },
    });
  });
  it('take the last of several', () => {
    expect(parse('train', '--epochs', '3', '--epochs', '4').flags.epochs).toBe('4');
  });
  it('keep words as they are, numbers too', () => {
    expect(parse('runs', 'rm', '007', '1e3', '--', '-x').words).toEqual(['007', '1e3', '-x']);
  });
  it('know --no-mouse and --no-color', () => {
    expect(parse('train', '--no-mouse', '--no-color').flags).toEqual({ mouse: false, color: 'none' });
  });
  it.each([
    [['train', '--epoch', '3'], 'There is no option --epoch here.', 'Did you mean --epochs?'],
    [['train', '-x'], 'There is no option -x here.', 'See deepview-tui train --help.'],
    [['runs', '--epochs', '3'], 'There is no option --epochs here.', 'See deepview-tui runs --help.'],
    [['train', '--epochs'], '--epochs needs a value.', undefined],
    [['train', '--no-epochs'], '--epochs needs a value.', undefined],
    [['train', '--size', '0'], '--size must be a whole number from 1 to 9; it is 0.', undefined],
    [['train', '--size', 'x'], '--size must be a whole number from 1 to 9; it is "x".', undefined],
    [['train', '--format', 'pgn'], '--format must be "text" or "png"; it is "pgn".', 'Did you mean "png"?'],
    [['train', 'lenet', 'shallow'], '"shallow" is one word too many.', undefined],
    [['runs', 'rm'], 'RUN is missing.', 'See deepview-tui runs rm --help.'],
  ])('refuse %j', (words, message, hint) => {
    const error = refusal(...words);
    expect(error.message).toBe(message);
    if (hint) expect(error.hint).toBe(hint);
  });
});

describe('a shell that asks for words', () => {
  const words = (...line: string[]): string[] =>
    parseCommandLine([completionFlag, 'deepview-tui', ...line], commands, globalOptions, {
      runs: ['last', '20260101'],
    }).answer.split('\n');
  it('gets commands, those of a group, and the choices of options and arguments', () => {
    expect(words('')).toEqual(['train', 'runs']);
    expect(words('runs', '')).toEqual(['list', 'rm']);
    expect(words('train', '--format', '')).toEqual(['text', 'png']);
    expect(words('train', '--he')).toContain('--headless');
  });
  it('gets the runs there are', () => {
    expect(words('runs', 'rm', '')).toEqual(expect.arrayContaining(['last', '20260101']));
  });
});

describe('help', () => {
  const help = (...line: string[]): string => parseCommandLine(line, commands, globalOptions).answer;
  it('is asked for before or behind the command', () => {
    expect(help('train', '--help')).toContain('--headless');
    expect(help('help', 'train')).toBe(help('train', '--help'));
    expect(help('help')).toBe(help('-h'));
  });
  it("lists a group's commands, and each has its own", () => {
    expect(help('runs', '--help')).toMatch(/runs list.*\n.*runs rm <RUN\.\.>/);
    expect(help('runs', 'rm', '--help')).toMatch(/^deepview-tui runs rm <RUN\.\.>/);
  });
});
