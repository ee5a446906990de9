/** The program of the analysis worker thread: computes what would hold up keys or training elsewhere. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { ExplorationSettings } from './questions/messages.ts';

const port: MessagePort | null = parentPort;
if (!port) throw new Error('analysis-worker is the program of a worker thread');

const settings = workerData as ExplorationSettings | null;
if (settings) {
  const { serveExploration } = await import('./questions/explorer.ts');
  serveExploration(port, settings);
} else {
  const { serveMetrics } = await import('./serve-metrics.ts');
  serveMetrics(port);
}
