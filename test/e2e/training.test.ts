import { spawn } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { openRun } from '../../src/engine/run/index.ts';
import { onEachEngine } from '../support/engines.ts';
import { fewImagesIn } from '../support/few-images.ts';
import { linkEngines } from '../support/training-home.ts';
import type { TestTerminal } from '../support/terminal/open-terminal.ts';
import { keys } from '../support/terminal/open-terminal.ts';
import {
  childrenOf,
  epochsOf,
  expectCalm,
  isAlive,
  newPerson,
  onlyRun,
  openProgram,
  program,
  runProgram,
  until,
  type Person,
} from './support.ts';

/** A training that takes some tenths of a second an epoch. */
const images = ['--data', fewImagesIn(inject('shared')), '--probe', '100', '--features', 'off'];
const small = ['shallow', ...images, '--engine', 'wasm'];

/** Makes the process that trains, and no other, write to its standard error behind everybody's back. */
const chatter = `--import=data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  const isTrainer = process.argv[1]?.endsWith('trainer-process.js');
  if (isTrainer) setInterval(() => writeSync(2, 'said by native code\\n'), 20).unref();
`)}`;

/** The process that trains, from the run's own record. */
async function trainerOf(directory: string): Promise<number> {
  return until('the trainer', async () => {
    const { pid } = JSON.parse(await readFile(join(directory, 'status.json'), 'utf8')) as { pid: number };
    return pid;
  });
}

/** Trains on the screen; its trainer ends with the test, whatever became of the screen. */
async function training(
  person: Person,
  epochs: number,
  options: Parameters<typeof openProgram>[2] = {},
): Promise<{ terminal: TestTerminal; directory: string; trainer: number }> {
  const terminal = openProgram(person, ['train', ...small, '--epochs', String(epochs)], options);
  const directory = await onlyRun(person);
  const trainer = await trainerOf(directory);
  onTestFinished(async () => {
    if (isAlive(trainer)) process.kill(trainer, 'SIGKILL');
    await until('the end of the trainer', () => Promise.resolve(!isAlive(trainer)));
  });
  return { terminal, directory, trainer };
}

const enough = 90_000;
// A busy machine takes its time; nothing here is about speed.
vi.setConfig({ testTimeout: 300_000 });

describe('training on the screen', () => {
  it('shows epochs as they come, is paused, resized, cancelled leaving, and detached; it then finishes alone', async () => {
    const person = await newPerson();
    // An epoch takes tenths of a second: of few of them all would be over before a key arrives.
    const epochs = 40;
    const { terminal, directory, trainer } = await training(person, epochs);
    await terminal.waitFor(/epoch +\d+\/40/, enough);
    await terminal.waitFor(
      (shown) =>
        shown
          .screen()
          .flat()
          .some((cell) => cell.background),
      enough,
    );
    await until('an epoch', async () => (await epochsOf(directory)).length >= 1, enough);
    terminal.press('p');
    await terminal.waitFor(/paused/, enough);
    terminal.resize(120, 40);
    await terminal.waitFor((shown) => (shown.text().split('\n')[0] ?? '').length > 80);
    terminal.press('q');
    await terminal.waitFor('Training is under way');
    terminal.press('c');
    await terminal.waitFor((shown) => !shown.text().includes('Training is under way'));
    terminal.press('p');
    await terminal.waitFor((shown) => !/paused/.test(shown.text()), enough);
    terminal.press('q');
    await terminal.waitFor('Training is under way');
    terminal.press('d');
    expect((await terminal.waitForEnd(enough)).code).toBe(0);
    expect(terminal.text()).toContain('training goes on');
    expect(terminal.isAlternate).toBe(false);
    expect(isAlive(trainer)).toBe(true);

    // Somebody else may look on while it grows.
    const watcher = openProgram(person, ['watch', 'last']);
    await watcher.waitFor(/epoch +\d+\/40/, enough);
    await watcher.waitFor(/epoch +40\/40/, enough);
    await watcher.waitFor(/finished/, enough);
    watcher.press('q');
    await watcher.waitForEnd();
    await until('the end of the trainer', () => Promise.resolve(!isAlive(trainer)), enough);
    expect(await epochsOf(directory)).toHaveLength(epochs);
    expect((await runProgram(person, ['runs'])).stdout).toMatch(/finished +40\/40/);
  });

  it('stops after the epoch when asked to, with 130', async () => {
    const person = await newPerson();
    const { terminal, directory } = await training(person, 200);
    await terminal.waitFor(/epoch +1\/200/, enough);
    terminal.press(keys.ctrlC);
    await terminal.waitFor('Training is under way');
    terminal.press('s');
    await terminal.waitFor('Press s again');
    terminal.press('s');
    expect((await terminal.waitForEnd(enough)).code).toBe(130);
    expect(terminal.text()).toContain('train --resume');
    const { length } = await epochsOf(directory);
    expect(length).toBeGreaterThanOrEqual(1);
    expect((await runProgram(person, ['runs'])).stdout).toMatch(new RegExp(`stopped +${length}/200`));
  });

  // With each engine the largest images that it whitens: its library is then at it for ten seconds.
  onEachEngine(
    it,
    'is left at once while the %s engine decomposes a matrix, without leaving half a cache',
    async (engine) => {
      const person = await newPerson();
      const paths = pathsFor(person.env);
      await linkEngines(paths);
      const network = fileURLToPath(new URL('../../samples/networks/mlp.json', import.meta.url));
      const size = engine === 'wasm' ? '18' : '32';
      const data = ['--data', 'shapes', '--limit', '200', '--image-size', size];
      const words = ['train', network, ...data, '--preparation', 'whitening'];
      const terminal = openProgram(person, [...words, '--engine', engine]);
      await terminal.waitFor('finding the directions', enough);
      await terminal.waitFor(/[1-9]\d* s(?: of|;) about \d+ s/, enough);
      const listed = JSON.parse((await runProgram(person, ['runs', '--json'])).stdout) as { runs: object[] };
      expect(listed.runs).toMatchObject([{ network: 'mlp', dataset: 'shapes', state: 'preparing', prepared: false }]);
      terminal.press(keys.ctrlC);
      await terminal.waitFor('Training is under way');
      terminal.press('x');
      await terminal.waitFor('Press x again');
      terminal.press('x');
      expect((await terminal.waitForEnd(enough)).code).toBe(130);
      expect(terminal.isAlternate).toBe(false);
      expect(await readdir(join(paths.cache, 'whitened'))).toEqual([]);
      expect(await readdir(person.runs)).toEqual([]);
    },
  );

  it('goes on when its terminal is closed, and is seen to have crashed when it is killed', async () => {
    const person = await newPerson();
    const { terminal, directory, trainer } = await training(person, 200);
    await terminal.waitFor(/epoch +1\/200/, enough);
    const screen = terminal.pid;
    await terminal.close();
    await until('the end of the screen', () => Promise.resolve(!isAlive(screen)));
    const { length } = await epochsOf(directory);
    await until('another epoch', async () => (await epochsOf(directory)).length > length, enough);
    expect((await runProgram(person, ['runs'])).stdout).toContain('running');
    process.kill(trainer, 'SIGKILL');
    await until('the end of the trainer', () => Promise.resolve(!isAlive(trainer)));
    expect((await runProgram(person, ['runs'])).stdout).toContain('crashed');
  });

  it('is paused, continued and stopped from elsewhere, whether its terminal is there or not', async () => {
    const person = await newPerson();
    const { terminal, directory } = await training(person, 200);
    const id = basename(directory);
    await terminal.waitFor(/epoch +1\/200/, enough);
    const paused = await runProgram(person, ['runs', 'pause', id]);
    expect(paused).toMatchObject({ code: 0, stdout: `Asked ${id} to pause.\n${id} is paused.\n` });
    await terminal.waitFor(/paused/, enough);
    expect((await runProgram(person, ['runs', 'pause', id])).stdout).toBe(`${id} is paused.\n`);
    await terminal.close();

    const watcher = openProgram(person, ['watch', id]);
    await watcher.waitFor(/paused/, enough);
    watcher.press('p');
    await watcher.waitFor((shown) => !/paused/.test(shown.text()), enough);
    await until('an epoch', async () => (await epochsOf(directory)).length >= 1, enough);
    const other = openProgram(person, []);
    await other.waitFor(/shallow/, enough);
    other.press('G');
    await other.waitFor(/▸.*shallow/);
    other.press(keys.enter);
    await other.waitFor(/epoch +\d+\/200[^]*● live/, enough);
    other.press('p');
    await watcher.waitFor(/paused/, enough);
    watcher.press('q');
    await watcher.waitFor('Training is under way');
    watcher.press('s');
    await watcher.waitFor('Press s again');
    watcher.press('s');
    expect((await watcher.waitForEnd(enough)).code).toBe(0);
    await other.waitFor(/stopped/, enough);
    other.press('q');
    await other.waitForEnd();
    expect(other.text()).toContain(`deepview-tui open ${id}`);
    const { length } = await epochsOf(directory);
    expect((await runProgram(person, ['runs'])).stdout).toMatch(new RegExp(`stopped +${length}/200`));
    const late = await runProgram(person, ['runs', 'continue', id]);
    expect(late).toMatchObject({ code: 1, stdout: '' });
    expect(late.stderr).toContain('it is stopped');
  });

  it('keeps what native code prints off the terminal: it is in the log', async () => {
    const person = await newPerson();
    const { terminal, directory } = await training(person, 1, { timers: true, env: { NODE_OPTIONS: chatter } });
    await terminal.waitFor(/finished/, enough);
    expect(await epochsOf(directory)).toHaveLength(1);
    expect(await readFile(person.log, 'utf8')).toContain('said by native code');
    await expectCalm(person, terminal);
    expect(terminal.raw).not.toContain('said by native code');
    // Two screens of the same state, one of them drawn from nothing: whatever else was written would be a difference.
    const [before, sent] = [terminal.text(), terminal.bytes];
    terminal.press('r');
    await terminal.waitFor(() => terminal.bytes > sent);
    await expectCalm(person, terminal);
    expect(terminal.text()).toBe(before);
  });
});

describe('training in the process of the screen', () => {
  it('is one process, says that it ends with it, and trains to the end', async () => {
    const person = await newPerson();
    const terminal = openProgram(person, ['train', ...small, '--epochs', '2', '--in-process']);
    const directory = await onlyRun(person);
    expect(await trainerOf(directory)).toBe(terminal.pid);
    await terminal.waitFor(/epoch +1\/2/, enough);
    expect(await childrenOf(terminal.pid)).toEqual([]);
    await terminal.waitFor(/finished/, enough);
    terminal.press('q');
    expect((await terminal.waitForEnd(enough)).code).toBe(0);
    expect(await epochsOf(directory)).toHaveLength(2);
  });

  it('asks, when it is left, only whether to stop it', async () => {
    const person = await newPerson();
    const terminal = openProgram(person, ['train', ...small, '--epochs', '200', '--in-process']);
    await terminal.waitFor(/epoch +1\/200/, enough);
    terminal.press('q');
    await terminal.waitFor('ends with it');
    expect(terminal.text()).not.toContain('training goes on');
    terminal.press('d');
    await terminal.waitFor('stop it, or stay');
    terminal.press('x');
    await terminal.waitFor('Press x again');
    terminal.press('x');
    expect((await terminal.waitForEnd(enough)).code).toBe(130);
    expect(terminal.text()).toContain('train --resume');
    expect((await runProgram(person, ['runs'])).stdout).toMatch(/stopped +\d+\/200/);
  });

  it('is stopped when its terminal is closed, keeps what it has, and goes on from there', async () => {
    const person = await newPerson();
    const terminal = openProgram(person, ['train', ...small, '--epochs', '200', '--in-process']);
    const directory = await onlyRun(person);
    await terminal.waitFor(/epoch +1\/200/, enough);
    await until('an epoch', async () => (await epochsOf(directory)).length >= 1, enough);
    const screen = terminal.pid;
    terminal.signal('SIGHUP');
    expect((await terminal.waitForEnd(enough)).signal).toBe(constants.signals.SIGHUP);
    expect(isAlive(screen)).toBe(false);
    const kept = await openRun(directory);
    expect(kept.state).toBe('stopped');
    const { length } = kept.records;
    expect(length).toBeGreaterThanOrEqual(1);
    for (const { number } of kept.records) expect((await kept.neurons(number, 1)).density.length).toBeGreaterThan(0);
    const words = ['train', '--resume', 'last', '--headless', '--in-process', '--epochs', String(length + 1)];
    const resumed = await runProgram(person, words);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(await epochsOf(directory)).toHaveLength(length + 1);
  });
});

describe('training without a screen', () => {
  it('prints a line an epoch, without any escape sequence, and goes on when it is hung up', async () => {
    const person = await newPerson();
    const running = runProgram(person, ['train', ...small, '--epochs', '2', '--headless']);
    const trainer = await trainerOf(await onlyRun(person));
    // The second field after the name in brackets.
    const [, parent] = (await readFile(`/proc/${trainer}/stat`, 'utf8')).split(') ')[1].split(' ');
    process.kill(Number(parent), 'SIGHUP');
    const ended = await running;
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout.match(/^ +[12]\/2 /gm)).toHaveLength(2);
    expect(ended.stdout + ended.stderr).not.toContain('\u001b');
    expect(await epochsOf(await onlyRun(person))).toHaveLength(2);
  });

  it('prints events as JSON, and goes on where it ended', async () => {
    const person = await newPerson();
    const ended = await runProgram(person, ['train', ...small, '--epochs', '1', '--json']);
    const events = ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.filter((event) => event.type === 'epoch')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: 'state', state: 'finished' });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('goes on without a reader', async () => {
    const person = await newPerson();
    const words = [process.execPath, program, 'train', ...small, '--epochs', '2', '--headless'];
    const shell = spawn('sh', ['-c', '("$@"; echo "code $?" >&2) 2>&1 >&3 | cat >&2', 'sh', ...words], {
      env: person.env,
      cwd: person.home,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    shell.stdio[3]?.destroy();
    let stderr = '';
    shell.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await new Promise((resolve) => shell.on('close', resolve));
    expect(stderr).toContain('code 0');
    expect(await epochsOf(await onlyRun(person))).toHaveLength(2);
  });

  it.runIf(process.platform === 'linux')('goes on when its lines find no room, and says so once', async () => {
    const person = await newPerson();
    const words = [process.execPath, program, 'train', ...small, '--epochs', '1', '--headless'];
    const shell = spawn('sh', ['-c', '"$@" > /dev/full', 'sh', ...words], {
      env: person.env,
      cwd: person.home,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    expect(await new Promise((resolve) => shell.on('close', resolve))).toBe(0);
    expect(stderr.split('cannot write standard output: the disk is full')).toHaveLength(2);
    expect(await epochsOf(await onlyRun(person))).toHaveLength(1);
  });

  it('is stopped by runs stop, keeps its epochs, and goes on with --resume', async () => {
    const person = await newPerson();
    const running = runProgram(person, ['train', ...small, '--epochs', '200', '--headless']);
    const directory = await onlyRun(person);
    await until('an epoch', async () => (await epochsOf(directory)).length >= 1, enough);
    expect((await runProgram(person, ['runs', 'rm', 'last', '--yes'])).stderr).toContain('is being trained');
    expect((await runProgram(person, ['runs', 'stop', 'last'])).code).toBe(0);
    expect((await running).code).toBe(130);
    const stopped = await epochsOf(directory);
    expect((await runProgram(person, ['runs'])).stdout).toContain('stopped');

    const again = runProgram(person, ['train', '--resume', 'last', '--headless']);
    await until('a later epoch', async () => (await epochsOf(directory)).length > stopped.length, enough);
    expect((await epochsOf(directory)).slice(0, stopped.length)).toEqual(stopped);
    await runProgram(person, ['runs', 'stop', 'last']);
    await again;
    expect((await runProgram(person, ['runs', 'rm', 'last', '--yes'])).code).toBe(0);
    expect((await runProgram(person, ['runs'])).stdout).toContain('no runs');
  });
});
