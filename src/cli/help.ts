import type { CommandSpecification, OptionSpecification } from './specification.ts';

/** `train [NETWORK]`, `runs rm RUN...` */
export function synopsis(command: CommandSpecification): string {
  const words = (command.arguments ?? []).map((argument) => {
    const name = `${argument.name}${argument.many ? '...' : ''}`;
    return argument.required ? name : `[${name}]`;
  });
  return [...command.path, ...words].join(' ');
}

/** `--epochs N`, `-o, --output FILE` */
export const optionForm = (option: OptionSpecification): string =>
  `${option.short ? `-${option.short}, ` : ''}--${option.name}${option.value ? ` ${option.value}` : ''}`;

/** What an option means, with its choices and its default. */
export function optionMeaning(option: OptionSpecification): string {
  const parts = [option.description];
  if (option.choices) parts.push(`(${option.choices.join(', ')})`);
  if (option.default !== undefined) parts.push(`[${option.default}]`);
  return parts.join(' ');
}

/** Breaks a text at blanks. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}

/** Two columns; the right one wraps under itself. Narrow terminals get the right one below the left. */
function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const left = Math.min(30, Math.max(...rows.map(([term]) => term.length)));
  const room = width - left - 4;
  return rows.flatMap(([term, meaning]) => {
    if (room < 24) return [`  ${term}`, ...wrap(meaning, width - 6).map((line) => `      ${line}`)];
    const [first = '', ...more] = wrap(meaning, room);
    const head =
      term.length > left ? [`  ${term}`, `  ${' '.repeat(left)}  ${first}`] : [`  ${term.padEnd(left)}  ${first}`];
    return [...head, ...more.map((line) => `  ${' '.repeat(left)}  ${line}`)];
  });
}

const optionRows = (options: readonly OptionSpecification[]): [string, string][] =>
  options.map((option) => [optionForm(option), optionMeaning(option)]);

/** Help for one command, or for the group it is the default of. */
export function commandHelp(
  command: CommandSpecification,
  commands: readonly CommandSpecification[],
  globals: readonly OptionSpecification[],
  width: number,
): string {
  const group = command.isGroupDefault
    ? commands.filter((other) => other.path.length === 2 && other.path[0] === command.path[0])
    : [];
  const lines = [`deepview-tui ${synopsis(command)} [options]`, '', ...wrap(command.summary, width)];
  for (const paragraph of command.details?.split('\n') ?? []) lines.push('', ...wrap(paragraph, width));
  if (group.length > 1) {
    lines.push(
      '',
      'Commands',
      ...columns(
        group.map((other) => [synopsis(other), other.summary]),
        width,
      ),
    );
  }
  if (command.arguments?.length) {
    lines.push(
      '',
      'Arguments',
      ...columns(
        command.arguments.map((entry) => [entry.name, entry.description]),
        width,
      ),
    );
  }
  if (command.options?.length) lines.push('', 'Options', ...columns(optionRows(command.options), width));
  lines.push('', 'Options of every command', ...columns(optionRows(globals), width));
  if (command.examples?.length) {
    lines.push('', 'Examples', ...command.examples.flatMap(([line, meaning]) => [`  ${line}`, `      ${meaning}`]));
  }
  return `${lines.join('\n')}\n`;
}

/** Help for the program: its commands and the options of all of them. */
export function programHelp(
  commands: readonly CommandSpecification[],
  globals: readonly OptionSpecification[],
  width: number,
): string {
  const bare = commands.find((command) => command.path.length === 0);
  const named = commands.filter((command) => command.path.length > 0);
  return `${[
    'deepview-tui [command] [options]',
    '',
    ...wrap('See a neural network learn, in a terminal: its layers, neurons and features, epoch by epoch.', width),
    ...(bare ? ['', ...wrap(bare.summary, width)] : []),
    '',
    'Commands',
    ...columns(
      named.map((command) => [synopsis(command), command.summary]),
      width,
    ),
    '',
    'Options of every command',
    ...columns(optionRows(globals), width),
    '',
    ...wrap(
      'RUN is a path, an id, the beginning of an id, `last`, or `demo`. `deepview-tui COMMAND --help` says more.',
      width,
    ),
  ].join('\n')}\n`;
}
