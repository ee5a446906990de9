import { DeepviewError, exitCodes, reportOf, type ExitCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';

/**
 * What the person or program at the other end is told of an error: one or two lines, or one JSON object.
 * Control characters in messages never reach the terminal, whoever wrote them.
 */
export function errorText(thrown: unknown, form: { json: boolean; debug: boolean }): string {
  const report = reportOf(thrown);
  const stack = form.debug && thrown instanceof Error ? stackOf(thrown) : undefined;
  if (form.json) return `${JSON.stringify({ error: { ...report, ...(stack && { stack }) } })}\n`;
  const clean = (text: string): string => printable(text, 1000);
  const lines = [`deepview-tui: ${clean(report.message)}`];
  if (report.hint) lines.push(clean(report.hint));
  if (stack) lines.push(...stack.split('\n').map(clean));
  return `${lines.join('\n')}\n`;
}

function stackOf(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}

export const exitCodeOf = (thrown: unknown): ExitCode =>
  thrown instanceof DeepviewError ? thrown.exitCode : exitCodes.failed;
