import { setupCommands } from './setup-commands.ts';
import type { CommandSpecification } from './specification.ts';

/** Every command: what the parser, help, completion and docs/commands.md are made from. */
export const commands: readonly CommandSpecification[] = [...setupCommands(() => commands)];
