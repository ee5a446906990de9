import { encodeSafetensors } from '../../engine/arrays/index.ts';
import { formatBytes } from '../../engine/base/byte-size.ts';
import { DeepviewError, exitCodes } from '../../engine/base/errors.ts';
import { writeFileAtomically } from '../../engine/base/files.ts';
import { printable } from '../../engine/base/printable.ts';
import { checkpointEpochs, readCheckpoint } from '../../engine/run/checkpoints.ts';
import { networkOf } from '../../engine/training/plan.ts';
import { conventional } from '../../engine/training/weights/forms.ts';
import { inputShapes } from '../../engine/training/weights/input-shapes.ts';
import { printJson, printLine } from '../common.ts';
import type { Exporter } from '../export.ts';
import { epochMeant } from '../run-place.ts';

/**
 * Writes the weights of an epoch (of the one with the lowest validation error, unless another is named) as safetensors,
 * named and laid out as PyTorch has them.
 * @throws DeepviewError `no-checkpoint` (exit code 2), naming the epochs that have one
 */
export const exportWeights: Exporter = async ({ run, output, epoch: word }, context) => {
  const { directory, header } = run;
  const kept = await checkpointEpochs(directory);
  const epoch = epochMeant(run, word ?? 'best');
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
  const pieces = encodeSafetensors(
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
  await writeFileAtomically(output, pieces);
  const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const values = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  if (context.json) printJson(context, { format: 1, file: output, epoch, tensors: weights.size, values, bytes });
  else {
    printLine(
      context,
      `${printable(output, 1000)}: ${weights.size} tensors, ${values} values, ${formatBytes(bytes)}, epoch ${epoch}`,
    );
  }
};
