import { readFileSync, writeFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { systemCode } from '../base/errors.ts';

const below = constants.priority.PRIORITY_BELOW_NORMAL;

/** Whether trainings give way: `DEEPVIEW_GIVE_WAY=no` keeps them at full speed where a test waits for one. */
export const givesWay = (env: NodeJS.ProcessEnv): boolean => env['DEEPVIEW_GIVE_WAY'] !== 'no';

/**
 * Lets what the user waits for go first: training fills every core for minutes, a key needs one for milliseconds.
 * Training loses no time where nothing else runs. To be called before threads are started, which inherit it; a process
 * that gives way more already stays as it is.
 * @returns its niceness from now on
 */
export function giveWay(): number {
  const wanted = Math.max(getPriority(), below);
  unlessForbidden(() => setPriority(wanted));
  unlessForbidden(giveWayAsSession);
  return getPriority();
}

/**
 * Linux shares the processors among sessions first and looks at niceness only within each ("autogroup", sched(7)). A
 * training that outlives its screen is a session of its own, so its session has to give way as well.
 */
function giveWayAsSession(): void {
  // Fields after the name, which may hold anything: state, parent, process group, session.
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const session = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  // The session of another process has others in it, such as the screen.
  if (session !== process.pid) return;
  const group = '/proc/self/autogroup';
  const niceness = Number(/nice (-?\d+)/.exec(readFileSync(group, 'utf8'))?.[1] ?? below);
  if (niceness < below) writeFileSync(group, String(below));
}

/** A system that forbids it, or has no such thing: training goes on as it would have. */
function unlessForbidden(change: () => void): void {
  try {
    change();
  } catch (thrown) {
    if (systemCode(thrown) === undefined) throw thrown;
  }
}
