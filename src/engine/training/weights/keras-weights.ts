import { basename } from 'node:path';
import { sha256Of } from '../../base/files.ts';
import { openKerasModel } from '../../network/keras/index.ts';
import { printable } from '../../base/printable.ts';
import type { ModelState } from '../model-state.ts';
import { some, wrong, type WeightsOrigin } from './origin.ts';

/**
 * Reads the weights of a Keras model for the network that it is, or for one of the same layers under the same names.
 * @param path of its model.json
 * @param own the network's parameters, of whose names and shapes the model's must be
 * @throws DeepviewError `wrong-weights` (exit code 4) naming what is missing, unknown or misshapen, or what opening the
 *   model throws
 */
export async function readKerasWeights(
  path: string,
  own: ModelState,
  network: string,
): Promise<{ state: ModelState; origin: WeightsOrigin }> {
  const { weights, files } = await openKerasModel(path);
  const state = await weights();
  const problems: string[] = [];
  const missing = [...own.keys()].filter((name) => !state.has(name));
  const extra = [...state.keys()].filter((name) => !own.has(name));
  if (missing.length > 0) problems.push(`it lacks ${some(missing)}`);
  if (extra.length > 0) problems.push(`it has ${some(extra)}, unknown to the network`);
  for (const [name, { shape }] of state) {
    const needed = own.get(name)?.shape;
    if (needed && needed.join() !== shape.join()) {
      problems.push(`${name} is [${shape.join(', ')}], not [${needed.join(', ')}]`);
    }
  }
  if (problems.length > 0) throw wrong(path, `these are not weights of ${printable(network)}: ${some(problems, '; ')}`);
  return { state, origin: { file: printable(basename(path)), sha256: await sha256Of(files) } };
}
