import { constants, getPriority, setPriority } from 'node:os';
import { systemCode } from '../errors.ts';

/**
 * Lets whatever a person waits for go first: training fills every core for minutes, a key needs one for milliseconds.
 * Training loses no time where nothing else runs. To be called before threads are started, which inherit it; a process
 * that gives way more already stays as it is.
 * @returns its niceness from now on
 */
export function giveWay(): number {
  const wanted = Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL);
  try {
    setPriority(wanted);
  } catch (thrown) {
    // A system that forbids it: training goes on as it would have.
    if (systemCode(thrown) === undefined) throw thrown;
  }
  return getPriority();
}
