import { DeepviewError } from '../../base/errors.ts';
import type { NeuronMetrics } from '../../metrics/index.ts';
import type { LayerRecord } from '../../run/format.ts';
import type { LayerEvolution } from './messages.ts';
import type { Pause } from '../neuron-distances.ts';
import type { RunEpochs } from './run-epochs.ts';

/** A layer's metrics at the epochs read so far. */
export type EvolutionMemory = Map<number, NeuronMetrics>;

/** Milliseconds between two parts of a long run that are shown. */
const shownEvery = 250;

/**
 * All neurons of a layer over the committed epochs; only epochs that are new since the last question are read. An epoch
 * whose file is gone or damaged is left out.
 * @throws DeepviewError naming the file, if no epoch can be read at all
 */
export async function evolutionOf(
  run: RunEpochs,
  layer: LayerRecord,
  memory: EvolutionMemory,
  show: (evolution: LayerEvolution) => void,
  pause: Pause,
): Promise<void> {
  await run.refresh();
  let problem: DeepviewError | undefined;
  let shown = performance.now();
  for (const epoch of run.epochs) {
    if (memory.has(epoch)) continue;
    try {
      memory.set(epoch, await run.neurons(epoch, layer));
    } catch (thrown) {
      if (!(thrown instanceof DeepviewError)) throw thrown;
      problem ??= thrown;
    }
    await pause();
    if (performance.now() - shown > shownEvery) {
      show(assembled(layer, memory));
      shown = performance.now();
    }
  }
  if (memory.size === 0 && problem) throw problem;
  show(assembled(layer, memory));
}

function assembled({ index, units }: LayerRecord, memory: EvolutionMemory): LayerEvolution {
  const epochs = [...memory.keys()].sort((a, b) => a - b);
  const metrics: Record<string, Float64Array> = {};
  epochs.forEach((epoch, row) => {
    for (const [metric, values] of Object.entries(memory.get(epoch) ?? {})) {
      metrics[metric] ??= new Float64Array(epochs.length * units).fill(Number.NaN);
      metrics[metric].set(values, row * units);
    }
  });
  return { layer: index, epochs, neurons: units, metrics };
}
