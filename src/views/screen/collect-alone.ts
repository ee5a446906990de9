import { setFlagsFromString } from 'node:v8';

/**
 * From now on the thread that makes garbage collects the young part of it alone, some milliseconds at a time. By
 * default V8 shares that out among helper threads and waits until each of them had a processor: on a busy machine a
 * twentieth to a quarter of a second, in the middle of a key, for work of two milliseconds.
 */
export function collectAlone(): void {
  setFlagsFromString('--no-parallel-scavenge');
}
