// From a key to the last byte of what it changes, at 120x40, in a real pseudo-terminal; and the bytes a key costs.
import { openSampleRun, median, quantile } from './screen-run.ts';

const times = Number(process.argv[2] ?? 100);
const goal = 33;

const terminal = await openSampleRun({ columns: 120, rows: 40 });
await terminal.waitFor(/conv5-32/);
await terminal.settle(400);
const delays: number[] = [];
const bytes: number[] = [];
for (let time = 0; time < times; time++) {
  const before = terminal.bytes;
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
  await terminal.settle(40);
  bytes.push(terminal.bytes - before);
}
await terminal.close();
console.log(`key to paint, 120x40, ${times} keys`);
console.log(
  `  median ${median(delays).toFixed(1)} ms  p95 ${quantile(delays, 0.95).toFixed(1)} ms  (goal p95 ${goal} ms)`,
);
console.log(`  bytes a key: median ${median(bytes)}`);
