import { createInterface } from 'node:readline/promises';
import { DeepviewError, exitCodes } from '../engine/base/errors.ts';
import { harmless } from '../engine/base/printable.ts';
import type { CommandContext } from './common.ts';

/**
 * Asks a question that is answered with y or n.
 * @throws DeepviewError `needs-yes` without a terminal to ask on
 */
export async function confirmed(
  question: string,
  context: Pick<CommandContext, 'stdin' | 'stderr' | 'json' | 'signal'>,
): Promise<boolean> {
  if (!context.stdin.isTTY || !context.stderr.isTTY || context.json) {
    throw new DeepviewError('needs-yes', 'deleting asks first, and there is no terminal to ask on', {
      hint: 'Add --yes to delete without being asked.',
      exitCode: exitCodes.usage,
    });
  }
  const lines = createInterface({ input: context.stdin, output: context.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(harmless(question), { signal: context.signal })).trim());
  } finally {
    lines.close();
  }
}
