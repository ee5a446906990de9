import { spawn } from 'node:child_process';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programPath } from '../../../src/engine/base/program-files.ts';
import { checkpointEpochs, eventsOf, featureEpochs, openRun } from '../../../src/engine/run/index.ts';
import type { RunEvent, TrainingRequest } from '../../../src/engine/training/messages.ts';
import { startTraining } from '../../../src/engine/training/trainer-client.ts';
import { trainedRun } from '../../support/shared.ts';
import {
  epochsOf,
  numbersOf,
  smallRequest,
  statusReached,
  trainingHome,
  watchTraining,
  type TrainingHome,
} from '../../support/training-home.ts';

let home: TrainingHome;
beforeAll(async () => (home = await trainingHome()));
afterAll(() => home.remove());

const isEpoch = (number: number) => (event: RunEvent) => event.type === 'epoch' && event.record.epoch === number;
const manyEpochs = 200;

describe('a training in its own process', () => {
  it('gives the same numbers whether or not it is interrupted', async () => {
    const whole = await trainedRun();
    expect(await readdir(join(whole, 'checkpoints'))).toContain('000003.safetensors');

    const run = join(home.directory, 'parts');
    const first = watchTraining(home, smallRequest({ epochs: 3, run }));
    await first.seen((event) => event.type === 'batch');
    first.client.send({ type: 'stop', when: 'after-epoch' });
    expect(await first.end).toEqual({ state: 'stopped' });
    expect(epochsOf(first.events)).toHaveLength(1);

    const header = await readFile(join(run, 'run.json'), 'utf8');
    await writeFile(join(run, 'run.json'), header.replace(/"cpu":"[^"]*"/, '"cpu":"Z80"'));
    const second = watchTraining(home, smallRequest({ resume: run, seed: 99, network: 'lenet' }));
    expect(await second.end).toEqual({ state: 'finished' });
    const notices = second.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
    expect(notices).toEqual([
      expect.stringMatching(/^the run began on Z80 \(\d+ threads? on \d+ cores?\); it goes on on /),
    ]);
    expect(numbersOf(epochsOf(second.events))).toEqual(
      numbersOf(epochsOf(eventsOf(await openRun(whole, { wanted: [] })))),
    );
    expect(await statusReached(run, 'finished')).toBe('finished');
    expect(await readdir(run)).not.toContain('lock.json');
    const lines = (await readFile(join(run, 'epochs.jsonl'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(3);

    const third = watchTraining(home, smallRequest({ resume: run }));
    expect(await third.end).toMatchObject({ state: 'failed', error: { code: 'run-finished', exitCode: 2 } });
  });

  it('is stopped by SIGTERM, and keeps what it has', async () => {
    const run = join(home.directory, 'terminated');
    const told = join(home.directory, 'told');
    const notify = `echo "$DEEPVIEW_STATE $DEEPVIEW_RUN_ID $DEEPVIEW_EPOCH" > '${told}'; echo heard; exit 3`;
    const { client, seen, end, events } = watchTraining(home, smallRequest({ epochs: manyEpochs, run, notify }));
    await seen(isEpoch(1));
    // Nobody looks: it is an ordinary job.
    expect(getPriority(client.processId)).toBe(getPriority());
    process.kill(client.processId ?? 0, 'SIGTERM');
    expect(await end).toEqual({ state: 'stopped' });
    expect(await statusReached(run, 'stopped')).toBe('stopped');
    const lines = (await readFile(join(run, 'epochs.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(1);
    expect(lines).toHaveLength(epochsOf(events).length);
    await expect.poll(() => readFile(told, 'utf8').catch(() => '')).toMatch(/^stopped terminated [1-9]\d*\n$/);
    await expect.poll(() => readFile(home.paths.log, 'utf8')).toContain('heard');
    await expect.poll(() => readFile(home.paths.log, 'utf8')).toContain('--notify ended with code 3');
  });

  it('that is killed is reported with its log, and can be gone on with', async () => {
    const run = join(home.directory, 'killed');
    const { client, seen, end } = watchTraining(home, smallRequest({ epochs: 2, run }));
    await seen(isEpoch(1));
    process.kill(client.processId ?? 0, 'SIGKILL');
    expect(await end).toMatchObject({
      state: 'crashed',
      error: { code: 'trainer-died', hint: expect.stringContaining(home.paths.log) as string },
    });
    const after = watchTraining(home, smallRequest({ resume: run }));
    expect(await after.end).toEqual({ state: 'finished' });
    expect(epochsOf(after.events).map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  it('ends with an error when its directory vanishes', async () => {
    const run = join(home.directory, 'vanishing');
    const { seen, end } = watchTraining(home, smallRequest({ epochs: manyEpochs, run }));
    await seen(isEpoch(1));
    await rename(run, `${run}-away`);
    expect(await end).toMatchObject({ state: 'failed', error: { message: expect.stringContaining(run) as string } });
  });

  it('ends with an error when its directory can no longer be written', async () => {
    const run = join(home.directory, 'blocked');
    const { seen, end } = watchTraining(home, smallRequest({ epochs: manyEpochs, run, features: 1 }));
    await seen(isEpoch(1));
    await rename(join(run, 'epochs'), join(run, 'epochs-away'));
    await writeFile(join(run, 'epochs'), 'in the way');
    expect(await end).toMatchObject({ state: 'failed', error: { code: 'not-a-directory' } });
    // What an epoch comes with was there before it: one that is committed lacks nothing, whenever the writer ends.
    const committed = (await readFile(join(run, 'epochs.jsonl'), 'utf8')).trim().split('\n').length;
    expect((await featureEpochs(run)).at(-1)).toBe(committed + 1);
    expect((await checkpointEpochs(run)).at(-1)).toBe(committed + 1);
    await rm(join(run, 'epochs'));
    await rename(join(run, 'epochs-away'), join(run, 'epochs'));
    expect(epochsOf((await resumed(run)).events).length).toBeGreaterThanOrEqual(1);
  });

  /** Goes on with a run until its first event of training, then stops it. */
  async function resumed(run: string) {
    const watched = watchTraining(home, smallRequest({ resume: run }));
    await watched.seen((event) => event.type === 'batch');
    watched.client.send({ type: 'stop', when: 'now' });
    expect(await watched.end).toEqual({ state: 'stopped' });
    return watched;
  }

  it('says why it cannot have what was asked for by name', async () => {
    const { end } = watchTraining(home, smallRequest({ data: 'cifar01' }));
    expect(await end).toMatchObject({ state: 'failed', error: { code: 'unknown-dataset', exitCode: 2 } });
  });
});

describe('a training whose parent is killed', () => {
  async function orphaned(interactive: boolean, request: TrainingRequest): Promise<void> {
    const fixture = fileURLToPath(new URL('fixtures/parent.mjs', import.meta.url));
    const parent = spawn(
      process.execPath,
      [fixture, programPath('trainer-process'), String(interactive), JSON.stringify(request)],
      { env: home.env, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    for await (const line of createInterface({ input: parent.stdout })) {
      if ((JSON.parse(line) as RunEvent).type === 'batch') break;
    }
    parent.kill('SIGKILL');
  }

  it('goes on when it was started from a screen', async () => {
    const run = join(home.directory, 'orphan');
    await orphaned(true, smallRequest({ epochs: 3, run }));
    expect(await statusReached(run, 'finished', 'stopped', 'failed')).toBe('finished');
    expect((await readFile(join(run, 'epochs.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(3);
  });

  it('stops when it was not', async () => {
    const run = join(home.directory, 'headless');
    await orphaned(false, smallRequest({ epochs: manyEpochs, run }));
    expect(await statusReached(run, 'finished', 'stopped', 'failed')).toBe('stopped');
  });
});

describe('a training in this process', () => {
  it('gives the same numbers as one in its own, and stops when it is let go', async () => {
    const run = join(home.directory, 'inside');
    const whole = watchTraining(home, smallRequest({ epochs: 3, run }), { inProcess: true });
    expect(whole.client.processId).toBe(process.pid);
    expect(await whole.end).toEqual({ state: 'finished' });
    expect(numbersOf(epochsOf(whole.events))).toEqual(
      numbersOf(epochsOf(eventsOf(await openRun(await trainedRun(), { wanted: [] })))),
    );

    const more = watchTraining(home, smallRequest({ epochs: manyEpochs }), { inProcess: true, interactive: true });
    const begun = await more.seen((event) => event.type === 'run');
    await more.seen(isEpoch(1));
    more.client.detach();
    expect(await more.end).toEqual({ state: 'stopped' });
    if (begun.type !== 'run') throw new Error('unreachable');
    expect(await statusReached(begun.directory, 'stopped')).toBe('stopped');
    expect(await readdir(begun.directory)).not.toContain('lock.json');
  });
});

describe('the client', () => {
  it('reports a process that dies at once', async () => {
    const program = join(home.directory, 'dies.mjs');
    await writeFile(program, 'console.error("last words"); process.exit(7);');
    const client = startTraining(smallRequest(), { interactive: false, paths: home.paths, env: home.env, program });
    const states: RunEvent[] = [];
    client.subscribe((event) => states.push(event));
    const end = await client.exited;
    expect(end).toMatchObject({ state: 'crashed', error: { code: 'trainer-died' } });
    expect(states).toEqual([{ type: 'state', ...end }]);
    client.send({ type: 'pause' });
    expect(await readFile(home.paths.log, 'utf8')).toContain('last words');
  });

  it('keeps its log from others, and puts it aside once it is long', async () => {
    const program = join(home.directory, 'ends.mjs');
    await writeFile(program, '');
    const paths = { ...home.paths, log: join(home.directory, 'long', 'log') };
    const begun = (): Promise<unknown> =>
      startTraining(smallRequest(), { interactive: false, paths, env: home.env, program }).exited;
    const before = process.umask(0);
    await begun().finally(() => process.umask(before));
    expect((await stat(paths.log)).mode & 0o777).toBe(0o600);
    const full = 'x'.repeat(4 * 2 ** 20);
    await writeFile(paths.log, full);
    await begun();
    expect(await readdir(join(home.directory, 'long'))).toEqual(['log']);
    expect((await stat(paths.log)).size).toBeGreaterThan(full.length);
    await begun();
    expect((await readdir(join(home.directory, 'long'))).sort()).toEqual(['log', 'log.1']);
    expect((await readFile(`${paths.log}.1`, 'utf8')).startsWith(full)).toBe(true);
    expect((await stat(paths.log)).size).toBeLessThan(1000);
  });

  it('reports a log that cannot be written', async () => {
    const paths = { ...home.paths, log: join(home.directory, 'dies.mjs', 'log') };
    await writeFile(join(home.directory, 'dies.mjs'), '');
    const client = startTraining(smallRequest(), { interactive: false, paths, env: home.env });
    expect(await client.exited).toMatchObject({ state: 'failed', error: { code: 'log-unwritable' } });
  });

  it('lets an interactive training go', async () => {
    const run = join(home.directory, 'detached');
    const { client, seen, end } = watchTraining(home, smallRequest({ run }), { interactive: true });
    await seen((event) => event.type === 'batch');
    client.detach();
    expect(await end).toEqual({ state: 'running' });
    expect(await statusReached(run, 'finished', 'stopped', 'failed')).toBe('finished');
  });

  it('lets keys go first where an interactive training may give way', async () => {
    const env = { ...home.env };
    delete env['DEEPVIEW_GIVE_WAY'];
    const { client, seen, end } = watchTraining({ ...home, env }, smallRequest(), { interactive: true });
    await seen((event) => event.type === 'state');
    expect(getPriority(client.processId)).toBeGreaterThanOrEqual(constants.priority.PRIORITY_BELOW_NORMAL);
    const session = await readFile(`/proc/${client.processId}/autogroup`, 'utf8').catch(() => undefined);
    if (session !== undefined) expect(session).toMatch(/nice 1\d$/m);
    process.kill(client.processId ?? 0, 'SIGKILL');
    expect(await end).toMatchObject({ state: 'crashed' });
  });
});
