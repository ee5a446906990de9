import type { CommandSpecification } from './specification.ts';

/** The command that the leading words name: the longest match, or the default of the group that they name. */
export function findCommand(
  commands: readonly CommandSpecification[],
  words: readonly string[],
): CommandSpecification | undefined {
  for (const depth of [2, 1]) {
    const found = commands.find(
      (command) => command.path.length === depth && command.path.every((word, index) => word === words[index]),
    );
    if (found && words.length >= depth) return found;
  }
  return commands.find((command) => command.isGroupDefault && command.path[0] === words[0]);
}
