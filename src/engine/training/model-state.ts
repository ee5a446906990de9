import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { DeepviewError, exitCodes } from '../base/errors.ts';
import type { Parameter } from '../network/layers/index.ts';
import { printable } from '../base/printable.ts';
import type { Optimiser } from './optimisers/index.ts';

/** A network's weights, saved statistics (batch normalisation's) and what its optimiser keeps, by name. */
export type ModelState = Map<string, { shape: readonly number[]; data: Float32Array }>;

/** Steps taken, [1], for optimisers that depend on their number; beyond the last whole number that a float holds it stays. */
const stepName = 'optimiser.step';
const mostSteps = 2 ** 24;

/** `conv1.weights` has the velocity `conv1.weights.velocity`, once it has been trained. */
const slotName = (parameter: string, slot: string): string => `${parameter}.${slot}`;

/** @throws DeepviewError `weights-not-finite` */
export async function readState(parameters: readonly Parameter[], optimiser: Optimiser): Promise<ModelState> {
  const tensors = parameters.flatMap((parameter): [string, Tensor][] => [
    [parameter.name, parameter.value],
    ...(optimiser.kept(parameter) ?? []).map((tensor, at): [string, Tensor] => [
      slotName(parameter.name, optimiser.slots[at]),
      tensor,
    ]),
  ]);
  const read = tensors.map(async ([name, tensor]): Promise<[string, { shape: number[]; data: Float32Array }]> => {
    // Copied: some engines hand out a view of their own memory.
    const data = (await tensor.data<'float32'>()).slice();
    if (data.every(Number.isFinite)) return [name, { shape: tensor.shape, data }];
    throw new DeepviewError('weights-not-finite', `the values of ${name} are no longer finite numbers`, {
      hint: 'A lower learning rate, or another seed, keeps training stable.',
    });
  });
  const state: ModelState = new Map(await Promise.all(read));
  if (optimiser.counted && optimiser.steps > 0) {
    state.set(stepName, { shape: [1], data: Float32Array.of(Math.min(optimiser.steps, mostSteps)) });
  }
  return state;
}

/**
 * Puts back what `readState` gave. All is checked before anything changes.
 * @throws DeepviewError `wrong-checkpoint` (exit code 4), naming what does not belong to the network or its optimiser
 */
export function restoreState(
  tf: typeof TensorFlow,
  state: ModelState,
  parameters: readonly Parameter[],
  optimiser: Optimiser,
  network: string,
): void {
  const wrong = (problem: string): DeepviewError =>
    new DeepviewError('wrong-checkpoint', `the checkpoint is not of ${printable(network)}: ${problem}`, {
      hint: 'Name the network that the run was trained with.',
      exitCode: exitCodes.unreadable,
    });
  const slotsOf = (name: string): string[] => optimiser.slots.map((slot) => slotName(name, slot));
  const known = new Set(parameters.flatMap(({ name }) => [name, ...slotsOf(name)]));
  if (optimiser.counted) known.add(stepName);
  for (const name of state.keys()) if (!known.has(name)) throw wrong(`it has an array "${printable(name)}"`);
  const found = (name: string, shape: readonly number[]): Float32Array | undefined => {
    const entry = state.get(name);
    if (!entry) return undefined;
    const size = shape.reduce((product, side) => product * side, 1);
    if (entry.shape.join() !== shape.join() || entry.data.length !== size) {
      throw wrong(`${name} has the shape [${entry.shape.join(', ')}] instead of [${shape.join(', ')}]`);
    }
    if (!entry.data.every(Number.isFinite)) throw wrong(`${name} has values that are not finite`);
    return entry.data;
  };
  const steps = found(stepName, [1])?.[0] ?? 0;
  if (!Number.isInteger(steps) || steps < 0) throw wrong(`${stepName} is ${steps}, not a number of steps`);
  const restored = parameters.map((parameter) => {
    const { name, shape, multipliers } = parameter;
    const value = found(name, shape);
    if (!value) throw wrong(`it lacks ${name}`);
    const slots = slotsOf(name).map((slot) => found(slot, shape));
    // Zeros would be taken for running means over all the steps so far.
    const lacking = steps > 0 && multipliers ? slots.indexOf(undefined) : -1;
    if (lacking >= 0) throw wrong(`it lacks ${slotsOf(name)[lacking]}`);
    return { parameter, value, slots };
  });
  for (const { parameter, value, slots } of restored) {
    parameter.value.dispose();
    parameter.value = tf.keep(tf.tensor(value.slice(), [...parameter.shape], 'float32'));
    if (parameter.multipliers) {
      optimiser.restore(
        parameter,
        slots.map((slot) => slot?.slice()),
      );
    }
  }
  optimiser.steps = steps;
}
