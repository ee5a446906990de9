import { extname } from 'node:path';
import { formatBytes } from '../engine/base/byte-size.ts';
import { misuse, type ExitCode } from '../engine/base/errors.ts';
import { toJson } from '../engine/base/json.ts';
import type { Paths } from '../engine/base/paths.ts';
import { demoRun } from '../engine/base/program-files.ts';
import { formatDuration, secondsInWords, type Progress, type StepContext } from '../engine/base/progress.ts';
import { harmless, printable } from '../engine/base/printable.ts';
import type { RunPlaces } from '../engine/run/find.ts';
import { windowSize } from '../imaging/terminal/window-size.ts';
import { cut, textWidth } from '../views/text/spans.ts';
import type { ScreenChoices } from '../views/screen/run-screen.ts';

/** What every command gets besides its own arguments. Commands touch the world only through this. */
export interface CommandContext {
  env: NodeJS.ProcessEnv;
  cwd: string;
  paths: Paths;
  /** Of this program. */
  version: string;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** Aborts with an `Interruption` as its reason on SIGINT, SIGTERM and SIGHUP. */
  signal: AbortSignal;
  /** What must be over before the process ends, also when a signal ends it. */
  leaving: Set<() => Promise<void>>;
  /** Print JSON for programs instead of text for users. */
  json: boolean;
  screen: ScreenChoices;
}

/** A command: what the command line calls after parsing. Errors are thrown; what is returned is the exit code. */
export type Command<Options> = (options: Options, context: CommandContext) => Promise<ExitCode>;

/** Whether the screen can be drawn: output is shown and keys are read. */
export const hasScreen = ({ stdin, stdout, env, json }: CommandContext): boolean =>
  !json && Boolean(stdin.isTTY) && Boolean(stdout.isTTY) && env['TERM'] !== 'dumb';

/** Where a command that only reads looks for runs: `demo` is one of them. */
export const readablePlaces = ({ paths, cwd }: Pick<CommandContext, 'paths' | 'cwd'>): RunPlaces => ({
  runs: paths.runs,
  cwd,
  demo: demoRun(),
});

/** Where a command looks for runs that it changes or follows, also for those that are being prepared. */
export const changeablePlaces = ({ paths, cwd }: Pick<CommandContext, 'paths' | 'cwd'>): RunPlaces => ({
  ...{ runs: paths.runs, cwd },
  unprepared: true,
});

/** Writes one line of text to standard output; what could steer the terminal is replaced, wherever it came from. */
export function printLine(context: Pick<CommandContext, 'stdout'>, line = ''): void {
  context.stdout.write(`${harmless(line)}\n`);
}

/** Writes one line to standard error, as `printLine` does. */
export function printNotice(context: { stderr: Pick<NodeJS.WriteStream, 'write'> }, line: string): void {
  context.stderr.write(`${harmless(line)}\n`);
}

/** Writes a value to standard output as one line of JSON; numbers that are not finite are strings in it. */
export function printJson(context: Pick<CommandContext, 'stdout'>, value: unknown): void {
  context.stdout.write(`${toJson(value)}\n`);
}

/** Refuses a file to write whose name promises something else. @throws DeepviewError `wrong-ending` (exit code 2) */
export function requireEnding(file: string | undefined, endings: readonly string[], otherwise = ''): void {
  const ending = extname(file ?? '').toLowerCase();
  if (ending === '' || endings.includes(ending)) return;
  const those = endings.length === 1 ? endings[0] : `${endings.slice(0, -1).join(', ')} or ${endings.at(-1)}`;
  throw misuse(
    'wrong-ending',
    `nothing of the kind ${printable(ending, 20)} is written`,
    `End it in ${those}${otherwise}.`,
  );
}

/**
 * Columns of text, padded to line up.
 * @param right columns whose cells end at the same place; numbers do so anyway
 */
export function formatTable(rows: readonly (readonly (string | number)[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, textWidth(String(cell)))));
  }
  const padded = (cell: string | number, column: number): string => {
    const padding = ' '.repeat(widths[column] - textWidth(String(cell)));
    return typeof cell === 'number' || right.includes(column) ? `${padding}${cell}` : `${cell}${padding}`;
  };
  return rows.map((row) => row.map(padded).join('  ').trimEnd());
}

/** One line of progress: `downloading CIFAR-10  45 %  62.0 of 139 MB  31.2 MB/s  3 s left`. */
function formatProgress(progress: Progress): string {
  const amount = (value: number): string =>
    progress.unit === 'bytes' ? formatBytes(value) : String(Math.round(value));
  const parts = [progress.label];
  if (progress.unit === 'seconds') parts.push(secondsInWords(progress));
  else if (progress.total) {
    parts.push(`${Math.floor((100 * progress.done) / progress.total)} %`);
    parts.push(`${amount(progress.done)} of ${amount(progress.total)}`);
  } else if (progress.done > 0) parts.push(amount(progress.done));
  if (progress.rate) parts.push(`${amount(progress.rate)}/s`);
  if (progress.secondsLeft !== undefined) parts.push(`${formatDuration(progress.secondsLeft)} left`);
  return parts.join('  ');
}

/**
 * Reports long steps on standard error: one line rewritten in place on a terminal, else a line at the start of each
 * step and every ten seconds. Call `end` when the step is over.
 */
export function progressReporter(
  context: { stderr: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'> },
  now: () => number = () => performance.now(),
): { onProgress: (progress: Progress) => void; onNotice: (notice: string) => void; end: () => void } {
  const { stderr } = context;
  let label: string | undefined;
  let last = -Infinity;
  let open = false;
  const end = (): void => {
    if (open) stderr.write('\n');
    open = false;
  };
  return {
    onProgress(progress) {
      const fresh = progress.label !== label;
      const complete = progress.total !== undefined && progress.done >= progress.total;
      if (!fresh && !complete && now() - last < (stderr.isTTY ? 100 : 10_000)) return;
      if (fresh) end();
      label = progress.label;
      last = now();
      const line = harmless(formatProgress(progress));
      if (stderr.isTTY) {
        stderr.write(`\r${cut(line, Math.max(20, windowSize(stderr, {}).columns - 1), '')}\u001b[K`);
        open = true;
      } else stderr.write(`${line}\n`);
    },
    onNotice(notice) {
      end();
      printNotice(context, notice);
    },
    end,
  };
}

/**
 * Runs a long step that reports to standard error; under --json, where that belongs to one error object, silently.
 * @param work gets where it reports to
 */
export async function reporting<Result>(
  context: Pick<CommandContext, 'json' | 'stderr'>,
  work: (report: Pick<StepContext, 'onProgress' | 'onNotice'>) => Promise<Result>,
): Promise<Result> {
  const { end, ...report } = progressReporter(context);
  try {
    return await work(context.json ? { onProgress: () => undefined, onNotice: () => undefined } : report);
  } finally {
    end();
  }
}
