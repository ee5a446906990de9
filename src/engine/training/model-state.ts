import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { DeepviewError, exitCodes } from '../errors.ts';
import type { Parameter } from '../network/layers/index.ts';
import { printable } from '../printable.ts';
import type { Optimiser } from './optimiser.ts';

/** A network's weights, saved statistics (batch normalisation's) and velocities, by name. */
export type ModelState = Map<string, { shape: readonly number[]; data: Float32Array }>;

/** `conv1.weights` has the velocity `conv1.weights.velocity`, once it has been trained. */
const velocityName = (name: string): string => `${name}.velocity`;

export function readState(parameters: readonly Parameter[], optimiser: Optimiser): ModelState {
  const state: ModelState = new Map();
  const add = (name: string, tensor: Tensor): void => {
    // Copied: some engines hand out a view of their own memory.
    const data = tensor.dataSync<'float32'>().slice();
    if (!data.every(Number.isFinite)) {
      throw new DeepviewError('weights-not-finite', `the values of ${name} are no longer finite numbers`, {
        hint: 'A lower learning rate, or another seed, keeps training stable.',
      });
    }
    state.set(name, { shape: tensor.shape, data });
  };
  for (const { name, value } of parameters) {
    add(name, value);
    const velocity = optimiser.velocities.get(name);
    if (velocity) add(velocityName(name), velocity);
  }
  return state;
}

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
  const known = new Set(parameters.flatMap(({ name }) => [name, velocityName(name)]));
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
  // All is checked before anything changes.
  const restored = parameters.map((parameter) => {
    const value = found(parameter.name, parameter.shape);
    if (!value) throw wrong(`it lacks ${parameter.name}`);
    return { parameter, value, velocity: found(velocityName(parameter.name), parameter.shape) };
  });
  for (const { parameter, value, velocity } of restored) {
    parameter.value.dispose();
    parameter.value = tf.keep(tf.tensor(value.slice(), [...parameter.shape], 'float32'));
    if (parameter.multipliers) optimiser.restore(parameter, velocity?.slice() ?? new Float32Array(value.length));
  }
}
