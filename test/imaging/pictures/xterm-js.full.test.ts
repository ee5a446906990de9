import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { needing } from '../../support/needing.ts';
import { BrowserEmulator, browserFile, startBrowser } from '../../support/terminal/browser-emulator.ts';
import { buildScreen } from '../../support/terminal/build-screen.ts';
import { openTerminal, type TestTerminal } from '../../support/terminal/open-terminal.ts';
import { boxesOf, showsQuarters } from '../../support/terminal/quarter-boxes.ts';
import { quarterPicture } from '../../support/terminal/quarters.ts';

const size = { columns: 60, rows: 12 };
const nothing = [undefined, undefined, undefined, undefined];
const iterm2 = '\u001b]1337;File=inline=1';
const sixel = '\u001bP0;1;0q"1;1;';

needing(
  describe,
  'Chromium',
  browserFile !== '',
)('xterm.js in Chromium', () => {
  let folder: string;
  let program: string;
  let home: string;
  let browser: Browser;
  let emulator: BrowserEmulator | undefined;
  let terminal: TestTerminal | undefined;

  beforeAll(async () => {
    ({ folder, file: program } = await buildScreen('picture-screen'));
    home = await mkdtemp(join(tmpdir(), 'deepview-browser-'));
    browser = await startBrowser(home);
  });
  afterEach(async () => {
    await terminal?.close();
    await emulator?.close();
    terminal = emulator = undefined;
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([folder, home].map((path) => rm(path, { recursive: true, force: true })));
  });

  // xterm.js 6 gives no name, so its device attributes decide.
  test.each([
    ['iterm2', 'iterm2', iterm2, sixel],
    ['sixel', 'sixel', sixel, iterm2],
    ['auto', 'sixel', sixel, iterm2],
  ])('%s: a picture by %s in its place, another after it, none at the end', async (choice, protocol, used, unused) => {
    const page = (emulator = await BrowserEmulator.open(browser, size));
    const screen = (terminal = openTerminal({
      command: process.execPath,
      args: [program],
      ...size,
      env: { HOME: home, COLORTERM: 'truecolor', DEEPVIEW_IMAGES: choice, DEEPVIEW_DOT: '1' },
      emulator: () => page,
    }));
    const boxes = async () => boxesOf(await page.screenshot());
    await screen.waitFor(`pictures ${protocol} turn 0`);
    // iTerm2's pictures are stretched over the cells, whose sizes in a browser are not whole pixels.
    await expect.poll(async () => showsQuarters(await page.screenshot(), protocol === 'iterm2' ? 2 : 1)).toBe(true);
    const [first, second] = await boxes();
    const cell = await page.cell();
    const { row, column } = quarterPicture();
    expect(Math.abs(first!.left - column * cell.width)).toBeLessThan(1);
    expect(Math.abs(first!.top - row * cell.height)).toBeLessThan(1);
    expect(screen.raw).toContain(used);
    expect(screen.raw).not.toContain(unused);

    screen.press('c');
    const place = { left: first!.left, top: first!.top };
    await expect.poll(boxes).toMatchObject([{ top: second!.bottom + 1, left: second!.left }, place, {}, {}]);

    screen.press('q');
    expect(await screen.waitForEnd()).toMatchObject({ code: 0 });
    await expect.poll(boxes).toEqual(nothing);
  });
});
