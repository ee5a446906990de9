import { Random } from '../base/random.ts';

/**
 * The order in which an epoch goes through its images: a permutation of 0..count-1 of its own for each epoch and seed.
 * It does not depend on the epochs before, so a resumed run goes on as an uninterrupted one would.
 * @param epoch from 1
 */
export function epochOrder(count: number, seed: number, epoch: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  return new Random(seed, 'epoch order', epoch).shuffle(order);
}
