import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildScreen } from '../../support/terminal/build-screen.ts';
import { openTerminal, type TestTerminal } from '../../support/terminal/open-terminal.ts';
import { PixelEmulator, type Persona } from '../../support/terminal/pixel-emulator.ts';
import { quarterColours } from '../../support/terminal/pictures.ts';
import { quarterPicture, quarters } from '../../support/terminal/quarters.ts';

let folder: string;
let program: string;
let terminal: TestTerminal | undefined;
let emulator: PixelEmulator;

beforeAll(async () => {
  ({ folder, file: program } = await buildScreen('picture-screen'));
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(persona: Persona, env: Record<string, string> = {}): Promise<TestTerminal> {
  terminal = openTerminal({
    command: process.execPath,
    args: [program],
    columns: 60,
    rows: 12,
    env: { HOME: tmpdir(), COLORTERM: 'truecolor', ...env },
    emulator: (size) => (emulator = new PixelEmulator(size, persona)),
  });
  await terminal.waitFor('foot 60x12');
  return terminal;
}

const turned = (by: number): number[][] => [0, 1, 2, 3].map((quarter) => [...quarters[(quarter + by) % 4]]);
const isShown = (by: number, pixels: { width: number; height: number }) => (): boolean =>
  JSON.stringify(quarterColours(emulator, quarterPicture(), pixels)) === JSON.stringify(turned(by));

const cell = { width: 8, height: 16 };
const square = { width: 64, height: 64 };
const personas = [
  ['kitty', { name: 'kitty(0.41.1)', kitty: true, attributes: [62], cell }, square],
  ['kitty-direct', { name: 'Konsole 24.08.1', kitty: true, attributes: [62, 4], cell }, square],
  ['iterm2', { name: 'iTerm2 3.5.4', attributes: [62, 4], cell }, square],
  ['sixel', { name: 'foot(1.13.1)', attributes: [62, 4, 22], cell }, { width: 60, height: 60 }],
] as const;

describe.each(personas)('a terminal that is best asked for %s', (protocol, persona, pixels) => {
  test('shows pictures, changes them, and forgets them at the end', async () => {
    const screen = await open(persona);
    await screen.waitFor(`pictures ${protocol}`);
    await screen.waitFor(isShown(0, pixels));
    screen.press('c');
    await screen.waitFor('turn 1');
    await screen.waitFor(isShown(1, pixels));
    screen.press('d');
    await screen.waitFor('dialog');
    await screen.waitFor(() => !isShown(1, pixels)());
    screen.press('d');
    await screen.waitFor(isShown(1, pixels));
    expect(emulator.faults).toEqual([]);
    screen.press('q');
    expect((await screen.waitForEnd()).code).toBe(0);
    expect(emulator.images.size).toBe(0);
    expect(screen.isAlternate).toBe(false);
  });
});

describe('a terminal', () => {
  test('keeps no picture when the program fails or is ended', async () => {
    for (const [end, code] of [
      [(screen: TestTerminal) => screen.press('x'), 1],
      [(screen: TestTerminal) => screen.signal('SIGTERM'), 15],
    ] as const) {
      const screen = await open(personas[0][1]);
      await screen.waitFor(isShown(0, square));
      end(screen);
      expect((await screen.waitForEnd()).code).toBe(code);
      expect(emulator.images.size).toBe(0);
      await screen.close();
    }
  });

  test('that does not answer gets blocks, and the first frame does not wait for it', async () => {
    const screen = await open({});
    expect(screen.text()).toContain('pictures asking');
    await screen.waitFor(() => screen.screen()[2][3].background?.join() === '255,0,0');
    await screen.waitFor('pictures blocks');
    for (const picture of ['\u001b_Ga=T', '\u001b_Ga=t', '\u001bP0;', 'File='])
      expect(screen.raw).not.toContain(picture);
  });

  test('that answers late, or nonsense, gets blocks and its answers are not taken for keys', async () => {
    const late = await open({ ...personas[0][1], delay: 1600 });
    await late.waitFor('pictures blocks');
    await late.waitFor(() => emulator.hasAnswered);
    // A key after the answers: once it shows, the program has read them all.
    late.press('d');
    await late.waitFor('dialog');
    expect(late.text()).toContain('turn 0');
    expect(late.text()).not.toMatch(/Gi=|OK/);
    await late.close();
    const wrong = await open({
      name: 'kitty(9999999999999.x',
      kitty: false,
      lastAnswer: '\u001b[6;0;0t\u001b[6;99999;1t\u001b[?1;0;0S\u001b[?;;;c\u001b[?4444444444444444444c',
    });
    await wrong.waitFor('pictures blocks');
    wrong.press('d');
    await wrong.waitFor('dialog');
    expect(wrong.text()).toContain('turn 0');
  });

  test('is asked again when its size changes, and switched by hand', async () => {
    const screen = await open(personas[0][1]);
    await screen.waitFor(isShown(0, square));
    const before = screen.raw.length;
    screen.resize(50, 10);
    await screen.waitFor('foot 50x10');
    await screen.waitFor(() => screen.raw.slice(before).includes('\u001b[16t'));
    await screen.waitFor(isShown(0, square));
    for (const protocol of ['kitty', 'iterm2', 'sixel', 'blocks', 'off', 'auto']) {
      screen.press('i');
      await screen.waitFor(`asked for ${protocol}`);
      if (protocol === 'sixel') await screen.waitFor(isShown(0, { width: 60, height: 60 }));
      else if (protocol === 'blocks' || protocol === 'off') await screen.waitFor(() => emulator.images.size === 0);
      else await screen.waitFor(isShown(0, square));
    }
    expect(emulator.faults).toEqual([]);
  });

  test('over SSH gets few colours by sixel', async () => {
    const screen = await open(personas[3][1], { SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' });
    await screen.waitFor(isShown(0, { width: 60, height: 60 }));
    expect(Math.max(...[...screen.raw.matchAll(/#(\d+);2;/g)].map((match) => Number(match[1])))).toBeLessThan(16);
  });
});
