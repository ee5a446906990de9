// Bytes a second on the terminal with pictures on the screen while a network trains, by protocol, in 256 colours at
// 120x40: shapes, features with every epoch, the layer view open. `npm run bench -- traffic [SECONDS] [PROTOCOL]`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTerminal } from '../test/support/terminal/open-terminal.ts';
import { PixelEmulator } from '../test/support/terminal/pixel-emulator.ts';

const seconds = Number(process.argv[2] ?? 40);
const wanted = process.argv[3];
const goal = 10_000;
const program = fileURLToPath(new URL('./cli.js', import.meta.url));
const persona = { name: 'kitty(0.41.1)', kitty: true, attributes: [62, 4, 22], cell: { width: 8, height: 16 } };
// About a second an epoch, so that much changes.
const training = ['shallow', '--data', 'shapes', '--limit', '200', '--probe', '100', '--engine', 'wasm'];

for (const protocol of ['kitty', 'iterm2', 'sixel', 'blocks']) {
  if (wanted && wanted !== protocol) continue;
  const home = mkdtempSync(join(tmpdir(), 'deepview-bench-'));
  const terminal = openTerminal({
    command: process.execPath,
    args: [program, '--images', protocol, 'train', ...training, '--epochs', '100000', '--features', '1'],
    columns: 120,
    rows: 40,
    env: { HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color' },
    emulator: (size) => new PixelEmulator(size, persona),
  });
  try {
    const epoch = (): number => Number(/epoch +(\d+)/.exec(terminal.text())?.[1] ?? 0);
    await terminal.waitFor(() => epoch() >= 2, 300_000);
    terminal.press('\r');
    await terminal.waitFor(/clusters/, 120_000);
    await terminal.waitFor(/strongest patches/, 120_000);
    // Until the pictures are there, and a second passes without any more.
    await terminal.settle(1500, 15_000).catch(() => undefined);
    const opened = epoch();
    await terminal.waitFor(() => epoch() >= opened + 2, 120_000);
    const [from, first] = [terminal.bytes, epoch()];
    let most = 0;
    for (let second = 0; second < seconds; second++) {
      const before = terminal.bytes;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      most = Math.max(most, terminal.bytes - before);
    }
    const mean = (terminal.bytes - from) / seconds;
    console.log(
      `${protocol}: first drawing ${(from / 1000).toFixed(0)} kB; then ${(mean / 1000).toFixed(2)} kB/s, at most ${(most / 1000).toFixed(1)} kB ` +
        `in a second, over ${epoch() - first} epochs in ${seconds} s (goal ${goal / 1000} kB/s)`,
    );
  } finally {
    terminal.press('q', 's');
    await terminal.waitForEnd(30_000).catch(() => undefined);
    await terminal.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
