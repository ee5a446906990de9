import { commandHelp, programHelp } from './cli/help.ts';
import { commands } from './cli/commands.ts';
import { errorText, exitCodeOf } from './cli/error-edge.ts';
import { findCommand } from './cli/find-command.ts';
import { globalOptions } from './cli/globals.ts';
import { Interruption, isClosedPipe } from './commands/common.ts';
import { exitCodes, type ExitCode } from './engine/base/errors.ts';
import { pathsFor } from './engine/base/paths.ts';
import { programVersion } from './engine/base/version.ts';

const argv = process.argv.slice(2);
const beforeDashes = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
const has = (...flags: string[]): boolean => flags.some((flag) => beforeDashes.includes(flag));
const form = { json: has('--json'), debug: has('--debug') };

/** Help for the command that the first words name; answered without loading the parser. */
function help(): string {
  const width = Math.min(process.stdout.columns || 100, 110);
  const words = beforeDashes.filter((word) => !word.startsWith('-') && word !== 'help');
  const named = words.length === 0 ? undefined : findCommand(commands, words);
  return named ? commandHelp(named, commands, globalOptions, width) : programHelp(commands, globalOptions, width);
}

/** What a write to a reader that went away means: the end, except for commands whose work matters more than their text. */
let closedOutput: 'leave' | 'ignore' = 'leave';

function onOutputError(thrown: unknown): void {
  if (!isClosedPipe(thrown)) fail(thrown);
  else if (closedOutput === 'leave') process.exit(exitCodes.done);
}

/**
 * Ends the process with a message. The message comes after everybody else's undoing at exit, so that a screen that is
 * still open is left before anything is said.
 */
function fail(thrown: unknown): never {
  process.once('exit', () => process.stderr.write(errorText(thrown, form)));
  process.exit(exitCodeOf(thrown));
}

async function run(): Promise<ExitCode> {
  const { parseCommandLine } = await import('./cli/parse.ts');
  const { resolveSettings } = await import('./commands/config.ts');
  const parsed = parseCommandLine(argv, commands, globalOptions);
  const paths = pathsFor(process.env);
  const cwd = process.cwd();
  const { values, origins, files } = await resolveSettings({
    flags: parsed.flags,
    env: process.env,
    userFile: paths.config,
    cwd,
  });
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Whoever asks twice means it. A hang-up comes twice by itself: from the terminal and from the shell.
      const again = interruption.signal.aborted && signal !== 'SIGHUP';
      if (again || !parsed.command.stopsItself) process.exit(exitCodes.interrupted);
      interruption.abort(new Interruption(signal));
    });
  }
  closedOutput = parsed.command.outlivesOutput ? 'ignore' : 'leave';
  return parsed.command.run(
    {
      arguments: parsed.arguments,
      words: parsed.words,
      options: parsed.options,
      settings: values,
      origins,
      configFiles: files,
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
      json: form.json,
      screen: {
        colour: values.color ?? 'auto',
        ascii: values.ascii ?? false,
        mouse: values.mouse ?? true,
        images: values.images ?? 'auto',
      },
    },
  );
}

process.stdout.on('error', onOutputError);
process.stderr.on('error', onOutputError);
process.on('uncaughtException', fail);
if (form.debug) process.setSourceMapsEnabled(true);

if (has('--version', '-v')) process.stdout.write(`${programVersion}\n`);
else if (has('--help', '-h') || argv[0] === 'help') process.stdout.write(help());
else {
  try {
    process.exitCode = await run();
  } catch (thrown) {
    fail(thrown);
  }
}
