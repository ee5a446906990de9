import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { gridToText } from '../../src/imaging/cells/grid.ts';
import { heatmap } from '../support/heatmap.ts';
import { buildScreen } from '../support/terminal/build-screen.ts';
import { countingTimers, expectCalm } from '../support/terminal/calm.ts';
import { keys, openTerminal, type TestTerminal } from '../support/terminal/open-terminal.ts';
import { pixelsIn } from '../support/pixels.ts';

let folder: string;
let program: string;
let terminal: TestTerminal | undefined;

beforeAll(async () => {
  ({ folder, file: program } = await buildScreen('ink-screen'));
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Where the program counts while its terminal takes nothing. */
const stalled = (): string => join(folder, 'stalled');
const timers = (): string => join(folder, 'timers');

async function open(): Promise<TestTerminal> {
  const counting = countingTimers(timers());
  terminal = openTerminal({
    command: process.execPath,
    args: [...counting.args, program],
    columns: 60,
    rows: 12,
    env: { HOME: tmpdir(), DEEPVIEW_STALLED: stalled(), ...counting.env },
  });
  await terminal.waitFor('foot 60x12');
  // What is asked last: Ink is there, and hears of resizes.
  await terminal.waitFor(({ raw }) => raw.includes('\u001b[c'));
  return terminal;
}

function wantedHeatmap(shift: number) {
  const values = Array.from({ length: 4 }, (_, row) =>
    Array.from({ length: 20 }, (__, column) => row + column + shift),
  );
  return heatmap(values, [0, 40], '256');
}

function shownHeatmap(of: TestTerminal) {
  return of
    .screen()
    .slice(2, 6)
    .map((row) => row.slice(3, 23));
}

describe('a screen under a real Ink', () => {
  test('shows text and picture, and sends few bytes for few changes, none for none', async () => {
    const screen = await open();
    expect(screen.isAlternate).toBe(true);
    expect(screen.modes).toEqual({ mouse: true, paste: true, focus: true });
    expect(shownHeatmap(screen)).toEqual(wantedHeatmap(0));
    await expectCalm(screen, timers());
    const before = screen.bytes;
    screen.press('i');
    await screen.waitFor('count 1');
    await expectCalm(screen, timers());
    expect(screen.bytes - before).toBeLessThan(40);
    expect(shownHeatmap(screen)).toEqual(wantedHeatmap(0));
    screen.press('o');
    await screen.waitFor(() => JSON.stringify(shownHeatmap(screen)) === JSON.stringify(wantedHeatmap(1)));
    await expectCalm(screen, timers());
  });

  test('hears clicks, the wheel, focus and keys, and none of the terminal’s answers', async () => {
    const screen = await open();
    expect(screen.text()).toContain('heard nothing');
    screen.click(4, 7);
    await screen.waitFor('heard release 4,7');
    screen.wheel('down', 1, 2);
    await screen.waitFor('heard wheel-down 1,2');
    screen.press(keys.focusOut);
    await screen.waitFor('heard focus false');
    screen.press('\u001b]11;rgb:0000/0000/0000\u001b\\\u001b[?62;4c\u001b_Gi=31;OK\u001b\\');
    screen.press('z');
    await screen.waitFor('heard key "z"');
  });

  test('is whole again after every resize', async () => {
    const screen = await open();
    for (const [columns, rows] of [
      [40, 9],
      [80, 20],
      [30, 20],
      [60, 8],
      [60, 12],
    ] as const) {
      screen.resize(columns, rows);
      const foot = `foot ${columns}x${rows}`;
      const texts = (): unknown => {
        const lines = screen.text().split('\n');
        return [lines[0], lines.at(-1), lines.filter((line) => line.includes('foot')).length];
      };
      await expect.poll(texts).toEqual([expect.stringMatching(/^count 0 heard/), foot, 1]);
      await expect.poll(() => shownHeatmap(screen)).toEqual(wantedHeatmap(0));
      expect(texts()).toEqual([expect.stringMatching(/^count 0 heard/), foot, 1]);
    }
  });

  test('leaves the terminal as it was: on leaving, on a signal, on a defect', async () => {
    for (const [end, code] of [
      [(screen: TestTerminal) => screen.press('q'), 0],
      [(screen: TestTerminal) => screen.signal('SIGTERM'), 15],
      [(screen: TestTerminal) => screen.press('x'), 1],
    ] as const) {
      const screen = await open();
      end(screen);
      expect(await screen.waitForEnd()).toEqual({ code, signal: undefined });
      expect(screen.isAlternate).toBe(false);
      expect(screen.modes).toEqual({ mouse: false, paste: false, focus: false });
      expect(screen.raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(screen.raw.lastIndexOf('\u001b[?25l'));
      expect(screen.text()).not.toContain('foot');
      if (code === 1) expect(screen.text()).toContain('Error: a defect');
      await screen.close();
    }
  });

  test('lives on while the terminal takes nothing, and shows the newest afterwards', async () => {
    const screen = await open();
    screen.stall(true);
    screen.press('t');
    await expect.poll(async () => Number(await readFile(stalled(), 'utf8').catch(() => 0))).toBeGreaterThan(20);
    screen.press('i');
    screen.stall(false);
    await screen.waitFor('count 1');
    const ticks = Number(/ticks (\d+)/.exec(screen.text())?.[1]);
    expect(ticks).toBeGreaterThan(20);
    screen.press('q');
    expect((await screen.waitForEnd()).code).toBe(0);
  });

  test('can be photographed', async () => {
    const screen = await open();
    const file = join(folder, 'screen.png');
    await screen.png(file);
    const { width, height, at } = await pixelsIn(file);
    expect([width, height]).toEqual([1200, 480]);
    expect(at(70, 100)).toEqual([...wantedHeatmap(0)[0][0].background!]);
  });
});

test('a terminal that has gone ends the program by its own decision', async () => {
  const screen = await open();
  const { pid } = screen;
  await screen.close();
  expect(() => process.kill(pid, 0)).toThrow();
});

test('waiting tells what the screen shows instead', async () => {
  const screen = await open();
  await expect(screen.waitFor('never', 50)).rejects.toThrow(/50 ms passed.*never[^]*foot 60x12/);
  screen.press('q');
  await expect(screen.waitFor('never')).rejects.toThrow(/ended with code 0/);
  expect(gridToText(screen.screen())).not.toContain('foot');
});
