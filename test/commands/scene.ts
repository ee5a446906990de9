import { Readable, Writable } from 'node:stream';
import type { CommandContext } from '../../src/commands/common.ts';
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
    screen: {
      colour: 'none',
      ascii: 'on',
      mouse: false,
      images: 'blocks',
      announce: 'off',
      theme: 'auto',
      colourMap: 'viridis',
    },
  };
  return { context, out: () => printed.out, err: () => printed.err };
}
