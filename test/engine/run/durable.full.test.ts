import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { expect, test } from 'vitest';
import { builtFile } from '../../../src/engine/base/program-files.ts';
import { joined, stepOf } from '../../support/file-steps.ts';
import { needing } from '../../support/needing.ts';
import { areInstalled } from '../../support/terminal/virtual-display.ts';
import { durablePlace } from './durable-place.ts';
import { inOrder } from './durable-steps.ts';

/** A program knows nothing of tests: what it imports for them is not called. */
const withoutVitest: Plugin = {
  name: 'without-vitest',
  setup(bundler) {
    bundler.onResolve({ filter: /^vitest$/ }, () => ({ path: 'vitest', namespace: 'nothing' }));
    bundler.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {}' }));
  },
};

/** A line of strace as a step: the call, with the paths of its descriptors (`-y`) or its arguments. */
function stepIn(line: string, directory: string): string | undefined {
  const [, call, given] = /^(?:\d+ +)?(\w+)\((.*)$/.exec(line) ?? [];
  if (call === undefined) return undefined;
  if (call.startsWith('rename')) {
    const [from, to] = Array.from(given.matchAll(/"([^"]*)"/g), ([, path]) => path);
    return stepOf(directory, 'rename', from, to);
  }
  return stepOf(directory, /sync/.test(call) ? 'flush' : 'write', /^\d+<([^>]*)>/.exec(given)?.[1] ?? '');
}

const traced = needing(test, 'strace', areInstalled('strace'));

traced('the system is asked to flush what is written before its name, its name before what relies on it', async () => {
  const { directory, wanted } = await durablePlace();
  const program = join(directory, 'program.mjs');
  const steps = fileURLToPath(new URL('durable-steps.ts', import.meta.url));
  await build({
    stdin: {
      contents: `import { writeAll } from ${JSON.stringify(steps)};
        await writeAll(${JSON.stringify(directory)}, ${JSON.stringify(wanted)});`,
      resolveDir: directory,
    },
    ...{ outfile: program, bundle: true, format: 'esm', platform: 'node', plugins: [withoutVitest] },
    external: ['@tensorflow/*', 'sharp'],
    banner: {
      js: "import { createRequire as requireHere } from 'node:module'; const require = requireHere(import.meta.url);",
    },
  });
  // Metrics are computed by it, which lies beside a program.
  await copyFile(builtFile('kernels.wasm'), join(directory, 'kernels.wasm'));
  const trace = join(directory, 'trace');
  const calls = 'write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2';
  await promisify(execFile)('strace', [
    '-f',
    '-y',
    '-qq',
    '-e',
    `trace=${calls}`,
    '-o',
    trace,
    process.execPath,
    program,
  ]);
  const lines = (await readFile(trace, 'utf8')).split('\n');
  expect(joined(lines.map((line) => stepIn(line, directory)))).toEqual(inOrder);
});
