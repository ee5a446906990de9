import { Worker } from 'node:worker_threads';
import { DeepviewError } from '../base/errors.ts';
import type { NeuronMetrics, Samples } from '../metrics/index.ts';
import type { AnalysisAnswer, AnalysisRequest } from './messages.ts';

export interface MetricsAnswer {
  layers: NeuronMetrics[];
  /** What computing them took, without waiting for earlier questions. */
  seconds: number;
}

/** A thread that analyses; its results arrive in the order of the questions. */
export interface Analysis {
  /**
   * The metrics of every layer's neurons, as `measureLayer` has them.
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

  worker.on('message', (answer: AnalysisAnswer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) worker.unref();
    if (answer.type === 'metrics') asked?.resolve({ layers: answer.layers, seconds: answer.seconds });
    else {
      const { code, message, hint, exitCode } = answer.error;
      asked?.reject(new DeepviewError(code, message, { hint, exitCode }));
    }
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
      const request: AnalysisRequest = {
        type: 'metrics',
        id,
        layers,
        ...(labels && { labels }),
        ...(wanted && { wanted }),
      };
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
