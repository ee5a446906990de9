// From process start to the first painted heatmap, with a run to open, or with `home` to the list of runs: in a real
// pseudo-terminal, through the program as it is shipped. Prints wall time and the processor time behind it; compare the latter on a busy machine.
import { spawnSync } from 'node:child_process';
import type { Cell } from '../src/imaging/cells/cells.ts';
import { openSampleRun, median, processorTime } from './screen-run.ts';

const times = Number(process.argv[2] ?? 9);
const isHome = process.argv[3] === 'home';
const goal = 300;

const wall: number[] = [];
const processor: number[] = [];
const bare: number[] = [];
for (let time = 0; time < times; time++) {
  const begin = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  bare.push(performance.now() - begin);
  const start = performance.now();
  const terminal = await openSampleRun({ columns: 120, rows: 40 }, {}, isHome ? [] : undefined);
  const isPainted = (row: Cell[]): boolean => row.filter(({ background }) => background).length > 20;
  await terminal.waitFor((shown) => (isHome ? /45\/45/.test(shown.text()) : shown.screen().some(isPainted)));
  wall.push(performance.now() - start);
  const used = processorTime(terminal.pid);
  if (used !== undefined) processor.push(used);
  await terminal.close();
}
console.log(`first paint${isHome ? ' of the home screen' : ''}, 120x40, ${times} starts`);
console.log(
  `  wall       median ${median(wall).toFixed(0)} ms  best ${Math.min(...wall).toFixed(0)} ms  (goal ${goal} ms)`,
);
if (processor.length > 0) console.log(`  processor  median ${median(processor).toFixed(0)} ms`);
console.log(`  node -e 0  median ${median(bare).toFixed(0)} ms`);
