import { join } from 'node:path';
import { Readable } from 'node:stream';
import { writeStore } from '../../../src/engine/data/store/write-store.ts';
import type { Features } from '../../../src/engine/run/index.ts';
import { download, type DownloadOptions } from '../../../src/engine/transfer/download.ts';
import { epochOf, headerOf } from './sample-run.ts';
import { createRun } from '../../support/held-run.ts';

/** What is downloaded. */
export type Wanted = Pick<DownloadOptions, 'source' | 'checksum' | 'size'>;

const strongest: Features = {
  neurons: 3,
  perNeuron: 1,
  image: Int32Array.of(3, 1, 2),
  y: new Int32Array(3),
  x: new Int32Array(3),
  activation: Float32Array.of(9, 8, 7),
};

/** Writes one of each in a new directory: a run with a checkpoint, features and an epoch; images; a download. */
export async function writeAll(directory: string, wanted: Wanted): Promise<void> {
  const header = headerOf();
  const writer = await createRun(join(directory, 'run'), header);
  const weights = { type: 'float32', shape: [2], data: Float32Array.of(1, 0.5) } as const;
  await writer.writeCheckpoint(1, new Map([['conv1.weights', weights]]), { best: true });
  await writer.writeFeatures(1, [strongest, strongest]);
  const { record, layers } = epochOf(header, 1);
  await writer.commitEpoch(record, layers);
  await writer.close();
  const images = Readable.from([{ pixels: Uint8Array.of(1, 2, 3), label: 0, name: 'a.png' }]);
  await writeStore(join(directory, 'store'), {
    ...{ name: 'x', classes: ['a'], imageShape: [1, 1, 3] },
    parts: [{ name: 'all', atMost: 1, images }],
  });
  const context = { signal: new AbortController().signal, onProgress: () => undefined, onNotice: () => undefined };
  const destination = join(directory, 'loaded', 'file');
  await download({ ...wanted, destination, label: 'downloading', context, env: {} });
}

/** A file that takes its place as a whole: its bytes, flushed, then its name, flushed. */
const replaced = (folder: string, name: string): string[] => [
  `write ${folder}/.${name}.tmp`,
  `flush ${folder}/.${name}.tmp`,
  `rename ${folder}/.${name}.tmp ${folder}/${name}`,
  `flush ${folder}`,
];

/** What must happen to the files that {@link writeAll} writes, in this order; nothing is promised of others. */
export const inOrder: readonly string[] = [
  ...replaced('run', 'run.json'),
  // An empty file has its flush alone.
  ...replaced('run', 'epochs.jsonl').slice(1),
  'flush .',
  ...replaced('run/checkpoints', '000001.safetensors'),
  ...replaced('run/features/000001', '01.safetensors'),
  ...replaced('run/features/000001', '02.safetensors'),
  ...replaced('run/features/000001', 'features.json'),
  ...replaced('run/epochs', '000001.safetensors'),
  'write run/epochs.jsonl',
  'flush run/epochs.jsonl',
  'write .store.tmp/all.bin',
  'flush .store.tmp/all.bin',
  ...replaced('.store.tmp', 'all.names.json'),
  ...replaced('.store.tmp', 'images.json'),
  'rename .store.tmp store',
  'flush .',
  'write loaded/file.part',
  'flush loaded/file.part',
  'rename loaded/file.part loaded/file',
  'flush loaded',
];
