import { homeCommand } from './home-command.ts';
import { reproduceCommand } from './reproduce-command.ts';
import { runCommands } from './run-commands.ts';
import { setupCommands } from './setup-commands.ts';
import type { CommandSpecification } from './specification.ts';
import { probeCommand, trainCommand } from './training-commands.ts';

/** Every command: what the parser, help, completion and docs/commands.md are made from. */
export const commands: readonly CommandSpecification[] = [
  homeCommand(() => commands),
  trainCommand,
  reproduceCommand,
  probeCommand,
  ...runCommands,
  ...setupCommands(() => commands),
];
