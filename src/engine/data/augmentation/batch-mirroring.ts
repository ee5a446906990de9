import { Random } from '../../base/random.ts';

/** Which batches of an epoch are mirrored left-right as a whole: each with probability one half, by seed and epoch. */
export function epochMirroring(batches: number, seed: number, epoch: number): boolean[] {
  const random = new Random(seed, 'mirroring', epoch);
  return Array.from({ length: batches }, () => random.uniform() < 0.5);
}
