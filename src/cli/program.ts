import yargs, { type Argv, type Options, type PositionalOptions } from 'yargs';
import type { SettingName } from '../commands/config.ts';
import { DeepviewError, exitCodes } from '../engine/base/errors.ts';
import { nearest } from '../engine/base/nearest.ts';
import { printable } from '../engine/base/printable.ts';
import { checkOption, filledText, fromText, type Form } from '../engine/base/schema/index.ts';
import { programVersion } from '../engine/base/version.ts';
import {
  choicesOf,
  optionMeaning,
  synopsis,
  type CommandSpecification,
  type OptionSpecification,
} from './specification.ts';

/** A command line, taken apart. */
export interface Parsed {
  command: CommandSpecification;
  arguments: Record<string, string | undefined>;
  words: string[];
  /** Options that are not settings, checked. */
  options: Record<string, string | number | boolean | undefined>;
  /** Settings as given, not checked yet. */
  flags: Partial<Record<SettingName, unknown>>;
  /** What to print instead of running the command: help, the version, or words for a shell to complete with. */
  answer: string;
}

/** What the parser is made of. */
interface Tables {
  argv: readonly string[];
  commands: readonly CommandSpecification[];
  /** Options that every command has. */
  globals: readonly OptionSpecification[];
  /** What a shell may complete RUN with; undefined unless a shell asks. */
  runs: readonly string[] | undefined;
}

/** What yargs came upon. */
interface Found {
  /** The command whose options were declared last: the one to run, or the one that a mistake is about. */
  command: CommandSpecification;
  values: Readonly<Record<string, unknown>>;
}

/** The option with which a shell asks for words to complete with. */
export const completionFlag = '--get-yargs-completions';

const about = 'See a neural network learn, in a terminal: its layers, neurons and features, epoch by epoch.';
const moreHelp =
  'RUN is a path, an id, the beginning of an id, `last`, or `demo`. `deepview-tui COMMAND --help` says more.';

const usage = (message: string, hint?: string): DeepviewError =>
  new DeepviewError('usage', message, { hint, exitCode: exitCodes.usage });

/**
 * Finds the command and checks its arguments and options.
 * @param globals options that every command has
 * @param surroundings columns of help; the runs there are, where a shell asks for completions
 * @throws DeepviewError `usage` or `unknown-command`, exit code 2, with a suggestion where one is near
 */
export function parseCommandLine(
  argv: readonly string[],
  commands: readonly CommandSpecification[],
  globals: readonly OptionSpecification[],
  { width = 100, runs }: { width?: number; runs?: readonly string[] } = {},
): Parsed {
  const tables = { argv, commands, globals, runs };
  const found: Found = { command: commands[0], values: { _: [] } };
  const program = programOf(tables, found)
    .wrap(width)
    .fail((message: string | null, thrown: Error | undefined) => {
      const read = program.parsed ? Object.keys(program.parsed.argv) : [];
      throw refusal(message ?? thrown?.message ?? '', { argv, read, globals }, found.command);
    });
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  let answer = '';
  // No handler of ours takes time, so all is done when this returns.
  void program.parse(shielded(words), (_thrown: unknown, _values: unknown, output: string) => (answer = output));
  // In place of a value that may be anything yargs offers what may follow it.
  const options = [...(found.command.options ?? []), ...globals];
  if (argv[0] === completionFlag && takesAnything(argv.at(-2), options)) answer = '';
  else if (!answer) refuseSurplus(argv, found, commands);
  return { ...taken(found, globals), answer };
}

/** Whether a word is an option whose value is not one of a few. */
const takesAnything = (word: string | undefined, options: readonly OptionSpecification[]): boolean =>
  options.some(
    ({ name, short, value, form }) =>
      value !== undefined &&
      !choicesOf(form) &&
      (word === `--${name}` || (short !== undefined && word === `-${short}`)),
  );

function programOf(tables: Tables, found: Found): Argv {
  const { commands, globals } = tables;
  // Meanings say themselves what an option may be. @types/yargs lacks the method.
  const plain = yargs() as Argv & { usageConfiguration: (configuration: { 'hide-types': boolean }) => Argv };
  const program = plain
    .usageConfiguration({ 'hide-types': true })
    // Its own name before each command of a list would take the room of what they do.
    .scriptName('')
    .usage(['deepview-tui [command] [options]', about, commands[0].summary].join('\n\n'))
    .epilogue(moreHelp)
    .updateStrings({ 'Positionals:': 'Arguments:' })
    .exitProcess(false)
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .strictOptions();
  for (const option of globals) {
    const { name, short = [], description } = option;
    if (name === 'help') program.help(name, description).alias(name, short);
    else if (name === 'version') program.version(name, description, programVersion).alias(name, short);
    else program.option(name, optionFor(option, tables));
  }
  acceptSwitches(program, commands);
  const groups = new Set<string>();
  for (const command of commands) {
    const [group = ''] = command.path;
    if (command.path.length < 2) addCommand(program, command, tables, found);
    else if (!groups.has(group)) addGroup(program, group, tables, found);
    groups.add(group);
  }
  return program;
}

function addCommand(parent: Argv, command: CommandSpecification, tables: Tables, found: Found): void {
  const { path, summary, details, arguments: words = [], options = [], examples = [] } = command;
  const name = synopsis({ ...command, path: path.slice(-1) });
  const declare = (its: Argv): Argv => {
    found.command = command;
    // What runs without being named leaves the head of the help to its group.
    if (tables.argv.includes(path.at(-1) ?? '')) {
      const paragraphs = [`deepview-tui ${synopsis(command)} [options]`, summary, ...(details?.split('\n') ?? [])];
      its.usage(paragraphs.join('\n\n'));
    }
    for (const { name, description, form } of words) {
      // What changes runs is in a group; all else takes the demo too.
      const runs = path.length > 1 ? tables.runs : tables.runs && ['demo', ...tables.runs];
      const choices = name === 'RUN' ? runs : choicesOf(form);
      its.positional<string, PositionalOptions>(name, {
        describe: description,
        ...(tables.runs && choices && { choices }),
      });
    }
    for (const option of options) its.option(option.name, optionFor(option, tables));
    // Not as yargs' examples: its two columns would break the lines that are to be copied.
    if (examples.length > 0) {
      its.epilogue(['Examples:', ...examples.map(([line, meaning]) => `  ${line}\n      ${meaning}`)].join('\n'));
    }
    return its.group(namesOf(options), 'Options:').group(namesOf(tables.globals), 'Options of every command:');
  };
  const take = (values: Record<string, unknown>): void => {
    found.values = values;
  };
  // The program without a command stands in the head of the help, and is nothing to complete.
  if (path.length === 0) parent.command('$0', false, declare, take);
  else parent.command(command.isGroupDefault ? [name, '$0'] : name, summary, declare, take);
}

function addGroup(program: Argv, group: string, tables: Tables, found: Found): void {
  const members = tables.commands.filter(({ path }) => path.length === 2 && path[0] === group);
  const summary = members.find(({ isGroupDefault }) => isGroupDefault)?.summary ?? '';
  // Of commands with one name yargs lists all, and takes the last: so the overview shows each of the group.
  if (!tables.runs) for (const member of members) program.command(synopsis(member), member.summary);
  const declare = (its: Argv): Argv => {
    its.usage(`deepview-tui ${group} [command] [options]\n\n${summary}`);
    acceptSwitches(its, members);
    for (const member of members) addCommand(its, member, tables, found);
    return its;
  };
  if (tables.runs) program.command(group, summary, declare);
  else program.command(group, false, declare);
}

const namesOf = (options: readonly OptionSpecification[]): string[] => options.map(({ name }) => name);

function optionFor(option: OptionSpecification, { runs }: Tables): Options {
  const { value, short } = option;
  const choices = choicesOf(option.form);
  return {
    ...(value === undefined ? { type: 'boolean' } : { type: 'string', requiresArg: true }),
    describe: `${value === undefined ? '' : `${value}: `}${optionMeaning(option)}`,
    ...(short !== undefined && { alias: short }),
    // Completed by yargs, but checked below, where one sentence says what is wrong.
    ...(runs && choices && { choices }),
  };
}

/** Lets switches of commands stand before the command: yargs would take the command for their value. */
function acceptSwitches(program: Argv, commands: readonly CommandSpecification[]): void {
  for (const { name, value } of commands.flatMap(({ options = [] }) => options)) {
    if (value === undefined) program.option(name, { type: 'boolean', hidden: true, global: false });
  }
}

/** A command's arguments may follow `--`, which yargs does not know: it is left out, and what it shields is marked. */
function shielded(argv: readonly string[]): string[] {
  const dashes = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return [...argv.slice(0, dashes), ...argv.slice(dashes + 1).map((word) => word.replace(/^-/, '\0-'))];
}
const unshielded = (word: unknown): string => String(word).replace(/^\0/, '');

/** The words of a command's name that were given: all, but for the command that its group or the program stands for. */
const namedBy = (argv: readonly string[], { path }: CommandSpecification): string[] =>
  path.filter((word) => argv.includes(word));

const seeHelp = (named: readonly string[]): string => `See ${['deepview-tui', ...named, '--help'].join(' ')}.`;

/** @throws DeepviewError for a word that names no command, or that a command does not take */
function refuseSurplus(
  argv: readonly string[],
  { command, values }: Found,
  commands: readonly CommandSpecification[],
): void {
  const named = namedBy(argv, command);
  const [surplus] = (values['_'] as unknown[]).slice(named.length).map(unshielded);
  if (surplus === undefined) return;
  const word = printable(surplus, 60);
  if (command.path.length > 0 && named.length === command.path.length) {
    throw usage(`"${word}" is one word too many.`, seeHelp(named));
  }
  const siblings = commands.filter(({ path }) => named.every((part, index) => part === path[index]));
  const near = nearest(surplus, [...new Set(siblings.flatMap(({ path }) => path[named.length] ?? []))]);
  throw new DeepviewError('unknown-command', `There is no command "${[...named, word].join(' ')}".`, {
    hint: near ? `Did you mean ${[...named, near].join(' ')}?` : seeHelp(named),
    exitCode: exitCodes.usage,
  });
}

/**
 * What yargs found wrong, in a sentence of ours, and what to do about it.
 * @param read names of all values that it read, those of options that there are not included
 */
function refusal(
  message: string,
  {
    argv,
    read,
    globals,
  }: { argv: readonly string[]; read: readonly string[]; globals: readonly OptionSpecification[] },
  command: CommandSpecification,
): DeepviewError {
  const { arguments: expected = [], options = [] } = command;
  const see = seeHelp(namedBy(argv, command));
  const known = namesOf([...globals, ...options]);
  const shorts = [...globals, ...options].map(({ short }) => short);
  const others = ['_', '$0', '--', ...shorts, ...expected.map(({ name }) => name)];
  const unknown = read.find((name) => !known.includes(name) && !others.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    const dashes = unknown.length === 1 ? '-' : '--';
    return usage(`There is no option ${dashes}${printable(unknown, 60)} here.`, near ? `Did you mean --${near}?` : see);
  }
  const option = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (option !== undefined) return usage(`--${option} needs a value.`, see);
  const words = /^Not enough non-option arguments: got (\d+)/.exec(message)?.[1];
  const missing = words === undefined ? undefined : expected.filter(({ required }) => required)[Number(words)];
  if (missing) return usage(`${missing.name} is missing.`, see);
  return usage(printable(message, 1000) || 'The command line cannot be read.', see);
}

/** The values that yargs read, checked and sorted into arguments, options and settings. */
function taken({ command, values }: Found, globals: readonly OptionSpecification[]): Omit<Parsed, 'answer'> {
  const parsed: Omit<Parsed, 'answer'> = { command, arguments: {}, words: [], options: {}, flags: {} };
  for (const { name, many, form, setting } of command.arguments ?? []) {
    const words = [values[name] ?? []].flat().map(unshielded);
    const [word] = words;
    if (word !== undefined && form) checked(name, form, word);
    parsed.arguments[name] = word;
    if (many) parsed.words = words;
    if (setting && word !== undefined) parsed.flags[setting] = word;
  }
  for (const option of [...globals, ...(command.options ?? [])]) {
    // Of several the last counts.
    const value = [values[option.name]].flat().at(-1);
    if (value === undefined) continue;
    // `--no-color` is what other programs call `--color none`; no other option with a value can be negated.
    const isNegated = value === false && option.value !== undefined;
    if (isNegated && option.name !== 'color') throw usage(`--${option.name} needs a value.`);
    if (option.setting) parsed.flags[option.setting] = isNegated ? 'none' : value;
    else parsed.options[option.name] = checked(`--${option.name}`, option.form, value);
  }
  return parsed;
}

function checked(name: string, form: Form = filledText, value: unknown): string | number | boolean {
  if (typeof value === 'boolean') return value;
  return checkOption(form, fromText(form, String(value)), name, 'usage') as string | number;
}
