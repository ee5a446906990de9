import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSafetensors, type TensorToWrite } from '../arrays/safetensors.ts';
import { DeepviewError, exitCodes } from '../base/errors.ts';
import { fileError, makeDirectory, writeFileAtomically } from '../base/files.ts';
import { isShipped } from '../base/program-files.ts';
import type { NeuronMetrics } from '../metrics/index.ts';
import { setMetrics } from './epoch-data.ts';
import { readStoredLayer, withEpochFile } from './epoch-reader.ts';
import type { RunHeader } from './format.ts';
import { runFiles, runFolders } from './layout.ts';

/** What identifies the file that metrics were computed from; empty where it is not there. */
async function sourceMark(directory: string, epoch: number): Promise<string> {
  const path = runFiles.epochData(directory, epoch);
  try {
    const { size, mtimeMs } = await stat(path);
    return `${size} ${mtimeMs}`;
  } catch (thrown) {
    const error = fileError(thrown, 'read', path, exitCodes.unreadable);
    if (error.code === 'not-found') return '';
    throw error;
  }
}

/** The metrics of each layer that a reader computed before; none of a file that has changed since. */
export async function readComputed(directory: string, header: RunHeader, epoch: number): Promise<NeuronMetrics[]> {
  const path = runFiles.computed(directory, epoch);
  const mark = await sourceMark(directory, epoch);
  try {
    return await withEpochFile(path, async (file) => {
      const result: NeuronMetrics[] = [];
      if (file.metadata.get('source') !== mark) return result;
      for (const layer of header.network.layers) result.push(await readStoredLayer(file, path, layer));
      return result;
    });
  } catch (thrown) {
    // It only saves time: what is missing or damaged is computed again.
    if (thrown instanceof DeepviewError) return [];
    throw thrown;
  }
}

/** Keeps what was computed, where the run may be written to: not in the one that is part of the program. */
export async function keepComputed(
  directory: string,
  header: RunHeader,
  epoch: number,
  metrics: readonly NeuronMetrics[],
): Promise<void> {
  if (isShipped(directory)) return;
  const tensors = new Map<string, TensorToWrite>();
  header.network.layers.forEach((layer, place) => setMetrics(tensors, layer, metrics[place]));
  const source = await sourceMark(directory, epoch);
  try {
    await makeDirectory(join(directory, runFolders.computed));
    await writeFileAtomically(runFiles.computed(directory, epoch), encodeSafetensors(tensors, { source }));
  } catch (thrown) {
    // A run that may only be read is read all the same: its metrics are then computed every time.
    if (!['no-permission', 'disk-full'].includes(fileError(thrown, 'write', directory).code)) throw thrown;
  }
}
