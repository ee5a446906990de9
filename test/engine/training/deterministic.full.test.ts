import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parseHeader } from '../../../src/engine/run/header.ts';
import { programPath } from '../../../src/engine/base/program-files.ts';
import { onEachEngine } from '../../support/engines.ts';
import { trainingHome, type TrainingHome } from '../../support/training-home.ts';

const run = promisify(execFile);

/** Trains with the built program on one core or on all. @returns what is to be the same, and the threads recorded */
async function trained(home: TrainingHome, engine: string, cores: 'one' | 'all', options: readonly string[]) {
  const directory = join(home.directory, [engine, cores, ...options].join(''));
  const program = join(programPath('trainer-process'), '..', 'cli.js');
  const training = ['train', 'shallow', '--data', 'shapes', '--limit', '600', '--epochs', '2', '--probe', '100'];
  const command = [process.execPath, program, ...training, '--engine', engine, '--run', directory, ...options];
  await run(cores === 'one' ? 'taskset' : 'env', [...(cores === 'one' ? ['-c', '0'] : []), ...command], {
    env: home.env,
  });
  const { machine } = parseHeader(await readFile(join(directory, 'run.json'), 'utf8'), 'run.json', 'run');
  const lines = (await readFile(join(directory, 'epochs.jsonl'), 'utf8')).trim().split('\n');
  const numbers = lines.map((line) => {
    const { scalars, layers, data } = JSON.parse(line) as Record<string, unknown>;
    return { scalars, layers, data };
  });
  return { numbers, machine };
}

onEachEngine(it, '--deterministic gives the same numbers on one core and on all: %s', async (engine) => {
  const home = await trainingHome();
  try {
    const one = await trained(home, engine, 'one', ['--deterministic']);
    const all = await trained(home, engine, 'all', ['--deterministic']);
    expect(one.numbers).toEqual(all.numbers);
    const threads = engine === 'wasm' ? 1 : 4;
    expect(one.machine).toMatchObject({ cores: 1, threads, deterministic: true });
    expect(all.machine).toMatchObject({ cores: availableParallelism(), threads, deterministic: true });
    const usual = await trained(home, engine, 'one', []);
    expect(usual.machine).toMatchObject({ cores: 1, threads: 1 });
  } finally {
    await home.remove();
  }
});
