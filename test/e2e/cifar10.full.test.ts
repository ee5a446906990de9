import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { epochsOf, newPerson, openProgram, runProgram } from './support.ts';

const recompute = fileURLToPath(new URL('../engine/run/recompute.py', import.meta.url));

/**
 * The first whole path on real data: lenet, two epochs on 5 000 CIFAR-10 images with the native engine; its numbers
 * computed again by numpy from the stored samples; its screen looked at. What is installed and fetched already (by
 * .ci/run, with the program's own commands) is used; what is not, the program gets now.
 */
it('trains lenet on CIFAR-10 with the native engine, keeps what it measures, and draws it', async () => {
  const machine = pathsFor();
  const person = await newPerson();
  // Runs of this test's own; engines and data of the machine, with its settings for package indices.
  const surroundings = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const env = {
    ...surroundings,
    XDG_DATA_HOME: join(machine.engines, '../..'),
    XDG_CACHE_HOME: join(machine.cache, '..'),
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
  };
  const directory = join(person.home, 'run');
  const words = ['train', 'lenet', '--data', 'cifar10', '--limit', '5000', '--epochs', '2', '--engine', 'tensorflow'];
  const trained = await runProgram(person, [...words, '--headless', '--run', directory], env);
  expect(trained.stderr.split('\n').filter((line) => line.startsWith('deepview-tui:'))).toEqual([]);
  expect(trained.code).toBe(0);

  const epochs = await epochsOf(directory);
  expect(epochs).toHaveLength(2);
  const [first, second] = epochs;
  expect(second?.scalars['loss/train']).toBeLessThan(first?.scalars['loss/train'] ?? 0);
  // Ten classes by chance: 0.9.
  expect(second?.scalars['error/validation']).toBeLessThan(0.75);

  const shown = await runProgram(person, ['show', directory, '--json'], env);
  expect(shown.code).toBe(0);
  const report = JSON.parse(shown.stdout);
  expect(report.format).toBe(2);
  expect(report.run).toMatchObject({ network: 'lenet', dataset: 'cifar10', state: 'finished' });
  expect(report.layers).toHaveLength(12);
  const file = join(person.home, 'show.json');
  await writeFile(file, shown.stdout);
  const python = process.env['DEEPVIEW_PYTHON'] ?? 'python3';
  const { stdout } = await promisify(execFile)(python, [recompute, directory, file]);
  expect(stdout).not.toBe('');

  const terminal = openProgram(person, ['open', directory], { env });
  await terminal.waitFor(/lenet · cifar10 · tensorflow/);
  await terminal.waitFor(/epoch +2\/2/);
  const labels = (report.layers as { label?: string }[]).flatMap(({ label }) => label ?? []);
  await terminal.waitFor((shown) => labels.every((label) => shown.text().includes(label)));
  const rowOf = (name: string): number => terminal.rowOf(name);
  const cells = terminal.screen()[rowOf('1 conv5-32')] ?? [];
  const colours = new Set(cells.flatMap((cell) => (cell.background ? [cell.background.join()] : [])));
  // Two epochs, two columns, two colours.
  expect(colours.size).toBeGreaterThanOrEqual(2);
  expect(cells.filter((cell) => cell.background).length).toBeGreaterThan(8);
  terminal.press('q');
  expect((await terminal.waitForEnd()).code).toBe(0);
});
