import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Size } from '../src/imaging/cells/cells.ts';
import { pathsFor } from '../src/engine/base/paths.ts';
import { layerMetrics, layersOf } from '../src/engine/metrics/catalogue.ts';
import { statusOf, writeStatus } from '../src/engine/run/index.ts';
import { fakeEpoch, fakeHeader } from '../test/views/fake-run.ts';
import { openTerminal, type TestTerminal } from '../test/support/terminal/open-terminal.ts';
import { createRun } from '../test/support/held-run.ts';

// The program lies beside the bundled benchmark.
const program = fileURLToPath(new URL('./cli.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'deepview-bench-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
const env = { HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color' };

let written: Promise<string> | undefined;

/** A finished lenet of 45 epochs, made up, with all metrics, as the trainer writes them. @returns its id */
async function sampleRun(): Promise<string> {
  const header = fakeHeader();
  const writer = await createRun(join(pathsFor(env).runs, header.id), header);
  for (let epoch = 1; epoch <= 45; epoch++) {
    const layers = header.network.layers.map(({ units }) => ({
      metrics: Object.fromEntries(layerMetrics.map(({ id }) => [id, new Float64Array(units).fill(0.5)])),
      samples: new Float32Array(units * header.probe.indices.length),
    }));
    const record = fakeEpoch(header, epoch);
    const values = { ...layersOf(layers.map(({ metrics }) => metrics)), ...record.layers };
    await writer.commitEpoch({ ...record, layers: values }, layers);
  }
  await writer.close();
  await writeStatus(writer.directory, statusOf('finished'));
  return header.id;
}

/**
 * The program in a pseudo-terminal, opening the sample run.
 * @param more of its environment @param command instead of opening the run
 */
export async function openSampleRun(
  size: Size,
  more: Record<string, string> = {},
  command?: readonly string[],
): Promise<TestTerminal> {
  const id = await (written ??= sampleRun());
  return openTerminal({
    command: process.execPath,
    args: [program, ...(command ?? ['open', id])],
    env: { ...env, ...more },
    ...size,
  });
}

/** User and system time of a process so far, in milliseconds; undefined where the system does not tell. */
export function processorTime(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

/** Memory of a process in MB; undefined where the system does not tell. */
export function residentMemory(pid: number): number | undefined {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 1e6;
  } catch {
    return undefined;
  }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
