// From a key to the first byte of what it changes, at 120x40, in a real pseudo-terminal; and the bytes a key costs.
// `npm run bench -- keys [TIMES] [training]`: with `training` a lenet is trained on the same machine meanwhile.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSampleRun, median, quantile } from './screen-run.ts';

const times = Number(process.argv[2] ?? 100);
const goal = 33;

const folder = mkdtempSync(join(tmpdir(), 'deepview-bench-'));
const program = fileURLToPath(new URL('./cli.js', import.meta.url));
const training =
  process.argv[3] === 'training'
    ? spawn(process.execPath, [program, 'train', '--data', 'shapes', '--headless', '--run', join(folder, 'run')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    : undefined;
// The second line of output says that the first epoch is under way.
if (training)
  await new Promise((resolve) => training.stdout.on('data', (text) => /run /.test(String(text)) && resolve(0)));

const terminal = await openSampleRun({ columns: 120, rows: 40 });
await terminal.waitFor(/conv5-32/);
await terminal.settle(400);
const delays: number[] = [];
const bytes: number[] = [];
for (let time = 0; time < times; time++) {
  const before = terminal.bytes;
  const marked = terminal.rowOf('▸');
  const start = performance.now();
  terminal.press(time % 2 === 0 ? 'j' : 'k');
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (terminal.bytes > before) resolve();
      else setImmediate(look);
    };
    look();
  });
  delays.push(performance.now() - start);
  // Two keys that arrive together, up and down, would change nothing.
  await terminal.waitFor(() => terminal.rowOf('▸') !== marked);
  await terminal.settle(40);
  bytes.push(terminal.bytes - before);
}
await terminal.close();
if (training) {
  training.kill('SIGTERM');
  await new Promise((resolve) => training.once('exit', resolve));
}
rmSync(folder, { recursive: true });
console.log(`key to paint, 120x40, ${times} keys${training ? ', while training' : ''}`);
console.log(
  `  median ${median(delays).toFixed(1)} ms  p95 ${quantile(delays, 0.95).toFixed(1)} ms  (goal p95 ${goal} ms)`,
);
console.log(`  bytes a key: median ${median(bytes)}`);
