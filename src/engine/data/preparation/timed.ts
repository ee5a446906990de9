import { cancelled } from '../../base/progress.ts';
import type { PassContext } from './passes.ts';

/** Milliseconds between two reports: seconds are shown. */
const interval = 250;

/**
 * Waits for work of which nobody knows how far it is, and tells how long it has taken.
 * @param expected about the seconds of the whole
 * @throws DeepviewError `cancelled` when the work ended because its signal was given, else what the work threw
 */
export async function timed<Result>(
  { label, expected }: { label: string; expected: number },
  work: () => Promise<Result>,
  { onProgress, signal }: PassContext,
): Promise<Result> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const tell = (): void => onProgress({ label, done: seconds(), unit: 'seconds', expected });
  tell();
  const clock = setInterval(tell, interval);
  try {
    const result = await work();
    const done = seconds();
    onProgress({ label, done, total: done, unit: 'seconds', expected });
    return result;
  } catch (thrown) {
    throw signal.aborted ? cancelled(label) : thrown;
  } finally {
    clearInterval(clock);
  }
}
