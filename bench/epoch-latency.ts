// From the commit of an epoch by another process's writer to its numbers on the screen, watching the growing run in a
// real pseudo-terminal through the program as it is shipped.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pathsFor } from '../src/engine/base/paths.ts';
import { statusOf, writeStatus } from '../src/engine/run/index.ts';
import { openTerminal } from '../test/support/terminal/open-terminal.ts';
import { fakeEpoch, fakeHeader } from '../test/views/fake-run.ts';
import { median } from './peer.ts';
import { createRun } from '../test/support/held-run.ts';

const epochs = Number(process.argv[2] ?? 12);
const goal = 200;
const home = mkdtempSync(join(tmpdir(), 'deepview-bench-'));
const env = { HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color' };
const header = fakeHeader();
const writer = await createRun(join(pathsFor(env).runs, header.id), header);
await writeStatus(writer.directory, statusOf('running'));
const layers = header.network.layers.map(({ units }) => ({
  metrics: { discriminability: new Float64Array(units).fill(1), density: new Float64Array(units).fill(0.5) },
  samples: new Float32Array(units * header.probe.indices.length),
}));
const program = fileURLToPath(new URL('./cli.js', import.meta.url));
const terminal = openTerminal({
  command: process.execPath,
  args: [program, 'watch', header.id],
  env,
  columns: 120,
  rows: 40,
});
try {
  await terminal.waitFor(/conv5-32/);
  const spent: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await writer.commitEpoch(fakeEpoch(header, epoch), layers);
    const committed = performance.now();
    await terminal.waitFor(new RegExp(`, epoch ${epoch} `));
    spent.push(performance.now() - committed);
  }
  console.log(
    `epoch on the screen after its commit, ${epochs} epochs: median ${median(spent).toFixed(0)} ms  ` +
      `longest ${Math.max(...spent).toFixed(0)} ms  (goal ${goal} ms)`,
  );
} finally {
  await terminal.close();
  await writer.close();
  rmSync(home, { recursive: true, force: true });
}
