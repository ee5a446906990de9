/** The program of the analysis worker thread: computes what would hold up keys or training elsewhere. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { crossingReport } from '../base/errors.ts';
import { measureLayer, wholeMetrics } from '../metrics/index.ts';
import type { MetricsReply, MetricsRequest } from './analysis-client.ts';
import type { ExplorationSettings } from './questions/messages.ts';

const port: MessagePort | null = parentPort;
if (!port) throw new Error('analysis-worker is the program of a worker thread');

const settings = workerData as ExplorationSettings | null;
if (settings) {
  const { serveExploration } = await import('./questions/explorer.ts');
  serveExploration(port, settings);
} else {
  port.on('message', (request: MetricsRequest) => {
    const reply = measure(request);
    const arrays = 'layers' in reply ? reply.layers.flatMap((layer) => Object.values(layer)) : [];
    port.postMessage(
      reply,
      arrays.map(({ buffer }) => buffer as ArrayBuffer),
    );
  });
}

function measure({ id, layers, labels, wanted }: MetricsRequest): MetricsReply {
  const start = performance.now();
  try {
    const measured = layers.map((samples) => measureLayer(samples, labels, wanted));
    const whole = layers.map((samples) => wholeMetrics(samples, labels, wanted));
    return { id, layers: measured, whole, seconds: (performance.now() - start) / 1000 };
  } catch (thrown) {
    return { id, error: crossingReport(thrown) };
  }
}
