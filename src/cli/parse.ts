import yargs from 'yargs';
import type { SettingName } from '../commands/config.ts';
import { DeepviewError, exitCodes } from '../engine/base/errors.ts';
import { nearest } from '../engine/base/nearest.ts';
import { printable } from '../engine/base/printable.ts';
import { findCommand } from './find-command.ts';
import type { ArgumentSpecification, CommandSpecification, OptionSpecification } from './specification.ts';

/** A command line, taken apart. */
export interface Parsed {
  command: CommandSpecification;
  arguments: Record<string, string | undefined>;
  words: string[];
  /** Options that are not settings, checked. */
  options: Record<string, string | number | boolean | undefined>;
  /** Settings as given, not checked yet. */
  flags: Partial<Record<SettingName, unknown>>;
}

const usage = (message: string, hint?: string): DeepviewError =>
  new DeepviewError('usage', message, { hint, exitCode: exitCodes.usage });

const groupOf = (commands: readonly CommandSpecification[], word: string): CommandSpecification[] =>
  commands.filter((command) => command.path.length === 2 && command.path[0] === word);

function parser(argv: readonly string[], options: readonly OptionSpecification[], helpFor: string, strict = true) {
  const instance = yargs([...argv])
    .help(false)
    .version(false)
    .exitProcess(false)
    .showHelpOnFail(false)
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': true,
      'strip-dashed': false,
      'populate--': false,
    })
    .strictOptions(strict)
    .fail((message: string | null, thrown: Error | undefined) => {
      if (thrown instanceof DeepviewError) throw thrown;
      const unknown = /^Unknown arguments?: (.*)$/.exec(message ?? '')?.[1]?.split(', ')[0];
      if (unknown !== undefined) {
        const known = options.map((option) => option.name);
        const near = nearest(unknown, known);
        const dashes = unknown.length === 1 ? '-' : '--';
        throw usage(
          `There is no option ${dashes}${printable(unknown, 60)} here.`,
          near ? `Did you mean --${near}?` : `See ${helpFor}.`,
        );
      }
      const lacking = /^Not enough arguments following: (.*)$/.exec(message ?? '')?.[1];
      if (lacking !== undefined) throw usage(`--${lacking} needs a value.`, `See ${helpFor}.`);
      throw usage(printable(message ?? thrown?.message ?? 'The command line cannot be read.'), `See ${helpFor}.`);
    });
  for (const option of options) {
    instance.option(option.name, {
      ...(option.value === undefined ? { type: 'boolean', default: undefined } : { type: 'string', requiresArg: true }),
      ...(option.short !== undefined && { alias: option.short }),
    });
  }
  return instance;
}

function checkOption(option: OptionSpecification, value: unknown): string | number | boolean | undefined {
  if (value === undefined || (typeof value === 'boolean' && option.value === undefined)) return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const refuse = (must: string, hint?: string): never => {
    throw usage(`--${option.name} is "${printable(text, 60)}"; it must be ${must}.`, hint);
  };
  if (text === '') return refuse('a text that is not empty');
  if (option.choices && !option.choices.includes(text)) {
    const near = nearest(text, option.choices);
    return refuse(`one of ${option.choices.join(', ')}`, near && `Did you mean ${near}?`);
  }
  if (!option.integer) return text;
  const { minimum, maximum } = option.integer;
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  return number >= minimum && number <= maximum ? number : refuse(`a whole number from ${minimum} to ${maximum}`);
}

function placeWords(
  specifications: readonly ArgumentSpecification[],
  words: readonly string[],
  helpFor: string,
): { named: Record<string, string | undefined>; words: string[] } {
  const named: Record<string, string | undefined> = {};
  let rest = [...words];
  for (const argument of specifications) {
    if (argument.required && rest.length === 0) throw usage(`${argument.name} is missing.`, `See ${helpFor}.`);
    named[argument.name] = rest[0];
    if (argument.many) return { named, words: rest };
    const word = rest[0];
    if (word !== undefined && argument.choices && !argument.choices.includes(word)) {
      throw usage(
        `${argument.name} is "${printable(word, 60)}"; it must be one of ${argument.choices.join(', ')}.`,
        `See ${helpFor}.`,
      );
    }
    rest = rest.slice(1);
  }
  if (rest[0] !== undefined) throw usage(`"${printable(rest[0], 60)}" is one word too many.`, `See ${helpFor}.`);
  return { named, words: [] };
}

/**
 * Finds the command and checks its arguments and options.
 * @param globals options that every command has
 * @throws DeepviewError `usage` or `unknown-command`, exit code 2, with a suggestion where one is near
 */
export function parseCommandLine(
  argv: readonly string[],
  commands: readonly CommandSpecification[],
  globals: readonly OptionSpecification[],
): Parsed {
  // Which words are options' values depends on the options, so a first reading knows them all.
  const all = [...globals, ...commands.flatMap((command) => command.options ?? [])];
  const first = parser(argv, all, 'deepview-tui --help', false).parseSync();
  const leading = first._.map(String);
  const chosen =
    leading.length === 0 ? commands.find((candidate) => candidate.path.length === 0) : findCommand(commands, leading);
  if (!chosen) {
    const names = [...new Set(commands.flatMap((candidate) => candidate.path.slice(0, 1)))];
    const word = leading[0] ?? '';
    const near = nearest(word, names);
    throw new DeepviewError('unknown-command', `There is no command "${printable(word, 60)}".`, {
      hint: near ? `Did you mean ${near}?` : 'See deepview-tui --help.',
      exitCode: exitCodes.usage,
    });
  }
  const named = chosen.path.every((word, index) => word === leading[index]);
  const depth = named ? chosen.path.length : 1;
  const helpFor = `deepview-tui ${[...chosen.path.slice(0, depth), '--help'].join(' ')}`;
  const group = groupOf(commands, leading[0] ?? '');
  const stray = leading[depth];
  if (!named && stray !== undefined && !chosen.arguments?.length) {
    const near = nearest(
      stray,
      group.map((candidate) => candidate.path[1] ?? ''),
    );
    throw new DeepviewError('unknown-command', `There is no command "${leading[0]} ${printable(stray, 60)}".`, {
      hint: near ? `Did you mean ${leading[0]} ${near}?` : `See ${helpFor}.`,
      exitCode: exitCodes.usage,
    });
  }
  const options = [...globals, ...(chosen.options ?? [])];
  const second = parser(argv, options, helpFor).parseSync() as Record<string, unknown>;
  const placed = placeWords(chosen.arguments ?? [], leading.slice(depth), helpFor);
  const parsed: Parsed = { command: chosen, arguments: placed.named, words: placed.words, options: {}, flags: {} };
  for (const { name, setting } of chosen.arguments ?? []) {
    if (setting && placed.named[name] !== undefined) parsed.flags[setting] = placed.named[name];
  }
  for (const option of options) {
    const value = second[option.name];
    if (value === undefined) continue;
    // `--no-color` is what other programs call `--color none`; no other option with a value can be negated.
    const negated = value === false && option.value !== undefined;
    if (negated && option.name !== 'color') throw usage(`--${option.name} needs a value.`, `See ${helpFor}.`);
    if (option.setting) parsed.flags[option.setting] = negated ? 'none' : value;
    else parsed.options[option.name] = checkOption(option, value);
  }
  return parsed;
}
