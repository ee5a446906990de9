import type { MessagePort } from 'node:worker_threads';
import { DeepviewError, exitCodes, reportOf } from '../base/errors.ts';
import { measureLayer } from '../metrics/index.ts';
import type { AnalysisAnswer, AnalysisRequest } from './messages.ts';

function answer(request: AnalysisRequest): AnalysisAnswer {
  const { id, labels, wanted } = request;
  const start = performance.now();
  try {
    const layers = request.layers.map((samples) => measureLayer(samples, labels, wanted));
    return { type: 'metrics', id, layers, seconds: (performance.now() - start) / 1000 };
  } catch (thrown) {
    const exitCode = thrown instanceof DeepviewError ? thrown.exitCode : exitCodes.failed;
    return { type: 'error', id, error: { ...reportOf(thrown), exitCode } };
  }
}

/** Answers questions for metrics, in their order. */
export function serveMetrics(port: MessagePort): void {
  port.on('message', (request: AnalysisRequest) => {
    const reply = answer(request);
    const memory =
      reply.type === 'metrics'
        ? reply.layers.flatMap((layer) => Object.values(layer).map(({ buffer }) => buffer as ArrayBuffer))
        : [];
    port.postMessage(reply, memory);
  });
}
