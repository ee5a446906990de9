import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TestTerminal } from '../support/terminal/open-terminal.ts';
import { keys, openTerminal } from '../support/terminal/open-terminal.ts';
import { statusOf, writeStatus } from '../../src/engine/run/index.ts';
import { headerOf, writeRun } from '../engine/run/sample-run.ts';
import { expectCalm, isAlive, newPerson, openProgram, program, until, type Person } from './support.ts';

/** A person with one finished run of two layers and three epochs, called `tiny`. */
async function withRun(): Promise<Person & { directory: string }> {
  const person = await newPerson();
  const directory = join(person.runs, 'tiny');
  await writeRun(directory, { header: headerOf({ id: 'tiny' }) });
  return { ...person, directory };
}

async function opened(options: Parameters<typeof openProgram>[2] = {}): Promise<TestTerminal> {
  const terminal = openProgram(await withRun(), ['open', 'tiny'], options);
  await terminal.waitFor(/1 conv5-3, epoch 3/);
  return terminal;
}

/** Cells with a background of their own, in the rows of the heatmap. */
const colouredCells = (terminal: TestTerminal): number =>
  terminal
    .screen()
    .flat()
    .filter((cell) => cell.background).length;

/** What must hold of a terminal that was given back. */
function expectRestored(terminal: TestTerminal): void {
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.modes).toEqual({ mouse: false, paste: false, focus: false });
  // The last word about the cursor is that it shows.
  expect(terminal.raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\u001b[?25l'));
}

describe('a finished run', () => {
  it('is drawn as a coloured heatmap with a legend, values and charts', async () => {
    const terminal = await opened();
    expect(terminal.isAlternate).toBe(true);
    expect(terminal.text()).toMatch(/tiny · shapes · wasm/);
    expect(terminal.text()).toMatch(/discriminability +\d/);
    expect(terminal.text()).toMatch(/loss/);
    expect(terminal.text()).toMatch(/top-1/);
    expect(colouredCells(terminal)).toBeGreaterThan(20);
    const colours = new Set(
      terminal
        .screen()
        .flat()
        .map((cell) => cell.background?.join()),
    );
    expect(colours.size).toBeGreaterThan(3);
  });

  it('answers the keys for the cursor, the metric and the scale', async () => {
    const terminal = await opened();
    terminal.press(keys.left);
    await terminal.waitFor(/1 conv5-3, epoch 2/);
    terminal.press('h', 'j');
    await terminal.waitFor(/2 relu, epoch 1/);
    terminal.press(keys.up, keys.end);
    await terminal.waitFor(/1 conv5-3, epoch 3/);
    terminal.press('n');
    await terminal.waitFor(/^ *density/m);
    terminal.press('d');
    await terminal.waitFor(/^ *discriminability/m);
    terminal.press(keys.tab);
    await terminal.waitFor(/^ *density/m);
    terminal.press('s');
    await terminal.waitFor(/all layers|common/);
  });

  it('opens a layer, walks through layers, and comes back without quitting', async () => {
    const terminal = await opened();
    terminal.press(keys.enter);
    await terminal.waitFor(/layer 1 of 2.*conv5-3/);
    terminal.press(']');
    await terminal.waitFor(/layer 2 of 2.*relu/);
    terminal.press(keys.escape);
    await terminal.waitFor(/relu, epoch/);
    terminal.press(keys.escape);
    await terminal.waitFor('This is the first screen');
    expect(terminal.ending).toBeUndefined();
  });

  it('shows help from the key table, and why there is nothing to freeze', async () => {
    const terminal = await opened();
    terminal.press('?');
    await terminal.waitFor('Keys of the network view');
    terminal.press(keys.escape);
    await terminal.waitFor((shown) => !shown.text().includes('Keys of the network view'));
    terminal.press('f');
    await terminal.waitFor('Nothing to freeze');
  });

  it('saves a screenshot that is what is on the screen', async () => {
    const person = await withRun();
    const terminal = openProgram(person, ['open', 'tiny'], { env: { COLORTERM: 'truecolor' } });
    await terminal.waitFor((shown) => /1 conv5-3, epoch 3/.test(shown.text()) && colouredCells(shown) > 20);
    const colours = new Set(
      terminal
        .screen()
        .flat()
        .flatMap((cell) => (cell.background ? [cell.background.join()] : [])),
    );
    terminal.press('S');
    await terminal.waitFor('Saved');
    const folder = join(person.directory, 'screenshots');
    const files = await readdir(folder);
    const png = files.find((name) => name.endsWith('.png')) ?? '';
    const { data, info } = await sharp(join(folder, png)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect(info.width).toBeGreaterThan(80 * 6);
    const painted = new Set<string>();
    for (let at = 0; at < data.length; at += 3) painted.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
    for (const colour of colours) expect(painted).toContain(colour);
    const text = await readFile(join(folder, files.find((name) => name.endsWith('.ansi')) ?? ''), 'utf8');
    expect(text).toContain('conv5-3');
  });

  it('saves a screenshot where it is started when the run takes none', async () => {
    const person = await withRun();
    // Root may write anywhere; a file in the way stops everybody.
    await writeFile(join(person.directory, 'screenshots'), '');
    const terminal = openProgram(person, ['open', 'tiny']);
    await terminal.waitFor(/1 conv5-3, epoch 3/);
    terminal.press('S');
    await terminal.waitFor(/Saved/);
    expect((await readdir(person.home)).some((name) => name.endsWith('.png'))).toBe(true);
  });

  it('adapts to the size of its terminal, small ones too', async () => {
    const terminal = await opened();
    terminal.resize(120, 40);
    await terminal.waitFor((shown) => (shown.text().split('\n')[0] ?? '').length > 80);
    terminal.resize(20, 5);
    await terminal.waitFor(/20x5/);
    expect(terminal.ending).toBeUndefined();
    terminal.resize(80, 24);
    await terminal.waitFor(/1 conv5-3, epoch 3/);
    await expect.poll(() => terminal.text().match(/discriminability/g)).toHaveLength(1);
  });

  it('says in 20x5 what size it has and needs', async () => {
    const terminal = openProgram(await withRun(), ['open', 'tiny'], { columns: 20, rows: 5 });
    await terminal.waitFor(/20x5/);
    terminal.press('q');
    expect((await terminal.waitForEnd()).code).toBe(0);
  });

  it('draws nothing while nothing happens', async () => {
    const person = await withRun();
    const terminal = openProgram(person, ['open', 'tiny'], { timers: true });
    // The first frame is there before Ink is, which hears keys.
    terminal.press('?');
    await terminal.waitFor('Keys of the network view');
    terminal.press(keys.escape);
    await terminal.waitFor(/1 conv5-3, epoch 3/);
    await expectCalm(person, terminal);
  });
});

describe('leaving', () => {
  it.each(['q', keys.ctrlC])('gives the terminal back on %j', async (key) => {
    const terminal = await opened();
    terminal.press(key);
    expect((await terminal.waitForEnd()).code).toBe(0);
    expectRestored(terminal);
    expect(terminal.text()).toContain('deepview-tui open tiny');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('gives the terminal back on %s', async (signal) => {
    const terminal = await opened();
    terminal.signal(signal);
    const { code, signal: died } = await terminal.waitForEnd();
    if (signal === 'SIGINT') expect(code).toBe(130);
    else expect(died).toBe(constants.signals[signal]);
    expectRestored(terminal);
  });

  it('compares by the metric that was asked for, and dies of the signal that ends it', async () => {
    const terminal = openProgram(await withRun(), ['compare', 'tiny', '--metric', 'density']);
    await terminal.waitFor(/tiny.* density /);
    terminal.signal('SIGTERM');
    expect((await terminal.waitForEnd()).signal).toBe(constants.signals.SIGTERM);
    expectRestored(terminal);
  });

  it('leaves the line discipline as the shell had it', async () => {
    const person = await withRun();
    const terminal = openTerminal({
      command: '/bin/sh',
      args: ['-c', 'stty -a; "$0" "$1" open tiny; echo "code $?"; stty -a', process.execPath, program],
      cwd: person.home,
      env: person.env,
      rows: 40,
    });
    onTestFinished(async () => {
      await terminal.close();
    });
    await terminal.waitFor(/1 conv5-3, epoch 3/);
    terminal.press('q');
    await terminal.waitForEnd();
    const settings = terminal
      .text()
      .split('\n')
      .filter((line) => /-?(icanon|echo|isig|icrnl|opost)\b/.test(line));
    expect(settings.length % 2).toBe(0);
    expect(settings.slice(0, settings.length / 2)).toEqual(settings.slice(settings.length / 2));
    expect(terminal.text()).toContain('code 0');
  });

  it('gives the terminal back before it says what crashed', async () => {
    const person = await withRun();
    // An exception from outside of every handler, as a defect would throw it.
    const crash = `data:text/javascript,process.on('SIGUSR2', () => { throw new Error('a defect'); });`;
    const terminal = openTerminal({
      command: process.execPath,
      args: ['--import', crash, program, 'open', 'tiny'],
      cwd: person.home,
      env: person.env,
    });
    onTestFinished(async () => {
      await terminal.close();
    });
    await terminal.waitFor(/1 conv5-3, epoch 3/);
    terminal.signal('SIGUSR2');
    expect((await terminal.waitForEnd()).code).toBe(1);
    expectRestored(terminal);
    expect(terminal.text()).toContain('a defect');
    expect(terminal.text()).toContain('--debug');
  });
});

describe('the home screen', () => {
  it('lists runs and opens one', async () => {
    const terminal = openProgram(await withRun(), []);
    await terminal.waitFor(/tiny/);
    await terminal.waitFor(/finished/);
    // The first row trains and the second opens the demo; a run is below.
    terminal.press('j');
    await terminal.waitFor(/▸.*demo/);
    terminal.press('j');
    await terminal.waitFor(/▸.*tiny/);
    terminal.press(keys.enter);
    await terminal.waitFor(/1 conv5-3, epoch 3/);
    terminal.press(keys.escape);
    await terminal.waitFor((shown) => !/1 conv5-3, epoch 3/.test(shown.text()));
    terminal.press('q');
    expect((await terminal.waitForEnd()).code).toBe(0);
    expectRestored(terminal);
  });

  it('shows what other processes begin, change and delete, by itself', async () => {
    const person = await withRun();
    const terminal = openProgram(person, []);
    await terminal.waitFor(/tiny .*finished/);
    terminal.press('G');
    await terminal.waitFor(/▸.*tiny/);
    const other = join(person.runs, 'other');
    const network = { ...headerOf().network, name: 'another' };
    await writeRun(other, { header: headerOf({ id: 'other', network }) });
    await terminal.waitFor(/another .*finished/);
    expect(terminal.text()).toMatch(/▸.*tiny/);
    await writeStatus(other, statusOf('stopped'));
    await terminal.waitFor('stopped');
    await rm(other, { recursive: true });
    await terminal.waitFor((shown) => !shown.text().includes('stopped'));
    expect(terminal.text()).toMatch(/▸.*tiny/);
    terminal.press('q');
    expect((await terminal.waitForEnd()).code).toBe(0);
  });
});

describe('a terminal that is killed', () => {
  it('ends the screen, whose process does not stay behind', async () => {
    const terminal = await opened();
    const { pid } = terminal;
    await terminal.close();
    await until('the end of the process', () => Promise.resolve(!isAlive(pid)));
  });
});

describe('comparing runs', () => {
  it('compares what is marked at home, with the similarity of layers, and goes back', async () => {
    const person = await newPerson();
    for (const id of ['one', 'two']) await writeRun(join(person.runs, id), { header: headerOf({ id }) });
    const terminal = openProgram(person, []);
    await terminal.waitFor(/tiny/);
    terminal.press('G');
    terminal.press(keys.up);
    terminal.press(' ');
    terminal.press(' ');
    await terminal.waitFor(/✓.*\n.*✓/);
    terminal.press('c');
    await terminal.waitFor(/B - A/);
    terminal.press(keys.tab);
    await terminal.waitFor(/CKA of layers.*6 images/);
    terminal.press(keys.escape);
    await terminal.waitFor(/train lenet/);
    terminal.press('q');
    expect((await terminal.waitForEnd()).code).toBe(0);
    expectRestored(terminal);
  });
});
