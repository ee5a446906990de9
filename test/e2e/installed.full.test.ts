import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { programVersion } from '../../src/engine/base/version.ts';
import { quickEngine } from '../support/engines.ts';
import { linkEngines } from '../support/training-home.ts';
import { keys, openTerminal } from '../support/terminal/open-terminal.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Outside of the checkout: a Node takes 100 MB. */
const nodes = process.env['DEEPVIEW_NODES'] ?? join(pathsFor(process.env).cache, 'nodes');
const run = promisify(execFile);

let folder: string;
let tarball: string;

/** The Node of a version, from npm's packages of it. */
async function nodeOf(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const node = join(nodes, version, 'node_modules', name, 'bin/node');
  const found = await run(node, ['--version']).catch(() => undefined);
  if (found?.stdout !== `v${version}\n`) {
    await run('npm', [
      'install',
      '--no-save',
      '--ignore-scripts',
      '--prefix',
      join(nodes, version),
      `${name}@${version}`,
    ]);
  }
  return node;
}

/** PATH of a machine with this Node and npm, and neither a compiler nor Python. */
async function pathWith(node: string): Promise<string> {
  const path = await mkdtemp(join(folder, 'path-'));
  const found = async (name: string): Promise<string> => (await run('sh', ['-c', `command -v ${name}`])).stdout.trim();
  for (const name of ['sh', 'env', 'npm']) await symlink(await realpath(await found(name)), join(path, name));
  await symlink(node, join(path, 'node'));
  return path;
}

/** Someone who has nothing but that PATH, and the registry's settings of this machine. */
async function stranger(node: string): Promise<{ home: string; env: Record<string, string> }> {
  const home = await mkdtemp(join(folder, 'home-'));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const settings = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_|https?_proxy|no_proxy|NODE_EXTRA)/i.test(name),
  );
  return {
    home,
    env: { ...Object.fromEntries(settings), HOME: home, PATH: await pathWith(node), LANG: 'C.UTF-8' },
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deepview-packed-'));
  // As cloned: what git keeps, and nothing that was installed or built.
  const clean = join(folder, 'checkout');
  const left = ['node_modules', 'dist', '.git', '.venv'];
  await cp(root, clean, { recursive: true, filter: (path) => !left.includes(basename(path)) });
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: clean });
  tarball = join(folder, `deepview-tui-${programVersion}.tgz`);
  await rm(clean, { recursive: true });
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

it('is packed in a clean checkout, with what is built and without source maps', async () => {
  const { stdout } = await run('tar', ['tzf', tarball]);
  const files = stdout.split('\n');
  expect(files).toEqual(expect.arrayContaining(['package/dist/cli.js', 'package/samples/demo/run.json']));
  expect(files.filter((name) => name.endsWith('.map'))).toEqual([]);
  expect((await stat(tarball)).size).toBeLessThan(10e6);
});

describe.each(['20.19.0', '22.23.3', '24.21.0', '26.10.0'])('on Node %s', (version) => {
  it('installs in silence, trains, and shows a run', async () => {
    const node = await nodeOf(version);
    const { home, env } = await stranger(node);
    const installed = await run('npm', ['install', '--global', '--prefix', join(home, 'program'), tarball], { env });
    expect(installed.stdout + installed.stderr).not.toMatch(/warn/i);
    const command = join(home, 'program/bin/deepview-tui');
    expect((await run(command, ['--version'], { env })).stdout).toBe(`${programVersion}\n`);
    await linkEngines(pathsFor({ HOME: home }));
    const training = ['train', 'shallow', '--data', 'shapes', '--limit', '100', '--epochs', '1', '--probe', '100'];
    for (const each of new Set([quickEngine, 'wasm'])) {
      const { stdout } = await run(command, [...training, '--engine', each, '--headless', '--json'], { env });
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string });
      expect(
        events.map(({ type }) => type),
        each,
      ).toContain('epoch');
    }
    const terminal = openTerminal({ command, args: ['demo'], env: { ...env, TERM: 'xterm-256color' } });
    onTestFinished(async () => void (await terminal.close()));
    await terminal.waitFor(/finished/);
    terminal.press(keys.enter);
    await terminal.waitFor(/clusters|neurons/);
    terminal.press(keys.escape);
    await terminal.waitFor(/finished/);
    terminal.press('q');
    expect(await terminal.waitForEnd()).toMatchObject({ code: 0 });
  });
});

it('has at most 150 MB, of two packages and their native parts', async () => {
  const { home, env } = await stranger(process.execPath);
  await run('npm', ['install', '--prefix', home, tarball], { env });
  const { dependencies } = JSON.parse(await readFile(join(home, 'node_modules/deepview-tui/package.json'), 'utf8')) as {
    dependencies: object;
  };
  expect(Object.keys(dependencies)).toEqual(['@napi-rs/image', 'sharp']);
  const files = await readdir(join(home, 'node_modules'), { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => stat(join(file.parentPath, file.name))),
  );
  expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(150e6);
});

it.each(['16.20.2', '18.20.8'])('says in one sentence that Node %s is too old', async (version) => {
  const program = join(folder, 'old');
  if (!existsSync(program)) {
    await mkdir(program);
    await run('tar', ['xzf', tarball, '-C', program]);
  }
  const old = run(await nodeOf(version), [join(program, 'package/dist/cli.js'), 'demo']);
  await expect(old).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: `deepview-tui: Node ${version} is too old: it needs 20.19.0 or newer (https://nodejs.org).\n`,
  });
});
