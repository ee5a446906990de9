import { basename, extname } from 'node:path';
import { isFloat, openSafetensors, type NumericArray, type SafetensorsFile } from '../../arrays/index.ts';
import { sha256Of } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import type { ModelState } from '../model-state.ts';
import { readKerasWeights } from './keras-weights.ts';
import { some, wrong, type WeightsOrigin } from './origin.ts';
import { fromFile, weightForms, type InputShape, type WeightForm } from './forms.ts';

export type { WeightsOrigin } from './origin.ts';

/** What PyTorch saves beside batch normalisation's statistics, and resuming does not need. */
const uncounted = /\.num_batches_tracked$/;

/**
 * Reads weights for a network from a Keras model (a model.json), or from a safetensors file: one that `export RUN weights` or PyTorch wrote, under
 * conventional names, or a run's checkpoint, whose optimiser state is passed over.
 * @param own the network's parameters, of whose names and shapes the file's must be
 * @param network its name, for messages
 * @param inputOf what goes into a layer, by its name
 * @throws DeepviewError `wrong-weights` (exit code 4), naming every tensor that is missing, unknown, misshapen or not
 *   finite; `bad-array` for a file that is no safetensors file
 */
export async function readWeights(
  path: string,
  own: ModelState,
  network: string,
  inputOf: (layer: string) => InputShape | undefined,
): Promise<{ state: ModelState; origin: WeightsOrigin }> {
  if (extname(path).toLowerCase() === '.json') return readKerasWeights(path, own, network);
  const file = await openSafetensors(path);
  try {
    const isCheckpoint = file.metadata.get('format') === 'deepview-checkpoint';
    const forms = weightForms(own, inputOf).map((form): WeightForm => (isCheckpoint ? asOurs(form) : form));
    requireFit(path, file, forms, network, isCheckpoint);
    const state: ModelState = new Map();
    for (const form of forms) {
      const { data } = await file.read(form.name);
      const values = fromFile(singlePrecision(data, path, form.name), form);
      state.set(form.parameter, { shape: own.get(form.parameter)!.shape, data: values });
    }
    return { state, origin: { file: printable(basename(path)), sha256: await sha256Of(path) } };
  } finally {
    await file.close();
  }
}

/** A checkpoint has our own names and layouts. */
const asOurs = ({ parameter, axes, order, shape }: WeightForm): WeightForm => {
  const size = shape.reduce((product, side) => product * side, 1);
  const own = order.length === shape.length ? axes : [size / axes[3], axes[3]];
  return { parameter, name: parameter, shape: own, axes: own, order: own.map((_, axis) => axis) };
};

function requireFit(
  path: string,
  { tensors }: SafetensorsFile,
  forms: readonly WeightForm[],
  network: string,
  isCheckpoint: boolean,
): void {
  const expected = new Map(forms.map((form) => [form.name, form]));
  const problems: string[] = [];
  const missing = forms.filter(({ name }) => !tensors.has(name)).map(({ name }) => name);
  const extra = [...tensors.keys()].filter(
    (name) => !expected.has(name) && !uncounted.test(name) && !(isCheckpoint && isOptimisers(name, expected)),
  );
  if (missing.length > 0) problems.push(`it lacks ${some(missing)}`);
  if (extra.length > 0) problems.push(`it has ${some(extra)}, unknown to the network`);
  for (const { name, shape } of forms) {
    const found = tensors.get(name);
    if (!found) continue;
    if (!isFloat(found.type)) problems.push(`${name} is ${found.type}, not floating point`);
    if (found.shape.join() !== shape.join()) {
      problems.push(`${name} is [${found.shape.join(', ')}], not [${shape.join(', ')}]`);
    }
  }
  if (problems.length > 0) throw wrong(path, `these are not weights of ${printable(network)}: ${some(problems, '; ')}`);
}

/** `conv1.weights.velocity`, `optimiser.step`: only there to go on with a run. */
const isOptimisers = (name: string, expected: ReadonlyMap<string, unknown>): boolean =>
  name === 'optimiser.step' || expected.has(name.slice(0, name.lastIndexOf('.')));

function singlePrecision(data: NumericArray['data'], path: string, name: string): Float32Array {
  const values = data instanceof Float32Array ? data : Float32Array.from(data, Number);
  // Double precision may be finite and yet beyond what single precision holds.
  const place = values.findIndex((value) => !Number.isFinite(value));
  if (place >= 0) throw wrong(path, `value ${place} of ${name} is ${values[place]}, not a finite number`);
  return values;
}
