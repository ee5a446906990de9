import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pause } from '../neuron-distances.ts';

/** Why an answer was left unfinished: a newer question of its kind came, or nobody wants it any more. */
export class Superseded extends Error {
  constructor() {
    super('superseded');
    this.name = 'Superseded';
  }
}

/** Milliseconds of work between two looks at what was asked meanwhile. */
const slice = 10;

/**
 * A pause for one answer: it lets messages be read once a slice of work is done.
 * @param isWanted whether the answer is still wanted
 * @param now milliseconds from any origin
 * @returns a pause that throws `Superseded` once the answer is not wanted
 */
export function pauseWhile(isWanted: () => boolean, now: () => number = () => performance.now()): Pause {
  let since = now();
  return async () => {
    if (now() - since < slice) return;
    await nextTurn();
    if (!isWanted()) throw new Superseded();
    since = now();
  };
}
