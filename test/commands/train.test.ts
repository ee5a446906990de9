import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunEvent } from '../../src/engine/training/messages.ts';
import { quickEngine } from '../support/engines.ts';
import { fewImagesIn } from '../support/few-images.ts';
import { runCli, type Ran } from '../support/run-cli.ts';
import { runHere } from '../support/run-here.ts';
import { epochsOf, statusReached, trainingHome, type TrainingHome } from '../support/training-home.ts';

let home: TrainingHome;
beforeAll(async () => (home = await trainingHome()));
afterAll(() => home.remove());

const few = ['shallow', '--data', fewImagesIn(inject('shared'))];
const small = [...few, '--batch', '25', '--probe', '100', '--seed', '3', '--features', 'off'];
const train = ['train', ...small, '--engine', quickEngine];

const run = (args: readonly string[], onOut?: Parameters<typeof runCli>[2], env?: NodeJS.ProcessEnv): Promise<Ran> =>
  runCli(home, args, onOut, env);

const directory = (name: string): string => join(home.directory, name);

describe('train without a terminal', () => {
  it('prints a line an epoch under aligned titles, without escape sequences, and resumes the same way', async () => {
    const done = await run([...train, '--epochs', '2']);
    expect(done).toMatchObject({ code: 0 });
    // eslint-disable-next-line no-control-regex
    expect(done.out + done.err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    const lines = done.out.trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(
      new RegExp(`^shallow on few: 100 training and 100 validation images, 2 epochs, batch 25, seed 3, ${quickEngine}`),
    );
    expect(lines[1]).toContain(home.paths.runs);
    expect(lines[2]).toMatch(/^ +epoch +train loss +val loss/);
    expect(lines[3]).toMatch(/^ +1\/2 +\d+\.\d{4} +\d+\.\d{4} +\d+\.\d\d % /);
    expect(lines[4].length).toBe(lines[3].length);
    expect(lines[3].length).toBe(lines[2].length);
    expect(lines[5]).toMatch(/^finished; see it with: deepview-tui open /);

    const again = await run(['train', '--resume', 'last']);
    expect(again).toMatchObject({ code: 2, out: '' });
    expect(again.err).toContain('All 2 epochs of this run are done.');
    expect(again.err).toMatch(/See it with: deepview-tui open \d{8}-\d{4}-shallow-\w{4}$/m);
  });

  it('ends a training that diverges, says what to try, and can go on with it', async () => {
    const place = directory('diverged');
    const wild = [...train, '--epochs', '2', '--run', place, '--learning-rate', '1e6'];
    const ended = await run(wild);
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/The loss (rose to|became) .* in epoch 1, batch \d of 4/);
    expect(ended.err).toContain('--learning-rate 100000. So may --clip-gradient 1,');
    const status = async (): Promise<unknown> => JSON.parse(await readFile(join(place, 'status.json'), 'utf8'));
    expect(await status()).toMatchObject({
      state: 'diverged',
      error: { code: expect.stringMatching(/^loss-/) as string },
    });
    const watched = await run(['watch', place, '--json']);
    expect(watched.out).toContain('"state":"diverged"');
    const again = await run(['train', '--resume', place]);
    expect(again).toMatchObject({ code: 1 });
    expect(again.err).toContain('in epoch 1, batch');
  });

  it('prints one JSON object an event, and goes on when nobody reads any more', async () => {
    const whole = directory('json');
    const done = await run([...train, '--epochs', '2', '--json', '--run', whole]);
    expect(done).toMatchObject({ code: 0, err: '' });
    const events = done.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    expect(events[0]).toEqual({ type: 'state', state: 'preparing' });
    expect(events.at(-1)).toEqual({ type: 'state', state: 'finished' });
    const begun = events.find((event) => event.type === 'run');
    expect(begun).toMatchObject({ directory: whole, header: { format: 2, seed: 3, network: { name: 'shallow' } } });
    expect(epochsOf(events).map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(epochsOf(events)[1].layers.discriminability).toHaveLength(10);
    const known = new Set(['state', 'begun', 'step', 'notice', 'run', 'batch', 'epoch']);
    expect(events.filter((event) => !known.has(event.type))).toEqual([]);

    const unread = directory('unread');
    await run([...train, '--epochs', '2', '--json', '--run', unread], (out, child) => {
      if (out.includes('"type":"run"')) child.stdout?.destroy();
    });
    expect(await statusReached(unread, 'finished', 'stopped', 'failed')).toBe('finished');
  });

  it('stops at Ctrl-C, says how to go on, and ends with 130', async () => {
    const run1 = directory('interrupted');
    let asked = false;
    const stopped = await run([...train, '--epochs', '200', '--run', run1], (out, child) => {
      if (out.includes(' 1/200 ') && !asked) asked = child.kill('SIGINT');
    });
    expect(stopped.code).toBe(130);
    const last = stopped.out.trimEnd().split('\n').at(-1);
    expect(last).toMatch(/^stopped after \d+ of 200 epochs; go on with: deepview-tui train --resume /);
    expect(last).toContain(run1);
    expect(await statusReached(run1, 'stopped', 'failed')).toBe('stopped');
    const committed = (await readFile(join(run1, 'epochs.jsonl'), 'utf8')).trim().split('\n').length;
    expect(last).toContain(`stopped after ${committed} `);
  });

  it('stops at SIGTERM as well, also after it was hung up, and dies of it', async () => {
    const place = directory('terminated');
    let asked = false;
    const stopped = await run([...train, '--epochs', '200', '--run', place], (out, child) => {
      if (out.includes(' 1/200 ') && !asked) asked = child.kill('SIGHUP') && child.kill('SIGTERM');
    });
    expect(stopped).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(stopped.out).toMatch(/^stopped after \d+ of 200 epochs; go on with: /m);
    expect(await statusReached(place, 'stopped', 'failed')).toBe('stopped');
  });
});

describe('train without engine, data and network', () => {
  it('says what could not be had, and trains on what there is', async () => {
    const nowhere = 'http://127.0.0.1:9';
    const env = {
      PATH: process.env['PATH'],
      HOME: directory('bare'),
      NPM_CONFIG_REGISTRY: nowhere,
      PIP_INDEX_URL: nowhere,
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
    };
    const args = ['train', 'shallow', '--limit', '50', '--probe', '100', '--epochs', '1', '--run', directory('least')];
    const done = await run(args, undefined, env);
    expect(done.code).toBe(0);
    expect(done.out).toMatch(/^shallow on shapes: 50 training .*, 1 epoch, batch 50, seed 1, wasm cpu$/m);
    expect(done.err).toMatch(/^the native engine is not available: .* WebAssembly/m);
    expect(done.err).toMatch(/^CIFAR-10 is not available: .* generated shapes instead$/m);

    const named = await run(
      [...args, '--engine', 'tensorflow', '--headless', '--run', directory('none')],
      undefined,
      env,
    );
    expect(named.code).toBe(1);
    expect(named.out).toBe('');
    expect(named.err).toContain('127.0.0.1:9 cannot be reached');
  });
});

describe('train refuses, before anything is fetched,', () => {
  const taken = async (): Promise<string> => {
    await mkdir(directory('taken'), { recursive: true });
    await writeFile(join(directory('taken'), 'run.json'), '{}');
    return directory('taken');
  };

  it.each<[string, string[] | (() => Promise<string[]>), string]>([
    ['no epochs', [...train, '--epochs', '0'], 'epochs'],
    ['an unknown network', ['train', 'lenett'], 'lenet'],
    ['a directory that holds a run', async () => [...train, '--run', await taken()], 'already holds a run'],
    ['a directory below a file', [...train, '--run', '/dev/null/run'], '/dev/null'],
    ['a run that is not there', ['train', '--resume', 'nothing'], 'nothing'],
  ])('%s', async (_, args, words) => {
    const given = typeof args === 'function' ? await args() : args;
    const plain = await runHere(home.env, home.directory, [...given, '--headless']);
    expect(plain.out).toBe('');
    expect(plain.err).toContain(words);
    expect(plain.err.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
    expect([2, 4]).toContain(plain.code);
    const json = await runHere(home.env, home.directory, [...given, '--json']);
    expect(json).toMatchObject({ code: plain.code, out: '' });
    const { error } = JSON.parse(json.err) as { error: { code: string; message: string } };
    expect(error.code).toMatch(/^[a-z-]+$/);
    expect(plain.err).toContain(error.message);
  });
});
