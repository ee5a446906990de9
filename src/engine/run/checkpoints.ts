import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NumericArray } from '../arrays/array-source.ts';
import { encodeSafetensors, openSafetensors, type TensorToWrite } from '../arrays/safetensors.ts';
import { namesIn } from '../base/files.ts';
import { makeDirectoryInside, writeFileAtomically } from '../base/write-files.ts';
import { runError } from './check.ts';
import { epochOfFile, runFiles, runFolders } from './layout.ts';

/** How many of the latest checkpoints are kept beside the best. */
const latestKept = 2;

/** Writes a checkpoint, then removes what is neither among the latest two nor the best. */
export async function writeCheckpoint(
  directory: string,
  epoch: number,
  tensors: ReadonlyMap<string, TensorToWrite>,
  best: number,
): Promise<void> {
  await makeDirectoryInside(directory, runFolders.checkpoints);
  await writeFileAtomically(
    runFiles.checkpoint(directory, epoch),
    encodeSafetensors(tensors, { format: 'deepview-checkpoint', epoch: String(epoch) }),
  );
  const present = await checkpointEpochs(directory);
  const kept = new Set([...present.slice(-latestKept), best, epoch]);
  for (const old of present) if (!kept.has(old)) await rm(runFiles.checkpoint(directory, old), { force: true });
}

/** The epochs that have a checkpoint, ascending. */
export async function checkpointEpochs(directory: string): Promise<number[]> {
  return (await namesIn(join(directory, runFolders.checkpoints)))
    .map(epochOfFile)
    .filter((epoch) => epoch !== undefined)
    .sort((a, b) => a - b);
}

/**
 * A checkpoint's tensors by name.
 * @throws DeepviewError exit code 4 if it is missing or damaged
 */
export async function readCheckpoint(directory: string, epoch: number): Promise<Map<string, NumericArray>> {
  const path = runFiles.checkpoint(directory, epoch);
  const file = await openSafetensors(path);
  try {
    if (file.metadata.get('epoch') !== String(epoch))
      throw runError(path, `it is not the checkpoint of epoch ${epoch}`);
    const tensors = new Map<string, NumericArray>();
    for (const name of file.tensors.keys()) tensors.set(name, await file.read(name));
    return tensors;
  } finally {
    await file.close();
  }
}
