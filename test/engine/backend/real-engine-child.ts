// Opens the engine that its argument names, in the main thread and in a worker at once, and multiplies.
import { isMainThread, Worker } from 'node:worker_threads';
import { openEngine } from '../../../src/engine/backend/open-engine.ts';
import { pathsFor } from '../../../src/engine/base/paths.ts';

const { name, version, device, tf } = await openEngine(process.argv[2] as 'auto' | 'tensorflow' | 'wasm', {
  paths: pathsFor(),
  env: process.env,
  onProgress: ({ label }) => process.stdout.write(`${label}\n`),
  onNotice: (notice) => process.stdout.write(`${notice}\n`),
  signal: new AbortController().signal,
});
const a = tf.tensor2d([
  [1, 2],
  [3, 4],
]);
process.stdout.write(`${name} ${version} ${device}\nresult ${(await tf.matMul(a, a).data()).join()}\n`);
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
  await new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject));
}
