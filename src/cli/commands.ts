import { runCommands } from './run-commands.ts';
import { setupCommands } from './setup-commands.ts';
import type { CommandSpecification } from './specification.ts';

/** Every command: what the parser, help, completion and docs/commands.md are made from. */
export const commands: readonly CommandSpecification[] = [...runCommands, ...setupCommands(() => commands)];
