import { writeSync } from 'node:fs';
import { reportOf, systemCode, type DeepviewError } from '../engine/base/errors.ts';
import { fileError } from '../engine/base/files.ts';
import { toJson } from '../engine/base/json.ts';
import { printable } from '../engine/base/printable.ts';
import { windowSize } from '../imaging/terminal/window-size.ts';

/** Milliseconds until a device that takes nothing now is tried again. */
const retryDelay = 10;

/**
 * Whether a write failed because the reader went away, which is no error of ours: a pipe without a reader, a terminal
 * that has hung up. On a file EIO is a disk that fails.
 */
export function isReaderGone(thrown: unknown, stream: { isTTY?: boolean }): boolean {
  const code = systemCode(thrown);
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || (code === 'EIO' && Boolean(stream.isTTY));
}

/** Why standard output took nothing more, for the user. */
export const outputError = (thrown: unknown): DeepviewError => fileError(thrown, 'write', 'standard output');

/**
 * What the user or program at the other end is told of an error: one or two lines, or one JSON object.
 * Control characters in messages never reach the terminal, wherever they came from.
 */
export function errorText(thrown: unknown, form: { json: boolean; debug: boolean }): string {
  const report = reportOf(thrown);
  const stack = form.debug && thrown instanceof Error ? stackOf(thrown) : undefined;
  if (form.json) return `${toJson({ error: { ...report, ...(stack && { stack }) } })}\n`;
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

/**
 * Makes a stream on a file write all of what it is given. Node's own passes over what a full disk or a limit of file
 * sizes left out of a write that took a part; and over EAGAIN, with which a device says that it takes nothing now.
 */
export function writeWhole(stream: NodeJS.WriteStream & { fd: number }): void {
  // Pipes and terminals have a handle, which does so.
  if ((stream as unknown as { _handle?: object })._handle) return;
  stream._write = (chunk: Buffer, _encoding, done) => {
    const writeFrom = (start: number): void => {
      let at = start;
      try {
        while (at < chunk.length) at += writeSync(stream.fd, chunk, at);
      } catch (thrown) {
        if (systemCode(thrown) === 'EAGAIN') setTimeout(writeFrom, retryDelay, at);
        else done(thrown as Error);
        return;
      }
      done();
    };
    writeFrom(0);
  };
}

/** Columns of help: longer lines are hard to read. */
export const helpWidth = (stdout: { columns?: number }, env: NodeJS.ProcessEnv): number =>
  Math.min(windowSize(stdout, env, { columns: 100, rows: 24 }).columns, 110);
