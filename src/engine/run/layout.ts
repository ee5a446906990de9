import { join } from 'node:path';

/** Where the parts of a run directory lie; the only file that knows their names. */
export const runFiles = {
  header: (directory: string): string => join(directory, 'run.json'),
  epochs: (directory: string): string => join(directory, 'epochs.jsonl'),
  status: (directory: string): string => join(directory, 'status.json'),
  lock: (directory: string): string => join(directory, 'lock.json'),
  request: (directory: string, id: string): string => join(directory, runFolders.requests, `${id}.json`),
  epochData: (directory: string, epoch: number): string => join(directory, 'epochs', `${numbered(epoch)}.safetensors`),
  computed: (directory: string): string => join(directory, runFolders.computed, 'metrics.safetensors'),
  checkpoint: (directory: string, epoch: number): string =>
    join(directory, 'checkpoints', `${numbered(epoch)}.safetensors`),
  features: (directory: string, epoch: number, layer: number): string =>
    join(directory, runFolders.features, numbered(epoch), `${String(layer).padStart(2, '0')}.safetensors`),
  featureFolder: (directory: string, epoch: number): string => join(directory, runFolders.features, numbered(epoch)),
  featureIndex: (directory: string, epoch: number): string =>
    join(directory, runFolders.features, numbered(epoch), 'features.json'),
  images: (directory: string): string => join(directory, runFolders.images),
  cacheFolder: (directory: string, epoch: number): string => join(directory, runFolders.cache, numbered(epoch)),
} as const;

/** The folders of a run directory. */
export const runFolders = {
  epochs: 'epochs',
  computed: 'computed',
  checkpoints: 'checkpoints',
  features: 'features',
  images: 'images',
  cache: 'cache',
  requests: 'requests',
} as const;

const numbered = (epoch: number): string => String(epoch).padStart(6, '0');

/** The epoch that a file of `epochs/` or `checkpoints/` belongs to, or undefined for anything else. */
export function epochOfFile(name: string): number | undefined {
  const match = /^(\d{6,13})\.safetensors$/.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** The epoch that a folder of `features/` belongs to, or undefined for anything else. */
export function epochOfFolder(name: string): number | undefined {
  return /^\d{6,13}$/.test(name) ? Number(name) : undefined;
}
