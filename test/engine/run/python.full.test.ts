import { execFile, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openRun } from '../../../src/engine/run/index.ts';
import { needing } from '../../support/needing.ts';
import { headerOf, temporary, writeRun } from './sample-run.ts';

const python = process.env['DEEPVIEW_PYTHON'] ?? 'python3';
const withNumpy = needing(test, 'numpy', spawnSync(python, ['-c', 'import numpy']).status === 0);
const run = promisify(execFile);
const recompute = fileURLToPath(new URL('./recompute.py', import.meta.url));

withNumpy('the example recorder of docs/run-format.md writes a run that opens', async () => {
  const text = await readFile(new URL('../../../docs/run-format.md', import.meta.url), 'utf8');
  const program = /```python\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  const directory = await temporary();
  const script = join(await temporary(), 'recorder.py');
  await writeFile(script, program);
  await run(python, [script, directory]);
  const opened = await openRun(directory);
  expect(opened.records.map((record) => record.epoch)).toEqual([1, 2]);
  expect([opened.state, opened.notices]).toEqual(['finished', []]);
  expect(opened.records[1].layers.discriminability.every((value) => value !== null && value > 0 && value < 1)).toBe(
    true,
  );
});

withNumpy('numpy recomputes the metrics of a run from its samples, and notices wrong ones', async () => {
  for (const labels of [
    [0, 0, 0, 1, 1, 1],
    [1, 0, 0, 1, 1, 0],
    [0, 1, 1, 0, 1, 1],
  ]) {
    const directory = join(await temporary(), 'run');
    await writeRun(directory, { header: headerOf({ probe: { indices: [1, 2, 3, 4, 5, 6], labels } }) });
    const { stdout } = await run(python, [recompute, directory]);
    expect(stdout).toMatch(/^48 values of 3 epochs compared/);
    const journal = join(directory, 'epochs.jsonl');
    const lines = await readFile(journal, 'utf8');
    await writeFile(journal, lines.replace(/"density":\[0\.\d/, '"density":[0.9'));
    await expect(run(python, [recompute, directory])).rejects.toThrow('layer conv1, density (record): off by');
  }
});
