import { spawn } from 'node:child_process';
import { DeepviewError, errorOf, type ErrorReport } from '../../base/errors.ts';
import type { LeadingEigenvectors } from '../../base/matrices.ts';
import { programPath } from '../../base/program-files.ts';
import type { EngineName } from '../engine.ts';

/** What the decomposition process is asked for. */
export interface DecompositionRequest {
  engine: EngineName;
  /** [size, size] */
  symmetric: Float32Array;
  size: number;
  least: number;
}

/** Its answer, the only thing it says. */
export type DecompositionAnswer = { found: LeadingEigenvectors } | { error: ErrorReport };

/**
 * Decomposes in a process of its own. A library that is at it cannot be interrupted: a thread could not be ended before
 * it is done, a process can. It also gives back all memory.
 * @throws DeepviewError `cancelled` as soon as the signal is given, `decomposition-ended`, what opening the engine throws
 */
export async function decomposeApart(
  request: DecompositionRequest,
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<LeadingEigenvectors> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [programPath('decomposition-process')], {
    // What native libraries print goes where that of this process goes.
    stdio: ['ignore', 2, 2, 'ipc'],
    serialization: 'advanced',
    // In a session of its own no key of the terminal reaches it; a GPU's memory is taken by this process already.
    detached: true,
    env: { ...env, CUDA_VISIBLE_DEVICES: '-1' },
  });
  const end = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', end);
  try {
    const answer = await new Promise<DecompositionAnswer>((resolve, reject) => {
      child.on('message', (message) => resolve(message as DecompositionAnswer));
      child.on('error', reject);
      child.on('close', (code, by) => reject(ended(by ?? `code ${code}`)));
      child.send(request, () => undefined);
    });
    if ('error' in answer) throw errorOf(answer.error);
    return answer.found;
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

const ended = (how: string): DeepviewError =>
  new DeepviewError('decomposition-ended', `The process that decomposes a matrix ended unexpectedly (${how}).`, {
    hint: 'It may have run out of memory; the log has more. --preparation contrast needs no such step.',
  });
