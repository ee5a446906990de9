import { chmod, cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { temporary } from '../engine/run/sample-run.ts';
import { sharedRecording } from '../scripts/recorded-run.ts';
import { keys, type TestTerminal } from '../support/terminal/open-terminal.ts';
import { expectCalm, newPerson, openProgram, program, runProgram, type Ended, type Person } from './support.ts';

const nodeModules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** The program as a package of its own, with a recorded run in its samples that may not be written. */
async function withDemo(): Promise<{ cli: string; samples: string }> {
  const home = await temporary();
  await cp(dirname(program), join(home, 'dist'), { recursive: true });
  await symlink(nodeModules, join(home, 'node_modules'));
  await mkdir(join(home, 'samples'));
  const samples = join(home, 'samples/demo');
  await cp((await sharedRecording()).output, samples, { recursive: true });
  await chmod(samples, 0o555);
  onTestFinished(() => chmod(samples, 0o755));
  return { cli: join(home, 'dist/cli.js'), samples };
}

/** Nothing can be reached from there. */
const nowhere = Object.fromEntries(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'NPM_CONFIG_REGISTRY', 'PIP_INDEX_URL'].map((name) => [name, 'http://127.0.0.1:9']),
);

const opened = (cli: string, person: Person, size: { columns: number; rows: number }, args = ['demo']): TestTerminal =>
  openProgram(person, args, { ...size, env: nowhere, timers: true }, cli);

it.each([
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
])('the demo opens without network, engine or data, and plays its epochs ($columns x $rows)', async (size) => {
  const { cli, samples } = await withDemo();
  const person = await newPerson();
  const terminal = opened(cli, person, size);
  await terminal.waitFor(/finished/);
  await terminal.waitFor(/, epoch 3 /);
  expect(terminal.text()).toMatch(/tiny/);
  // Slowly enough that every epoch is seen.
  terminal.press('<', '<', ' ');
  await terminal.waitFor(/playing/);
  await terminal.waitFor(/, epoch 1 /);
  await terminal.waitFor(/, epoch 2 /);
  await terminal.waitFor(/, epoch 3 /);
  await terminal.waitFor(/finished/);
  await expectCalm(person, terminal);

  // A layer and a neuron: their map, patches and pictures are there.
  terminal.press(keys.enter);
  await terminal.waitFor(/clusters|neurons/);
  terminal.press(keys.tab);
  await terminal.waitFor(/\d clusters? +average linkage/);
  terminal.press(keys.enter, keys.enter);
  await terminal.waitFor(/activations by class/);
  terminal.press(' ');
  await terminal.waitFor(/playing/);
  expect(terminal.text()).toContain('space pause');
  terminal.press(keys.escape);
  await terminal.waitFor(/finished/);
  terminal.press('q');
  expect(await terminal.waitForEnd()).toMatchObject({ code: 0 });
  // Nothing was left in it, nor trained.
  expect((await readdir(samples)).sort()).toEqual(['epochs', 'epochs.jsonl', 'features', 'images', 'run.json']);
  await expect(readdir(person.runs)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('the home screen offers it', async () => {
  const { cli } = await withDemo();
  const terminal = opened(cli, await newPerson(), { columns: 80, rows: 24 }, []);
  await terminal.waitFor(/demo +a recorded run/);
  terminal.press(keys.down, keys.enter);
  await terminal.waitFor(/, epoch 3 /);
  terminal.press(keys.escape);
  await terminal.waitFor(/train lenet on CIFAR-10/);
});

it('show, open and demo print it, as text and JSON; what would change it may not have it', async () => {
  const { cli } = await withDemo();
  const person = await newPerson();
  const run = (...args: string[]): Promise<Ended> => runProgram(person, args, nowhere, cli);
  const text = await run('demo');
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout).toMatch(/tiny · shapes/);
  expect((await run('show', 'demo')).stdout).toBe(text.stdout);
  const json = JSON.parse((await run('show', 'demo', '--json')).stdout) as { records: unknown[]; layers: unknown[] };
  expect([json.records.length, json.layers.length]).toEqual([3, 2]);
  const layer = JSON.parse((await run('show', 'demo', '1', '--epoch', '2', '--json')).stdout) as object;
  expect(layer).toMatchObject({ clusters: { epoch: 1, k: 5 } });
  const neuron = JSON.parse((await run('show', 'demo', '2/0', '--json')).stdout) as Record<string, unknown>;
  expect(neuron).toMatchObject({ featureEpoch: 1, distributions: { epoch: 3 } });
  expect(neuron['patches']).toHaveLength(30);
  expect(neuron['unavailable']).toBeUndefined();
  const refused = await run('runs', 'rm', 'demo', '--yes');
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('can only be looked at');
});

it('an installation without samples says so', async () => {
  const home = await temporary();
  await cp(dirname(program), join(home, 'dist'), { recursive: true });
  await symlink(nodeModules, join(home, 'node_modules'));
  const ended = await runProgram(await newPerson(), ['demo'], {}, join(home, 'dist/cli.js'));
  expect(ended).toMatchObject({ code: 4, stdout: '' });
  expect(ended.stderr).toContain('no recorded demo run');
});
