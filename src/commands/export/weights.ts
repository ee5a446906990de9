import { encodeSafetensors } from '../../engine/arrays/index.ts';
import { formatBytes } from '../../engine/base/byte-size.ts';
import { DeepviewError, exitCodes } from '../../engine/base/errors.ts';
import { checkpointEpochs, readCheckpoint } from '../../engine/run/checkpoints.ts';
import { networkOf } from '../../engine/training/plan.ts';
import { conventional, inputShapes } from '../../engine/training/weights/forms.ts';
import type { Exported, ExportTask } from './exporters.ts';

/**
 * The weights of an epoch as safetensors, named and laid out as PyTorch has them.
 * @throws DeepviewError `no-checkpoint` (exit code 2), naming the epochs that have one
 */
export async function encode({ run, epoch }: ExportTask): Promise<Exported> {
  const { directory, header } = run;
  const kept = await checkpointEpochs(directory);
  if (epoch === undefined || !kept.includes(epoch)) {
    const what = epoch === undefined ? 'the run has no finished epoch' : `the run has no checkpoint of epoch ${epoch}`;
    throw new DeepviewError('no-checkpoint', what, {
      hint:
        kept.length > 0
          ? `Kept are the best and the latest two: ${kept.join(', ')}.`
          : 'Only runs that this program trained have checkpoints.',
      exitCode: exitCodes.usage,
    });
  }
  const state = new Map(
    [...(await readCheckpoint(directory, epoch))].map(([name, { shape, data }]) => [
      name,
      { shape, data: Float32Array.from(data, Number) },
    ]),
  );
  const weights = conventional(state, inputShapes(networkOf(header)));
  const content = encodeSafetensors(
    new Map([...weights].map(([name, tensor]) => [name, { type: 'float32' as const, ...tensor }])),
    {
      // What PyTorch's loaders look for.
      format: 'pt',
      network: header.network.name,
      run: header.id,
      epoch: String(epoch),
      program: `${header.program.name} ${header.program.version}`,
    },
  );
  const bytes = content.reduce((sum, piece) => sum + piece.byteLength, 0);
  const values = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  return {
    content,
    text: `${weights.size} tensors, ${values} values, ${formatBytes(bytes)}, epoch ${epoch}`,
    facts: { epoch, tensors: weights.size, values, bytes },
  };
}
