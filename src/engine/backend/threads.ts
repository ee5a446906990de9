import { availableParallelism } from 'node:os';

/** What TensorFlow reads, once a process: among how many threads a kernel shares its work. */
const variable = 'TF_NUM_INTRAOP_THREADS';

/**
 * Threads of a deterministic training, on any machine. A kernel adds up what its threads found, so that their number is
 * a part of the result. Four cost a machine of fewer cores little, and keep those of a larger one at work.
 */
export const deterministicThreads = 4;

/** Threads of the native engine in an environment: one a core unless it says otherwise. */
export function threadsIn(env: NodeJS.ProcessEnv): number {
  const given = Number(env[variable]);
  return Number.isSafeInteger(given) && given > 0 ? given : availableParallelism();
}

/**
 * What to add to an environment for a training; it is said even where it is usual, so that what is recorded holds. The
 * bindings compute on one GPU, of several on the last: TensorFlow is shown one alone, the first of those that the user
 * allows, and takes of its memory what it needs instead of all.
 */
export const nativeSettings = (env: NodeJS.ProcessEnv, deterministic = false): Record<string, string> => ({
  [variable]: String(deterministic ? deterministicThreads : threadsIn(env)),
  CUDA_VISIBLE_DEVICES: env['CUDA_VISIBLE_DEVICES']?.split(',')[0] ?? '0',
  TF_FORCE_GPU_ALLOW_GROWTH: env['TF_FORCE_GPU_ALLOW_GROWTH'] || 'true',
});
