import { basename, extname } from 'node:path';
import { isFloat, openSafetensors, type ElementType, type NumericArray } from '../../arrays/index.ts';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { sha256Of } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { openKerasModel } from '../../network/keras/index.ts';
import type { ModelState } from '../model-state.ts';
import { fromFile, weightForms, type InputShape, type WeightForm } from './forms.ts';

/** Which file a run's weights came from. */
export interface WeightsOrigin {
  /** Its name, without where it was. */
  file: string;
  /** Of its content, in hexadecimal digits; of a Keras model's model.json with its files of weights behind it. */
  sha256: string;
}

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
  if (extname(path).toLowerCase() === '.json') {
    const { weights, files } = await openKerasModel(path);
    const state = await weights();
    requireFit({ path, network }, state, own);
    return { state, origin: { file: printable(basename(path)), sha256: await sha256Of(files) } };
  }
  const file = await openSafetensors(path);
  try {
    const isCheckpoint = file.metadata.get('format') === 'deepview-checkpoint';
    const forms = weightForms(own, inputOf).map((form): WeightForm => (isCheckpoint ? asOurs(form) : form));
    const expected = new Map(forms.map((form) => [form.name, form]));
    requireFit(
      { path, network },
      file.tensors,
      expected,
      (name) => uncounted.test(name) || (isCheckpoint && isOptimisers(name, expected)),
    );
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

interface Shaped {
  shape: readonly number[];
  type?: ElementType;
}

/** @param isPassedOver what of the file the network does not ask for, and may be there */
function requireFit(
  { path, network }: { path: string; network: string },
  found: ReadonlyMap<string, Shaped>,
  expected: ReadonlyMap<string, Shaped>,
  isPassedOver: (name: string) => boolean = () => false,
): void {
  const problems: string[] = [];
  const missing = [...expected.keys()].filter((name) => !found.has(name));
  const extra = [...found.keys()].filter((name) => !expected.has(name) && !isPassedOver(name));
  if (missing.length > 0) problems.push(`it lacks ${some(missing)}`);
  if (extra.length > 0) problems.push(`it has ${some(extra)}, unknown to the network`);
  for (const [name, { shape }] of expected) {
    const { type = 'float32', shape: own = shape } = found.get(name) ?? {};
    if (!isFloat(type)) problems.push(`${name} is ${type}, not floating point`);
    if (own.join() !== shape.join()) problems.push(`${name} is [${own.join(', ')}], not [${shape.join(', ')}]`);
  }
  if (problems.length > 0) throw wrong(path, `these are not weights of ${printable(network)}: ${some(problems, '; ')}`);
}

const mostNamed = 8;

/** The first few of a list of problems or names, and how many more there are. */
function some(words: readonly string[], between = ', '): string {
  const shown = words.slice(0, mostNamed).map((word) => printable(word));
  return words.length > mostNamed
    ? `${shown.join(between)}${between}and ${words.length - mostNamed} more`
    : shown.join(between);
}

/** An error about a file of weights: code `wrong-weights`, exit code 4. */
const wrong = (path: string, problem: string): DeepviewError =>
  new DeepviewError('wrong-weights', `${printable(path, 1000)}: ${problem}`, {
    hint: 'docs/weights.md says how weights are named and laid out.',
    exitCode: exitCodes.unreadable,
  });

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
