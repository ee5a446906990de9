import { globalOptions } from './globals.ts';
import type { CommandSpecification } from './specification.ts';
import { lazily } from './specification.ts';

/** Every command: what the parser, help, completion and docs/commands.md are made from. */
export const commands: readonly CommandSpecification[] = [
  {
    path: ['completion'],
    summary: 'Print a completion script for a shell.',
    details: 'Put `source <(deepview-tui completion bash)` into ~/.bashrc, or the like for zsh and fish.',
    arguments: [{ name: 'SHELL', required: true, choices: ['bash', 'zsh', 'fish'], description: 'bash, zsh or fish' }],
    run: lazily(
      async () => (await import('../commands/completion.ts')).completion,
      (given) => ({
        shell: given.arguments['SHELL'] as 'bash' | 'zsh' | 'fish',
        entries: commands,
        globals: globalOptions,
      }),
    ),
  },
];
