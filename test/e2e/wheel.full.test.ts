import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { programVersion } from '../../src/engine/base/version.ts';
import { quickEngine } from '../support/engines.ts';
import { linkEngines } from '../support/training-home.ts';
import { keys, openTerminal } from '../support/terminal/open-terminal.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

let folder: string;
let bin: string;

/** A Python that makes environments. */
async function findPython(): Promise<string> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const isOne = await run(python, ['-c', 'import venv, ensurepip']).then(
      () => true,
      () => false,
    );
    if (isOne) return python;
  }
  throw new Error('there is no Python with venv; .ci/run installs python3-venv');
}

const wheels = async (): Promise<string[]> => (await readdir(join(folder, 'wheels'))).sort();

async function buildWheel(platform: string): Promise<void> {
  const env = { ...process.env, DEEPVIEW_PYTHON: join(bin, 'python') };
  const args = ['scripts/build-wheel.mjs', platform, '--out', join(folder, 'wheels')];
  await run(process.execPath, args, { cwd: root, env });
}

/** Someone whose PATH has this environment and no Node. */
const stranger = (): Record<string, string> => ({ HOME: join(folder, 'home'), PATH: bin, LANG: 'C.UTF-8' });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deepview-wheel-test-'));
  await run(await findPython(), ['-m', 'venv', join(folder, 'venv')]);
  bin = join(folder, 'venv/bin');
  await mkdir(join(folder, 'home'));
  await buildWheel(`${process.platform}-${process.arch}`);
  const [wheel] = await wheels();
  await run(join(bin, 'pip'), ['install', '--quiet', join(folder, 'wheels', wheel)]);
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

const command = (): string => join(bin, 'deepview-tui');

it('brings the command to an environment without Node', async () => {
  const env = stranger();
  await expect(run('node', ['--version'], { env })).rejects.toMatchObject({ code: 'ENOENT' });
  expect((await run(command(), ['--version'], { env })).stdout).toBe(`${programVersion}\n`);
  const failed = run(command(), ['show', 'nowhere'], { env });
  await expect(failed).rejects.toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('nowhere') });
  await linkEngines(pathsFor({ HOME: env['HOME'] }));
  const training = ['train', 'shallow', '--data', 'shapes', '--limit', '100', '--epochs', '1', '--probe', '100'];
  for (const each of new Set([quickEngine, 'wasm'])) {
    const { stdout } = await run(command(), [...training, '--engine', each, '--headless', '--json'], { env });
    expect(stdout, each).toContain('"type":"epoch"');
  }
});

it('shows the demo, and passes on keys and the end', async () => {
  const terminal = openTerminal({ command: command(), args: ['demo'], env: { ...stranger(), TERM: 'xterm-256color' } });
  onTestFinished(async () => void (await terminal.close()));
  await terminal.waitFor(/finished/);
  terminal.press(keys.enter);
  await terminal.waitFor(/clusters|neurons/);
  terminal.press('q');
  expect(await terminal.waitForEnd()).toMatchObject({ code: 0 });
});

it('watches what Python writes meanwhile', async () => {
  const env = stranger();
  const script = `
import sys
import numpy as np
import deepview_tui as dv
with dv.Run(sys.argv[1], labels=[0, 0, 1, 1], epochs=2, strict=True) as run:
    for epoch in (1, 2):
        run.log(samples={"conv1": np.random.default_rng(epoch).random((4, 3))}, loss={"train": 1 / epoch})
        run.flush()
        print("recorded", flush=True)
        sys.stdin.readline()
`;
  const place = join(folder, 'recorded');
  const python = spawn(join(bin, 'python'), ['-c', script, place], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void python.kill());
  const ended = once(python, 'exit');
  await once(python.stdout, 'data');
  const terminal = openTerminal({
    command: command(),
    args: ['watch', place],
    env: { ...env, TERM: 'xterm-256color' },
  });
  onTestFinished(async () => void (await terminal.close()));
  await terminal.waitFor(/epoch 1\/2/);
  await terminal.waitFor(/live/);
  python.stdin.write('\n');
  await terminal.waitFor(/epoch 2\/2/);
  python.stdin.end('\n');
  await terminal.waitFor(/finished/);
  terminal.press('q');
  expect(await terminal.waitForEnd()).toMatchObject({ code: 0 });
  expect(await ended).toEqual([0, null]);
});

it('is built for other platforms too, each with its own image libraries', async () => {
  const [own] = await wheels();
  await buildWheel('darwin-arm64');
  const other = (await wheels()).find((name) => name !== own) ?? '';
  expect(other).toBe(`deepview_tui-${programVersion}-py3-none-macosx_13_0_arm64.whl`);
  const list = 'import sys, zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))';
  const { stdout } = await run(join(bin, 'python'), ['-c', list, join(folder, 'wheels', other)]);
  const modules = new Set(stdout.match(/(?<=_program\/node_modules\/)(@[^/]+\/)?[^/\n]+/g));
  expect([...modules]).toEqual(
    expect.arrayContaining(['@img/sharp-darwin-arm64', '@napi-rs/image-darwin-arm64', 'deepview-tui', 'sharp']),
  );
  expect([...modules].filter((name) => name.includes('linux'))).toEqual([]);
});
