import { Worker } from 'node:worker_threads';
import { DeepviewError, errorOf, type ErrorReport } from '../base/errors.ts';
import type { NeuronMetrics, Samples, WholeMetrics } from '../metrics/index.ts';

/** What the thread is asked. */
export interface MetricsRequest {
  id: number;
  layers: Samples[];
  /** The class of each image, where that is known. */
  labels?: ArrayLike<number>;
  /** Ids; by default all that can be computed. */
  wanted?: readonly string[];
}

/** What it answers, to the request of that id. */
export type MetricsReply = { id: number } & (MetricsAnswer | { error: ErrorReport });

export interface MetricsAnswer {
  layers: NeuronMetrics[];
  /** Of each layer what it has as a whole. */
  whole: WholeMetrics[];
  /** What computing them took, without waiting for earlier questions. */
  seconds: number;
}

/** A thread that analyses; its results arrive in the order of the questions. */
export interface Analysis {
  /**
   * The metrics of every layer's neurons, as `measureLayer` has them, and of layers as a whole.
   * @param labels the class of each image, where that is known
   * @param wanted ids; by default all that can be computed
   * @throws DeepviewError `length-mismatch`, `analysis-stopped`
   */
  metrics: (
    layers: Samples[],
    labels: ArrayLike<number> | undefined,
    wanted?: readonly string[],
  ) => Promise<MetricsAnswer>;
  close: () => Promise<void>;
}

/**
 * Starts an analysis worker.
 * @param program the built analysis-worker.js
 */
export function startAnalysis(program: URL): Analysis {
  const waiting = new Map<number, { resolve: (answer: MetricsAnswer) => void; reject: (error: Error) => void }>();
  let next = 0;
  let ended: Error | undefined;
  const worker = new Worker(program, { name: 'analysis' });
  // Work in progress holds the process; an idle worker does not.
  worker.unref();

  worker.on('message', ({ id, ...answer }: MetricsReply) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if ('error' in answer) asked?.reject(errorOf(answer.error));
    else asked?.resolve(answer);
  });
  const end = (cause: unknown): void => {
    ended ??= new DeepviewError('analysis-stopped', 'the analysis thread ended unexpectedly', {
      hint: 'It may have run out of memory; the log has more.',
      cause,
    });
    for (const asked of waiting.values()) asked.reject(ended);
    waiting.clear();
  };
  worker.on('error', end);
  worker.on('exit', () => end(undefined));

  return {
    metrics(layers, labels, wanted) {
      if (ended) return Promise.reject(ended);
      const id = next++;
      const request: MetricsRequest = { id, layers, ...(labels && { labels }), ...(wanted && { wanted }) };
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.ref();
        worker.postMessage(request);
      });
    },
    async close() {
      await worker.terminate();
    },
  };
}
