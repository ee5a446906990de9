// From a key to the output that shows what it changes, at 120x40, in a real pseudo-terminal; the bytes a key costs; and
// what kept the screen's main thread meanwhile. `npm run bench -- keys [TIMES] [training | slowly]`: with `training` the
// screen is that of a lenet that trains; with `slowly` a key comes four times a second, else as soon as the last is shown.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTerminal, type TestTerminal } from '../test/support/terminal/open-terminal.ts';
import { openSampleRun, median, processorTime, quantile, residentMemory } from './screen-run.ts';

/** Set by run.mjs. */
declare const BENCH_FOLDER: string;

const times = Number(process.argv[2] ?? 100);
const isTraining = process.argv[3] === 'training';
const isSlow = process.argv[3] === 'slowly';
const goal = isTraining ? 33 : 25;
const size = { columns: 120, rows: 40 };

const folder = mkdtempSync(join(tmpdir(), 'deepview-bench-'));
const program = fileURLToPath(new URL('./cli.js', import.meta.url));
const run = join(folder, 'run');
const report = join(folder, 'main-thread.json');
const probe = {
  NODE_OPTIONS: `--import=${join(BENCH_FOLDER, 'main-thread.mjs')}`,
  MAIN_THREAD_REPORT: report,
};

async function openTraining(): Promise<TestTerminal> {
  // The engine is the user's own: providing one would take minutes.
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(HOME|XDG_|DEEPVIEW_)/.test(name)));
  const args = [program, 'train', '--data', 'shapes', '--run', run];
  const opened = openTerminal({
    command: process.execPath,
    args,
    env: { ...(own as Record<string, string>), ...probe },
    ...size,
  });
  await opened.waitFor(/img\/s/, 120_000);
  return opened;
}

const terminal = isTraining ? await openTraining() : await openSampleRun(size, probe);
await terminal.waitFor(/conv5-32/);
await terminal.settle(isTraining ? 40 : 400);
const delays: number[] = [];
const bytes: number[] = [];
const keysFrom = terminal.age;
const processorFrom = processorTime(terminal.pid);
for (let time = 0; time < times; time++) {
  const before = terminal.bytes;
  const marked = terminal.rowOf('▸');
  const start = performance.now();
  terminal.press(time % 2 === 0 ? 'j' : 'k');
  // While training, other output comes in between.
  await terminal.waitFor(() => terminal.rowOf('▸') !== marked);
  delays.push(terminal.lastOutput - start);
  if (isTraining) await new Promise((resolve) => setTimeout(resolve, 100 + 100 * Math.random()));
  else {
    await terminal.settle(isSlow ? 250 : 40);
    bytes.push(terminal.bytes - before);
  }
}
const processor = processorTime(terminal.pid);
const memory = residentMemory(terminal.pid);
await terminal.close();
if (isTraining) {
  const stop = spawn(process.execPath, [program, 'runs', 'stop', run], { stdio: 'ignore' });
  await new Promise((resolve) => stop.once('exit', resolve));
}
const { pauses, collections } = JSON.parse(readFileSync(report, 'utf8')) as {
  pauses: { at: number; length: number; ran: number; waited: number }[];
  collections: [at: number, length: number, kind: number][];
};
// The training may still be writing its last.
rmSync(folder, { recursive: true, maxRetries: 20, retryDelay: 100 });

console.log(`key to paint, 120x40, ${times} keys${isTraining ? ', while training' : ''}`);
console.log(
  `  median ${median(delays).toFixed(1)} ms  p95 ${quantile(delays, 0.95).toFixed(1)} ms  (goal p95 ${goal} ms)  most ${Math.max(...delays).toFixed(1)} ms`,
);
if (processor !== undefined && processorFrom !== undefined) {
  console.log(
    `  processor time a key, and what goes on meanwhile: ${((processor - processorFrom) / times).toFixed(1)} ms`,
  );
}
if (memory !== undefined) console.log(`  memory: ${memory.toFixed(0)} MB`);
if (bytes.length > 0) console.log(`  bytes a key: median ${median(bytes)}`);
const during = pauses.filter(({ at }) => at > keysFrom);
const most = (of: (pause: (typeof pauses)[number]) => number): string => Math.max(0, ...during.map(of)).toFixed(0);
console.log(
  `  main thread: ${during.filter(({ length }) => length > 30).length} pauses above 30 ms (goal 0), longest ${most(({ length }) => length)} ms; ` +
    `in one pause it ran for at most ${most(({ ran }) => ran)} ms, waited for a processor ${most(({ waited }) => waited)} ms, ` +
    `for anything else ${most(({ length, ran, waited }) => length - ran - waited)} ms`,
);
const collected = collections.filter(([at]) => at > keysFrom).map(([, length]) => length);
console.log(`  ${collected.length} collections of garbage, longest ${Math.max(0, ...collected).toFixed(1)} ms`);
