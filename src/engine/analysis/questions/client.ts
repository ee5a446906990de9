import { Worker } from 'node:worker_threads';
import { DeepviewError, reportOf } from '../../base/errors.ts';
import type { Paths } from '../../base/paths.ts';
import type { ExplorationAnswer, ExplorationMessage, ExplorationRequest, ExplorationSettings } from './messages.ts';

/** A thread that answers questions about a run's layers and neurons, in steps. */
export interface Exploration {
  /** Asks; the answer to an earlier question of the same kind ends. */
  ask: (request: ExplorationRequest) => void;
  /** Calls `listener` with every answer from now on. @returns ends the subscription */
  subscribe: (listener: (answer: ExplorationAnswer) => void) => () => void;
  /** Ends the answers to a kind of question, or to all. */
  cancel: (type?: ExplorationRequest['type']) => void;
  /** Ends the thread. */
  close: () => Promise<void>;
}

/**
 * Explores the run in a directory, live or finished, in a thread of its own, which starts with the first question.
 * Nothing is thrown: whatever goes wrong arrives as an `unavailable` answer, and a later question starts afresh.
 * @param program the built analysis-worker.js
 */
export function startExploration(
  program: URL,
  directory: string,
  { paths, env }: { paths: Paths; env: NodeJS.ProcessEnv },
): Exploration {
  const listeners = new Set<(answer: ExplorationAnswer) => void>();
  const asked = new Set<ExplorationRequest['type']>();
  let worker: Worker | undefined;
  let closed = false;

  const tell = (answer: ExplorationAnswer): void => {
    for (const listener of listeners) listener(answer);
  };
  const ended = (which: Worker, cause: unknown): void => {
    if (worker !== which || closed) return;
    worker = undefined;
    const error = reportOf(
      new DeepviewError('analysis-stopped', 'The analysis thread ended unexpectedly.', {
        hint: 'It may have run out of memory; asking again starts it again.',
        cause,
      }),
    );
    for (const about of asked) tell({ type: 'unavailable', about, error });
    asked.clear();
  };
  const start = (): Worker => {
    const settings: ExplorationSettings = { explore: directory, paths };
    const started = new Worker(program, { name: 'exploration', workerData: settings, env });
    // Pictures hold no process when everything else is done.
    started.unref();
    started.on('message', (answer: ExplorationAnswer) => {
      if (!closed) tell(answer);
    });
    started.on('error', (error) => ended(started, error));
    started.on('exit', () => ended(started, undefined));
    return started;
  };
  const post = (message: ExplorationMessage): void => worker?.postMessage(message);

  return {
    ask(request) {
      if (closed) return;
      worker ??= start();
      asked.add(request.type);
      post({ type: 'ask', request });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel(type) {
      if (type === undefined) asked.clear();
      else asked.delete(type);
      post({ type: 'cancel', ...(type !== undefined && { about: type }) });
    },
    async close() {
      closed = true;
      listeners.clear();
      await worker?.terminate();
    },
  };
}
