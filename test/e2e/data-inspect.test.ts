import { expect, onTestFinished, test } from 'vitest';
import { openTerminal } from '../support/terminal/open-terminal.ts';
import { PixelEmulator, type Persona } from '../support/terminal/pixel-emulator.ts';
import { newPerson, program } from './support.ts';

const kitty: Persona = { name: 'kitty(0.41.1)', kitty: true, attributes: [62], cell: { width: 8, height: 16 } };
const foot: Persona = { name: 'foot(1.13.1)', attributes: [62, 4, 22], cell: { width: 8, height: 16 } };

/** Prints a report of shapes of 20 lines, so that nothing scrolls away. */
async function inspect(persona: Persona, args: readonly string[] = []) {
  const person = await newPerson();
  const command = ['data', 'inspect', 'shapes', '--size', '80x20'];
  let emulator: PixelEmulator | undefined;
  const terminal = openTerminal({
    // The shell waits for Enter: a pseudo-terminal forgets what a program wrote that has ended.
    command: 'sh',
    args: ['-c', '"$@"; echo "code $?"; read enter', '-', process.execPath, program, ...command, ...args],
    rows: 40,
    cwd: person.home,
    env: person.env,
    emulator: (size) => (emulator = new PixelEmulator(size, persona)),
  });
  onTestFinished(async () => {
    await terminal.close();
  });
  await terminal.waitFor(/lines more\s+code 0/);
  const lines = terminal.text().split('\n');
  const row = lines.findIndex((line) => line.startsWith(' disc')) + 1;
  const middle = emulator!.pixel(5 * 8, (row + 2) * 16);
  return { raw: terminal.raw, hasPixels: middle !== undefined, faults: emulator!.faults };
}

test('data inspect draws images by the protocol of the terminal', async () => {
  expect(await inspect(kitty)).toMatchObject({ hasPixels: true, faults: [] });
  expect(await inspect(foot)).toMatchObject({ hasPixels: true, faults: [] });
});

test('data inspect draws images as --images says', async () => {
  const { raw, hasPixels } = await inspect(kitty, ['--images', 'blocks']);
  expect(hasPixels).toBe(false);
  expect(raw).not.toContain('\u001b_G');
  expect((await inspect(foot, ['--images', 'kitty'])).raw).toContain('\u001b_G');
});
