import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { holderOf, holderText, isLocked } from '../../src/engine/base/lock.ts';
import {
  featureEpochs,
  openRun,
  readCheckpoint,
  readFeatures,
  readStatus,
  statusOf,
  summariseRun,
} from '../../src/engine/run/index.ts';

import { recordTable } from '../../src/commands/train-report.ts';
import { eventsOf } from '../../src/engine/run/open.ts';
import { applyRunEvents, emptyRun } from '../../src/views/model/run-model.ts';
import { epochOf, headerOf, writeRun } from '../engine/run/sample-run.ts';
import { damaging, type Reading, type Sound, type Target } from './run.ts';
import { createRun } from '../support/held-run.ts';

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** All that is read of a run: by lists, by a screen, by lines, and by whoever asks for a layer's neurons. */
async function runIn(directory: string): Promise<Reading> {
  const { state, epochs } = await summariseRun(directory);
  const run = await openRun(directory);
  const said: string[] = [...run.notices];
  const neurons: unknown[] = [];
  const told = (thrown: unknown): void => void said.push(refusal(thrown));
  for (const { number } of run.records.slice(0, 2)) {
    for (const layer of run.header.network.layers.slice(0, 2)) {
      neurons.push(
        await run.neurons(number, layer.index).catch(told),
        await run.samples(number, layer.index).catch(told),
      );
    }
  }
  const lines = recordTable(run.header);
  const model = applyRunEvents(emptyRun, eventsOf(run));
  const { header, records } = run;
  return { value: [header, records, neurons, state, epochs, records.flatMap(lines), model.state], said };
}

/** What a reader says of a part: an answer too, unless it is a defect. */
function refusal(thrown: unknown): string {
  if (thrown instanceof Error && 'exitCode' in thrown) return `refused: ${thrown.message}`;
  throw thrown;
}

async function smallRun(directory: string): Promise<string> {
  const run = join(directory, 'run');
  await writeRun(run);
  return run;
}

async function examples(directory: string, file: string): Promise<Sound[]> {
  const good = here('test/engine/run/examples/good');
  const sounds: Sound[] = [];
  for (const entry of await readdir(good, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const run = join(directory, entry.name);
    await cp(join(good, entry.name), run, { recursive: true });
    sounds.push({ path: join(run, file), read: () => runIn(run) });
  }
  return sounds;
}

async function demo(directory: string): Promise<string> {
  const run = join(directory, 'demo');
  await cp(here('samples/demo'), run, { recursive: true });
  return run;
}

export const runTargets: Target[] = [
  damaging('run-header', 800, 'none', async (directory) => {
    const run = await smallRun(directory);
    return [{ path: join(run, 'run.json'), read: () => runIn(run) }, ...(await examples(directory, 'run.json'))];
  }),
  damaging('run-records', 600, 'any', async (directory) => {
    const run = await smallRun(directory);
    const path = join(run, 'epochs.jsonl');
    // A last line without its end is an epoch that was not committed.
    const read = async (): Promise<Reading> => {
      const { value, said = [] } = await runIn(run);
      const isWhole = (await readFile(path)).at(-1) === 0x0a;
      return { value, said: isWhole ? said : [...said, 'uncommitted'] };
    };
    return [{ path, read }];
  }),
  // Recorders need not write checksums.
  damaging('run-records-of-others', 800, 'none', (directory) => examples(directory, 'epochs.jsonl')),
  damaging('run-data', 400, 'any', async (directory) => {
    const run = await smallRun(directory);
    return [{ path: join(run, 'epochs/000001.safetensors'), read: () => runIn(run) }];
  }),
  damaging('run-status', 500, 'none', async (directory) => {
    const run = await smallRun(directory);
    const path = join(run, 'status.json');
    await writeFile(path, JSON.stringify({ ...statusOf('failed'), error: { code: 'x', message: 'y' }, reason: 'z' }));
    return [
      {
        path,
        read: async () => {
          const { header, records, ...all } = await openRun(run);
          return { value: [header.id, records.length, all.state, all.notices, await readStatus(run).catch(refusal)] };
        },
      },
    ];
  }),
  damaging('lock', 300, 'none', async (directory) => {
    const path = join(directory, 'lock.json');
    await writeFile(path, holderText());
    return [{ path, read: async () => ({ value: [await holderOf(path), await isLocked(path)] }) }];
  }),
  damaging('features', 300, 'any', async (directory) => {
    const run = await demo(directory);
    const { header } = await openRun(run);
    const [epoch] = await featureEpochs(run);
    const folder = join(run, 'features', String(epoch).padStart(6, '0'));
    const layer = header.network.layers[0];
    const read = async (): Promise<Reading> => ({ value: await readFeatures(run, header, epoch, layer) });
    return ['01.safetensors', 'features.json'].map((name) => ({ path: join(folder, name), read }));
  }),
  damaging('checkpoint', 300, 'cut', async (directory) => {
    const run = join(directory, 'run');
    const header = headerOf();
    const writer = await createRun(run, header);
    const { record, layers } = epochOf(header, 1);
    const weights = { type: 'float32' as const, shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    await writer.writeCheckpoint(1, new Map([['conv1.weights', weights]]), { best: true });
    await writer.commitEpoch(record, layers);
    await writer.close();
    const path = join(run, 'checkpoints/000001.safetensors');
    return [{ path, read: async () => ({ value: [...(await readCheckpoint(run, 1))] }) }];
  }),
];
