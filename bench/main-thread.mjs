// Loaded before the program (NODE_OPTIONS=--import): says at its end, in the file MAIN_THREAD_REPORT, how long its main
// thread was ever kept from its loop, and of what that time was made. Collections of garbage are [when, ms, kind].
import { readFileSync, writeFileSync } from 'node:fs';
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const report = process.env['MAIN_THREAD_REPORT'];
const every = 2;

/** Milliseconds this thread ran and waited for a processor, as Linux counts them; elsewhere nothing. */
function spent() {
  try {
    const [ran, waited] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return { ran: Number(ran) / 1e6, waited: Number(waited) / 1e6 };
  } catch {
    return { ran: Number.NaN, waited: Number.NaN };
  }
}

if (report && isMainThread && process.argv[1]?.endsWith('cli.js')) {
  const pauses = [];
  const collections = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration, detail } of list.getEntries())
      collections.push([startTime, duration, detail.kind]);
  }).observe({ entryTypes: ['gc'] });
  let at = performance.now();
  let before = spent();
  setInterval(() => {
    const now = performance.now();
    const after = spent();
    const length = now - at - every;
    if (length > 8) {
      pauses.push({ at, length, ran: after.ran - before.ran, waited: after.waited - before.waited });
    }
    at = now;
    before = after;
  }, every).unref();
  process.on('exit', () => writeFileSync(report, JSON.stringify({ pauses, collections })));
}
