import { readdir } from 'node:fs/promises';
import { commands, globalOptions } from './cli/commands.ts';
import type { CommandContext } from './commands/common.ts';
import { errorText, helpWidth, isReaderGone, outputError, writeWhole } from './commands/output.ts';
import {
  DeepviewError,
  endingSignals,
  exitCodes,
  Interruption,
  type EndingSignal,
  type ExitCode,
} from './engine/base/errors.ts';
import { outliveTerminal } from './engine/base/hang-up.ts';
import { pathsFor } from './engine/base/paths.ts';
import { harmless } from './engine/base/printable.ts';
import { programVersion } from './engine/base/version.ts';
import { dieOf } from './imaging/terminal/deadly-signals.ts';
import { nonblocking } from './imaging/terminal/nonblocking.ts';

const argv = process.argv.slice(2);
const beforeDashes = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
const has = (...flags: string[]): boolean => flags.some((flag) => beforeDashes.includes(flag));
const form = { json: has('--json'), debug: has('--debug') };

/** Milliseconds that an error waits for a reader that takes nothing. */
const lastWordsFor = 1000;

/** Whether the command goes on when its text cannot be written: its work matters more. */
let isOutlived = false;
let isOutputLost = false;
/** Whether the command has ended, and only its text is still to be taken. */
let isOver = false;
/** Aborted by a signal that asks the command to end, with an `Interruption`. */
const interruption = new AbortController();

function onOutputError(thrown: unknown): void {
  const isGone = isReaderGone(thrown, process.stdout);
  if (isOutlived) {
    if (!isGone && !isOutputLost) process.stderr.write(errorText(outputError(thrown), form));
    isOutputLost = true;
  } else if (isGone) end(exitCodes.done, process.stdout.isTTY ? 'SIGHUP' : undefined);
  else fail(outputError(thrown));
}

/** Ends the process at once: by the signal that asked it to end, or with an exit code. */
function end(code: ExitCode, by?: EndingSignal): never {
  // What is interrupted from the keyboard says so by its exit code, which is that of the signal in a shell.
  if (by === undefined || by === 'SIGINT') process.exit(code);
  dieOf(by);
}

/** The signal to end by after a command that ended so. */
function endedBy(code: ExitCode, thrown?: unknown): EndingSignal | undefined {
  const why: unknown = thrown instanceof Interruption ? thrown : interruption.signal.reason;
  return code === exitCodes.interrupted && why instanceof Interruption ? why.by : undefined;
}

/**
 * Ends the process with a message. The message comes after everybody else's undoing at exit, so that a screen that is
 * still open is left before anything is said.
 */
function fail(thrown: unknown): never {
  process.once('exit', () => process.stderr.write(errorText(thrown, form)));
  const code = thrown instanceof DeepviewError ? thrown.exitCode : exitCodes.failed;
  end(code, endedBy(code, thrown));
}

/** Names that a shell may offer; it prints them as they are. */
const runNames = async (runs: string): Promise<string[]> =>
  (await readdir(runs).catch(() => [])).filter((name) => harmless(name) === name);

/** Resolves when standard output has taken what was written, or does not take it for a while. */
async function written(): Promise<void> {
  if (process.stdout.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, lastWordsFor);
    process.stdout.write('', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function run(): Promise<ExitCode> {
  const { completionFlag, parseCommandLine } = await import('./cli/program.ts');
  const paths = pathsFor(process.env);
  const isCompleting = argv[0] === completionFlag;
  const parsed = parseCommandLine(argv, commands, globalOptions, {
    width: helpWidth(process.stdout, process.env),
    ...(isCompleting && { runs: ['last', ...(await runNames(paths.runs))] }),
  });
  if (parsed.answer || isCompleting) {
    process.stdout.write(`${parsed.answer}\n`);
    return exitCodes.done;
  }
  const { resolveSettings, screenChoices } = await import('./commands/config.ts');
  const cwd = process.cwd();
  const { values, origins, files, troubles } = await resolveSettings({
    flags: parsed.flags,
    env: process.env,
    userFile: paths.config,
    cwd,
    tellsTroubles: parsed.command.tellsTroubles,
  });
  const leaving: CommandContext['leaving'] = new Set();
  isOutlived = Boolean(parsed.command.outlivesOutput);
  for (const signal of endingSignals) {
    process.on(signal, () => {
      // Who hangs up goes away, and does not want the work to end.
      if (signal === 'SIGHUP' && isOutlived) return;
      // A second signal is meant. A hang-up comes twice by itself: from the terminal and from the shell.
      const again = interruption.signal.aborted && signal !== 'SIGHUP';
      const isTidy = parsed.command.stopsItself || leaving.size > 0;
      if (again || isOver || !isTidy) end(exitCodes.interrupted, signal);
      interruption.abort(new Interruption(signal));
      if (parsed.command.stopsItself) return;
      void Promise.all([...leaving].map((over) => over())).then(() => end(exitCodes.interrupted, signal));
    });
  }
  return parsed.command.run(
    {
      arguments: parsed.arguments,
      words: parsed.words,
      options: parsed.options,
      settings: values,
      origins,
      configFiles: files,
      troubles,
    },
    {
      env: process.env,
      cwd,
      paths,
      version: programVersion,
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      signal: interruption.signal,
      leaving,
      json: form.json,
      screen: screenChoices(values),
    },
  );
}

outliveTerminal();
for (const stream of [process.stdout, process.stderr]) writeWhole(stream);
nonblocking(process.stdout);
process.stdout.on('error', onOutputError);
// What is said there is about the work, which goes on.
process.stderr.on('error', () => undefined);
process.on('uncaughtException', fail);
// Node would open a port for a debugger.
process.on('SIGUSR1', () => undefined);
// A write beyond the limit of a file's size fails, and is told of. Ink would end the process at the signal, and where its
// listener is removed the system does.
process.on('SIGXFSZ', () => undefined);
if (form.debug) process.setSourceMapsEnabled(true);

// Loading the parser would double the time of this one.
if (has('--version', '-v')) process.stdout.write(`${programVersion}\n`);
else {
  try {
    const code = await run();
    isOver = true;
    process.exitCode = code;
    const by = endedBy(code);
    // Not before its text is taken.
    if (by !== undefined) process.once('beforeExit', () => end(code, by));
  } catch (thrown) {
    await written();
    fail(thrown);
  }
}
