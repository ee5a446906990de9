import { Readable, Writable } from 'node:stream';
import { commands, globalOptions } from '../../src/cli/commands.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import type { CommandContext } from '../../src/commands/common.ts';
import { resolveSettings } from '../../src/commands/config.ts';
import type { ExitCode } from '../../src/engine/base/errors.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';

/** A command's surroundings without a terminal, and what it printed. */
export function sceneIn(home: string, json = false): { context: CommandContext; out: () => string; err: () => string } {
  const printed = { out: '', err: '' };
  const collector = (key: keyof typeof printed): NodeJS.WriteStream =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        printed[key] += chunk.toString();
        done();
      },
    }) as unknown as NodeJS.WriteStream;
  const env = { HOME: home };
  const context: CommandContext = {
    env,
    cwd: home,
    paths: pathsFor(env),
    version: '0.1.0',
    stdin: Readable.from([]) as unknown as NodeJS.ReadStream,
    stdout: collector('out'),
    stderr: collector('err'),
    signal: new AbortController().signal,
    leaving: new Set(),
    json,
    screen: { colour: 'none', ascii: 'on', mouse: false, images: 'blocks' },
  };
  return { context, out: () => printed.out, err: () => printed.err };
}

/** Runs a command line in this process, as the program would. */
export async function runHere(context: CommandContext, words: readonly string[]): Promise<ExitCode> {
  const parsed = parseCommandLine(words, commands, globalOptions);
  const { values, origins, files } = await resolveSettings({
    flags: parsed.flags,
    env: {},
    userFile: context.paths.config,
    cwd: context.cwd,
  });
  const json = context.json || words.includes('--json');
  return parsed.command.run({ ...parsed, settings: values, origins, configFiles: files }, { ...context, json });
}
