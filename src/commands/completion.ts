import { exitCodes } from '../engine/base/errors.ts';
import type { Command } from './common.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** What completion needs to know of a command. */
export interface CompletionEntry {
  path: readonly string[];
  summary: string;
  arguments?: readonly { name: string; choices?: readonly string[] }[];
  options?: readonly { name: string; value?: string; choices?: readonly string[]; description: string }[];
}

const runsDirectory = '"${XDG_DATA_HOME:-$HOME/.local/share}/deepview-tui/runs"';

/** The words that may follow a command's path: subcommands and the choices of its first argument. */
function followers(entry: CompletionEntry, entries: readonly CompletionEntry[]): string[] {
  const below = entries.filter(
    (other) =>
      other.path.length === entry.path.length + 1 && entry.path.every((word, index) => word === other.path[index]),
  );
  return [...below.map((other) => other.path[entry.path.length] ?? ''), ...(entry.arguments?.[0]?.choices ?? [])];
}

const takesRun = (entry: CompletionEntry): boolean => entry.arguments?.[0]?.name === 'RUN';

/** Every path, groups that are no command themselves included. */
function withGroups(entries: readonly CompletionEntry[]): CompletionEntry[] {
  const known = new Set(entries.map((entry) => entry.path.join(' ')));
  const groups = [...new Set(entries.filter((entry) => entry.path.length === 2).map((entry) => entry.path[0] ?? ''))];
  return [
    ...entries,
    ...groups.filter((group) => !known.has(group)).map((group) => ({ path: [group], summary: `${group} ...` })),
  ];
}

function bashScript(entries: readonly CompletionEntry[], globals: CompletionEntry['options'] = []): string {
  const cases = withGroups(entries).map((entry) => {
    const words = [
      ...followers(entry, entries),
      ...[...(entry.options ?? []), ...globals].map((option) => `--${option.name}`),
    ].join(' ');
    const runs = takesRun(entry) ? ` last $(ls ${runsDirectory} 2>/dev/null)` : '';
    return `    "${entry.path.join(' ')}") words="${words}${runs.replaceAll('"', '\\"')}" ;;`;
  });
  const values = entries
    .flatMap((entry) => [...(entry.options ?? []), ...globals])
    .filter((option, index, all) => option.choices && all.findIndex((other) => other.name === option.name) === index)
    .map((option) => `    --${option.name}) words="${option.choices?.join(' ')}"; chosen=1 ;;`);
  return `# bash completion for deepview-tui: source <(deepview-tui completion bash)
_deepview_tui() {
  local words="" chosen="" path="" word current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  case "$previous" in
${values.join('\n')}
  esac
  if [ -z "$chosen" ]; then
    for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
      case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
    done
    while :; do
      case "$path" in
${cases.join('\n')}
      esac
      [ -n "$words" ] && break
      case "$path" in *" "*) path="\${path% *}" ;; "") break ;; *) path="" ;; esac
    done
  fi
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
  [ "\${#COMPREPLY[@]}" -eq 0 ] && COMPREPLY=( $(compgen -f -- "$current") )
}
complete -o filenames -F _deepview_tui deepview-tui
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function fishScript(entries: readonly CompletionEntry[], globals: CompletionEntry['options'] = []): string {
  const lines = [
    '# fish completion for deepview-tui: deepview-tui completion fish | source',
    'complete -c deepview-tui -e',
  ];
  const option = (condition: string, each: NonNullable<CompletionEntry['options']>[number]): string =>
    `complete -c deepview-tui ${condition}-l ${each.name} -d ${quoted(each.description)}` +
    (each.value ? ` -r${each.choices ? ` -f -a ${quoted(each.choices.join(' '))}` : ''}` : '');
  for (const each of globals) lines.push(option('', each));
  for (const entry of withGroups(entries).filter((candidate) => candidate.path.length > 0)) {
    const [first = '', second] = entry.path;
    const parent = second === undefined ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${first}`;
    lines.push(`complete -c deepview-tui -n '${parent}' -a ${second ?? first} -d ${quoted(entry.summary)}`);
    const seen = entry.path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    for (const each of entry.options ?? []) lines.push(option(`-n '${seen}' `, each));
    if (takesRun(entry)) {
      lines.push(`complete -c deepview-tui -n '${seen}' -a ${quoted(`last (ls ${runsDirectoryOfFish} 2>/dev/null)`)}`);
    }
    const choices = entry.arguments?.[0]?.choices;
    if (choices) lines.push(`complete -c deepview-tui -n '${seen}' -f -a ${quoted(choices.join(' '))}`);
  }
  return `${lines.join('\n')}\n`;
}

const runsDirectoryOfFish =
  '(set -q XDG_DATA_HOME; and echo $XDG_DATA_HOME; or echo $HOME/.local/share)/deepview-tui/runs';

/** A completion script: static, so that pressing Tab starts no Node. Runs are listed from their directory. */
function completionScript(
  shell: Shell,
  entries: readonly CompletionEntry[],
  globals: NonNullable<CompletionEntry['options']>,
): string {
  if (shell === 'fish') return fishScript(entries, globals);
  const bash = bashScript(entries, globals);
  if (shell === 'bash') return bash;
  return `#compdef deepview-tui\n# zsh completion for deepview-tui: source <(deepview-tui completion zsh)\nautoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

/** `completion SHELL` */
export const completion: Command<{
  shell: Shell;
  entries: readonly CompletionEntry[];
  globals: NonNullable<CompletionEntry['options']>;
}> = (options, context) => {
  context.stdout.write(completionScript(options.shell, options.entries, options.globals));
  return Promise.resolve(exitCodes.done);
};
