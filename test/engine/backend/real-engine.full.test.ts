import { build } from 'esbuild';
import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { inspect } from '../../../src/engine/backend/tensorflow/layout.ts';
import { start } from '../transfer/child.ts';
import { temporaryDirectory } from '../transfer/support.ts';

/** Beside node_modules, so that the program finds its packages; outside the sources. */
async function program(): Promise<string> {
  const directory = fileURLToPath(
    new URL(`../../../node_modules/.cache/deepview-test-${process.pid}`, import.meta.url),
  );
  await mkdir(directory, { recursive: true });
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  // What the program compiles lies beside it, as the build puts it.
  for (const name of ['tensorflow', 'ask-gpu.cc']) {
    await cp(fileURLToPath(new URL(`../../../dist/${name}`, import.meta.url)), join(directory, name), {
      recursive: true,
    });
  }
  const outfile = join(directory, 'real-engine.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('real-engine-child.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@tensorflow/*'],
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
  });
  return outfile;
}

it('installs the real engine from the package index at first use, and multiplies with it at once at the second', async () => {
  const home = await temporaryDirectory();
  const { XDG_DATA_HOME: _data, XDG_CACHE_HOME: _cache, ...outside } = process.env;
  const env = { ...outside, HOME: home, TF_CPP_MIN_LOG_LEVEL: '3' };
  const path = await program();
  const first = start(path, ['tensorflow'], env);
  expect([await first.ended, first.output()]).toEqual([0, expect.stringContaining('result 7,10,15,22')]);
  expect(first.output()).toContain('downloading');
  const engines = join(home, '.local/share/deepview-tui/engines');
  const directory = join(engines, `tensorflow-2.21.0-cpu-linux-${process.arch}`);
  expect(await inspect(directory, '4.22.0')).toHaveProperty('manifest');
  await expect(stat(`${directory}.lock`)).rejects.toMatchObject({ code: 'ENOENT' });
  const second = start(path, ['auto'], env);
  expect([await second.ended, second.output()]).toEqual([0, expect.stringContaining('tensorflow 2.21.0 cpu')]);
  expect(second.output()).not.toContain('downloading');
}, 600_000);
