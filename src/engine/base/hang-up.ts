import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Lets this process end with its exit code although its terminal hangs up meanwhile (a closed window, a lost
 * connection). Node puts the modes of each terminal of its first three files back at exit and aborts where it cannot,
 * as on one that has hung up; files that are closed by then it passes over.
 */
export function outliveTerminal(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  if (terminals.length === 0) return;
  process.on('exit', () => {
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
  });
}
