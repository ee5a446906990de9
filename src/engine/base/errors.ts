/** What the process says to its caller when it ends. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  findings: 3,
  unreadable: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The JSON form of an error: what `--json` prints on standard error and what crosses thread and process borders. */
export interface ErrorReport {
  /** A stable kebab-case word that programs may test for, such as `unknown-network`. */
  code: string;
  /** What is wrong and where: one line, no stack trace. */
  message: string;
  /** What to do about it. */
  hint?: string;
  /** Only between processes: what the program that shows the error ends with, when that is not 1. */
  exitCode?: ExitCode;
}

/** An error that the user can act on: it names the thing, and the remedy. */
export class DeepviewError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(
    code: string,
    message: string,
    options: { hint?: string | undefined; exitCode?: ExitCode; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DeepviewError';
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? exitCodes.failed;
  }
}

/** Signals that ask a command to end. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof endingSignals)[number];

/** Why a command ends before its end: the reason of its signal's abort. */
export class Interruption extends DeepviewError {
  readonly by: EndingSignal;

  constructor(by: EndingSignal) {
    super('interrupted', `Interrupted by ${by}.`, { exitCode: exitCodes.interrupted });
    this.by = by;
  }
}

/** An error about what lies on the disk or was given: it cannot be read or is not what it should be. Exit code 4. */
export const unreadable = (code: string, message: string, hint?: string, cause?: unknown): DeepviewError =>
  new DeepviewError(code, message, { hint, exitCode: exitCodes.unreadable, cause });

/** An error about what the user asked for: an option, a name. Exit code 2. */
export const misuse = (code: string, message: string, hint?: string): DeepviewError =>
  new DeepviewError(code, message, { hint, exitCode: exitCodes.usage });

/** A report from another thread or process as an error again. */
export function errorOf(report: ErrorReport): DeepviewError {
  return new DeepviewError(report.code, report.message, {
    hint: report.hint,
    ...(report.exitCode !== undefined && { exitCode: report.exitCode }),
  });
}

/** Any thrown value as a report that also says the exit code, for crossing to another thread or process. */
export function crossingReport(thrown: unknown): ErrorReport {
  const report = reportOf(thrown);
  const code = thrown instanceof DeepviewError ? thrown.exitCode : exitCodes.failed;
  return code === exitCodes.failed ? report : { ...report, exitCode: code };
}

/** Any thrown value as a report; an unexpected one gets the code `internal`. */
export function reportOf(thrown: unknown): ErrorReport {
  if (thrown instanceof DeepviewError) {
    return { code: thrown.code, message: thrown.message, ...(thrown.hint && { hint: thrown.hint }) };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message, hint: 'This is a defect; run again with --debug to see where it happened.' };
}

/** The system's error code (`ENOENT`, `ENOSPC`, ...) of a thrown value, if it has one. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Whether the system says that there is nothing at a path. */
export const isAbsence = (thrown: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(systemCode(thrown) ?? '');
