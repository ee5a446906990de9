import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NetworkResult } from '../../src/commands/reproduce-table.ts';
import { paperAccuracies, presets } from '../../src/engine/network/presets/index.ts';
import { runHere } from '../support/run-here.ts';
import { quickEngine } from '../support/engines.ts';
import { runCli, type Ran } from '../support/run-cli.ts';
import { statusReached, trainingHome, type TrainingHome } from '../support/training-home.ts';

let home: TrainingHome;
beforeAll(async () => (home = await trainingHome()));
afterAll(() => home.remove());

const run = (args: readonly string[], onOut?: Parameters<typeof runCli>[2]): Promise<Ran> =>
  runCli(home, ['reproduce', ...args], onOut);

/** What trains nothing needs no process. */
const runInside = (args: readonly string[]) => runHere(home.env, home.directory, ['reproduce', ...args]);

const small = ['--data', 'shapes', '--probe', '100', '--engine', quickEngine];
const networksOf = ({ out }: Pick<Ran, 'out'>): NetworkResult[] =>
  (JSON.parse(out) as { networks: NetworkResult[] }).networks;

describe('reproduce', () => {
  it('trains each, says whether its loss falls, and skips what is finished', async () => {
    const args = ['--steps', '6', 'shallow', 'lenet-sig1', 'shallow', ...small, '--directory', 'check'];
    const done = await run(args);
    expect(done.code, done.err).toBe(0);
    const table = done.out.trimEnd().split('\n').slice(-3);
    expect(table[0]).toMatch(
      /^network +paper +measured +difference +epochs +train loss +val loss +mean loss: first +last/,
    );
    expect(table[1]).toMatch(/^shallow +- +\d+\.\d\d % +- +1\/1( +\d\.\d{4}){4} +falls +finished$/);
    expect(table[2]).toMatch(/^lenet-sig1 +- +\d/);

    const again = await run([...args, '--json']);
    expect(again.code, again.err).toBe(0);
    expect(again.err).toContain('shallow: finished before');
    const [shallow, sigmoid, ...others] = networksOf(again);
    expect(others).toEqual([]);
    expect(shallow).toMatchObject({
      network: 'shallow',
      paperAccuracy: null,
      difference: null,
      epochs: { done: 1, planned: 1 },
      learns: true,
      state: 'finished',
      directory: join(home.directory, 'check', 'reproduce-shallow-steps6-shapes'),
    });
    expect(sigmoid?.learns).toBe(true);
    // The same numbers as the run's own record.
    const record = JSON.parse(await readFile(join(shallow?.directory ?? '', 'epochs.jsonl'), 'utf8')) as {
      lossWithin: unknown;
      scalars: Record<string, number>;
    };
    expect(shallow?.meanLoss).toEqual(record.lossWithin);
    expect(shallow?.accuracy).toBe(1 - record.scalars['error/validation']);
  });

  it("puts the paper's accuracies beside those of the paper's images only", async () => {
    const table = ['--table', 'shallow', 'lenet-bn', '--directory', 'none', '--json'];
    const papers = networksOf(await runInside(table));
    expect(papers.map(({ paperAccuracy }) => paperAccuracy)).toEqual([0.7491, null]);
    const others = networksOf(await runInside([...table, '--data', 'cifar100']));
    expect(others.map(({ paperAccuracy }) => paperAccuracy)).toEqual([null, null]);
  });

  it('tells of one that fails, and trains the others', async () => {
    await mkdir(join(home.directory, 'broken', 'reproduce-lenet-steps2-shapes'), { recursive: true });
    await writeFile(join(home.directory, 'broken', 'reproduce-lenet-steps2-shapes', 'run.json'), '{');
    const done = await run(['--steps', '2', 'lenet', 'shallow', ...small, '--directory', 'broken', '--json']);
    expect(done.code).toBe(1);
    expect(done.err).toMatch(/^lenet: .*run\.json: it is not JSON$/m);
    const [failed, trained] = networksOf(done);
    expect(failed).toMatchObject({ network: 'lenet', state: 'failed', error: { code: 'bad-run' }, accuracy: null });
    expect(trained).toMatchObject({ network: 'shallow', state: 'finished', epochs: { done: 1 } });
  });

  it('stops at Ctrl-C with the table so far, and goes on where it was', async () => {
    // Epochs of some hundredths of a second: there must be some left when the signal arrives on a busy machine.
    const args = ['--epochs', '30', '--limit', '50', 'shallow', 'lenet', ...small, '--directory', 'stopped'];
    let asked = false;
    const stopped = await run(args, (out, child) => {
      if (out.includes(' 1/30 ') && !asked) asked = child.kill('SIGINT');
    });
    expect(stopped.code).toBe(130);
    const lines = stopped.out.trimEnd().split('\n');
    expect(lines.at(-2)).toMatch(/^shallow .* stopped$/);
    expect(lines.at(-1)).toMatch(/^lenet +- .* not begun$/);
    const directory = join(home.directory, 'stopped', 'reproduce-shallow-epochs30-limit50-shapes');
    expect(await statusReached(directory, 'stopped', 'failed')).toBe('stopped');
    const committed = (await readFile(join(directory, 'epochs.jsonl'), 'utf8')).trim().split('\n').length;

    let begun = false;
    const resumed = await run(
      args.filter((word) => word !== 'lenet'),
      (out) => {
        begun ||= out.includes(' 30/30 ');
      },
    );
    expect(resumed.code, resumed.err).toBe(0);
    expect(begun).toBe(true);
    // What was committed is told again, not trained again: every epoch has one line.
    const epochs = (await readFile(join(directory, 'epochs.jsonl'), 'utf8')).trim().split('\n');
    expect(epochs).toHaveLength(30);
    expect(committed).toBeLessThan(30);
  });

  it('prints the table of what there is without training', async () => {
    const done = await runInside(['--table', '--directory', 'nowhere']);
    expect(done.code).toBe(0);
    const rows = done.out.trimEnd().split('\n').slice(1);
    expect(rows.map((row) => row.split(' ')[0])).toEqual(presets.map(({ name }) => name));
    expect(rows.every((row) => row.endsWith('not begun'))).toBe(true);
    expect(rows.find((row) => row.startsWith('lenet-bn '))).toMatch(/^lenet-bn +- +- /);
  });

  it.each([
    [['lenet-q'], /there is no network called "lenet-q"/],
    [['--steps', '5', '--epochs', '2'], /--steps excludes --epochs and --limit/],
    [['--steps', '1'], /--steps must be a whole number from 2 to 1000000; it is 1/],
    [['shallow', '--data', 'nothing', '--limit', '5'], /There is no data set nothing/],
  ])('refuses %j', async (args, said) => {
    const done = await runInside(args);
    expect(done).toMatchObject({ code: 2, out: '' });
    expect(done.err).toMatch(said);
  });
});

it('the paper states accuracies of networks that there are', () => {
  for (const name of paperAccuracies.keys()) expect(presets.some((preset) => preset.name === name)).toBe(true);
  expect(paperAccuracies.size).toBe(9);
});
