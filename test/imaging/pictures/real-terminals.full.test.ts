import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { needing } from '../../support/needing.ts';
import { buildScreen } from '../../support/terminal/build-screen.ts';
import { openTerminal, type TestTerminal } from '../../support/terminal/open-terminal.ts';
import { PixelEmulator } from '../../support/terminal/pixel-emulator.ts';
import { quarterColours } from '../../support/terminal/pictures.ts';
import { boxesOf, showsQuarters } from '../../support/terminal/quarter-boxes.ts';
import { quarterPicture, quarters } from '../../support/terminal/quarters.ts';
import { areInstalled, end, VirtualDisplay } from '../../support/terminal/virtual-display.ts';

const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
let folder: string;
let program: string;
let home: string;

beforeAll(async () => {
  ({ folder, file: program } = await buildScreen('picture-screen'));
  home = await mkdtemp(join(tmpdir(), 'deepview-real-'));
});
afterAll(() => Promise.all([folder, home].map((path) => rm(path, { recursive: true, force: true }))));

/** Waits until something holds; fails with its last word. */
async function until(isSo: () => boolean, what: () => string, timeout = 30_000): Promise<void> {
  for (const start = Date.now(); !isSo(); await new Promise((resolve) => setTimeout(resolve, 100))) {
    if (Date.now() - start > timeout) throw new Error(`never: ${what()}`);
  }
}

const terminals = [
  [
    'xterm',
    [
      '-ti',
      'vt340',
      '-fa',
      'DejaVu Sans Mono',
      '-fs',
      '11',
      '-xrm',
      'XTerm*allowWindowOps: true',
      '-geometry',
      '60x12',
    ],
  ],
  ['mlterm', ['--geometry=60x12', '--fontsize=16']],
] as const;

describe.each(terminals)('%s', (name, args) => {
  let display: VirtualDisplay | undefined;
  let terminal: ChildProcess | undefined;
  afterEach(async () => {
    if (terminal) await end(terminal);
    await display?.close();
  });

  needing(
    test,
    `Xvfb or ${name}`,
    areInstalled('Xvfb', name),
  )('draws a sixel picture of equal quarters, finer than cells are', async () => {
    display = await VirtualDisplay.open();
    terminal = spawn(name, [...args, '-e', process.execPath, program], {
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        DISPLAY: display.name,
        LANG: 'C.UTF-8',
        DEEPVIEW_IMAGES: 'sixel',
        DEEPVIEW_DOT: '1',
      },
      stdio: 'ignore',
    });
    const screen = display;
    await until(
      () => showsQuarters(screen.screenshot()),
      () => JSON.stringify(boxesOf(screen.screenshot())),
    );
  });
});

needing(
  describe,
  'Xvfb or xterm',
  areInstalled('Xvfb', 'xterm'),
)('xterm', () => {
  test.each([true, false])('is sent colours of 24 bits if it has them: %s', async (isDirect) => {
    const display = await VirtualDisplay.open(1200, 800);
    onTestFinished(() => display.close());
    const place = ['-fa', 'DejaVu Sans Mono', '-fs', '9', '-geometry', '120x40+0+0'];
    const xterm = spawn(
      'xterm',
      [...place, '-xrm', `XTerm*directColor: ${isDirect}`, '-e', process.execPath, cli, 'demo'],
      { env: { PATH: process.env['PATH'], HOME: home, DISPLAY: display.name, LANG: 'C.UTF-8' }, stdio: 'ignore' },
    );
    onTestFinished(() => end(xterm));
    /** Colours of areas, not of the edges of letters. */
    const colours = (): number => {
      const { width, height, at } = display.screenshot();
      const counts = new Map<string, number>();
      for (let y = 0; y < height; y += 2) {
        for (let x = 0; x < width; x += 2) counts.set(at(x, y).join(), (counts.get(at(x, y).join()) ?? 0) + 1);
      }
      return [...counts.values()].filter((count) => count > 150).length;
    };
    await until(
      () => (isDirect ? colours() > 24 : colours() > 5),
      () => `${colours()} colours`,
    );
    if (!isDirect) expect(colours()).toBeLessThan(16);
  });
});

needing(
  describe,
  'tmux',
  areInstalled('tmux'),
)('tmux', () => {
  let terminal: TestTerminal | undefined;
  let emulator!: PixelEmulator;
  const persona = { name: 'kitty(0.41.1)', kitty: true, attributes: [62], cell: { width: 8, height: 16 } };
  const socket = `deepview-${process.pid}`;
  const tmux = (...args: string[]): string => spawnSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' }).stdout;
  const attach = (...args: string[]): TestTerminal =>
    openTerminal({
      command: 'tmux',
      args: ['-L', socket, '-f', '/dev/null', '-u', ...args],
      columns: 60,
      rows: 13,
      env: { HOME: home, TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8' },
      emulator: (size) => (emulator = new PixelEmulator(size, persona)),
    });
  const isShown = (): boolean =>
    JSON.stringify(quarterColours(emulator, quarterPicture(), { width: 64, height: 64 })) === JSON.stringify(quarters);
  afterEach(async () => {
    tmux('kill-server');
    await terminal?.close();
  });

  test('in kitty shows pictures, also after being detached and attached again, and deletes them at the end', async () => {
    const first = (terminal = attach('new-session', `${process.execPath} ${program}`));
    await first.waitFor('pictures kitty');
    await first.waitFor(isShown);
    expect(emulator.images.size).toBe(1);
    // The window's title would be the picture's data otherwise.
    expect(first.raw).toContain('\u001b_Ga=T,U=1');
    expect(first.raw).not.toContain('Ptmux;');
    tmux('set-option', '-g', 'focus-events', 'on');
    tmux('detach-client');
    await first.waitForEnd();
    await first.close();
    const second = (terminal = attach('attach-session'));
    // tmux reports the focus of the new terminal, which then gets the picture.
    await second.waitFor(isShown);
    const handedOver = (): number => second.raw.split('\u001b_Ga=T,U=1').length - 1;
    const before = handedOver();
    second.press('l');
    await second.waitFor(() => handedOver() > before);
    await second.waitFor(isShown);
    expect(emulator.faults.filter((fault) => !fault.includes('not there'))).toEqual([]);
    second.press('q');
    await second.waitForEnd();
    await expect.poll(() => emulator.images.size).toBe(0);
  });

  test('types no answers of the terminal into the pane beside it', async () => {
    const window = (terminal = attach('new-session', `${process.execPath} ${program}`));
    await window.waitFor('pictures kitty');
    await window.waitFor(isShown);
    // The new pane has the keys, and makes ours narrower, upon which we ask again how large its cells are.
    tmux('split-window', '-h', 'cat');
    await window.waitFor(/foot 3\d/);
    const asked = (): number => window.raw.split('\u001b[16t').length;
    const before = asked();
    tmux('resize-pane', '-x', '20');
    await window.waitFor('foot 39x');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(asked()).toBe(before);
    expect(tmux('capture-pane', '-p', '-t', '.1').trim()).toBe('');
  });

  test('gets the colours that its terminal has', async () => {
    const drawn = (): boolean => tmux('capture-pane', '-p', '-e').includes('48;2;');
    const window = (terminal = attach('new-session', `env COLORTERM=truecolor ${process.execPath} ${cli} demo`));
    await window.waitFor(/conv5-32|conv1/);
    await until(
      () => !drawn(),
      () => 'sent colours of 24 bits to a terminal without',
    );
    tmux('set-option', '-as', 'terminal-features', ',xterm*:RGB');
    tmux('detach-client');
    await window.waitForEnd();
    const second = (terminal = attach('attach-session'));
    await second.waitFor(/conv5-32|conv1/);
    // As ctrl-l does: it draws anew for the terminal there is.
    second.press('\f');
    await until(drawn, () => 'drew in 256 colours on a terminal with more');
  });

  test('has a doctor that says what makes pictures come back', async () => {
    const window = (terminal = attach('new-session', `${process.execPath} ${cli} doctor; exec cat`));
    await window.waitFor('focus-events on');
    tmux('set-option', '-g', 'focus-events', 'on');
    tmux('respawn-pane', '-k', `${process.execPath} ${cli} doctor; echo the end; exec cat`);
    await window.waitFor('the end');
    expect(window.text()).not.toContain('focus-events');
  });
});
