import { constants } from 'node:os';
import { blocking } from './nonblocking.ts';

/** Whether V8 measures this process, by SIGPROF. */
const isProfiled = process.execArgv.some((option) => option.includes('prof'));
/**
 * Signals of which the process dies, the terminal as it was. Not those of defects (SIGSEGV, SIGBUS, SIGFPE, SIGILL): after
 * a real one no JavaScript runs any more, and the process would hang instead of dying. By each of their names: Ink ends the
 * screen for one that it alone listens to, as if it had been left.
 */
const deadlySignals = (
  [
    ...['SIGQUIT', 'SIGABRT', 'SIGALRM', 'SIGVTALRM', 'SIGPROF', 'SIGXCPU', 'SIGUSR2', 'SIGIO', 'SIGPWR', 'SIGSYS'],
    ...['SIGSTKFLT', 'SIGTRAP', 'SIGIOT', 'SIGPOLL'],
  ] as NodeJS.Signals[]
).filter((signal) => signal in constants.signals && !(signal === 'SIGPROF' && isProfiled));

/**
 * Ends the process by a signal, of which it then dies: its parent sees that, a shell as 128 and its number. What is
 * to be undone at exit is undone first, and its files are as they were: Node does that for an exit alone.
 */
export function dieOf(signal: NodeJS.Signals): never {
  const number = constants.signals[signal];
  process.once('exit', () => {
    if (process.stdin.isRaw) process.stdin.setRawMode(false);
    for (const stream of [process.stdin, process.stdout, process.stderr]) blocking(stream);
    // Ink's listeners too, by each name of the signal: with one left it would only be heard.
    for (const [name, its] of Object.entries(constants.signals)) if (its === number) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
  // The first process of a container does not die of it.
  process.exit(128 + number);
}

/** Gives the terminal back by `undo` before one of these signals ends the process, which then dies of it. @returns ends that */
export function beforeDeath(undo: () => Promise<void>): () => void {
  const die = (signal: NodeJS.Signals): void => void undo().then(() => dieOf(signal));
  // A listener that is there already has other plans with it.
  const heard = deadlySignals.filter((signal) => process.listenerCount(signal) === 0);
  for (const signal of heard) process.on(signal, die);
  return () => {
    for (const signal of heard) process.off(signal, die);
  };
}

/**
 * Gives the terminal back before SIGTSTP stops the process, and takes it again when a shell continues it. Where no shell
 * could, as in a window of its own, the system does not stop it, and it goes on at once.
 * @returns stops it as the signal does; ends that
 */
export function beforeStop(
  giveBack: () => Promise<void>,
  takeAgain: () => void,
): { stop: () => void; unhear: () => void } {
  let isHeard = false;
  let isStopping = false;
  const stop = (): void => {
    if (isStopping || process.platform === 'win32') return;
    isStopping = true;
    void giveBack().then(() => {
      isStopping = false;
      if (!isHeard) return;
      // Without a listener the signal does what it does by default. Nor is it told twice that the process goes on.
      unhear();
      process.kill(process.pid, 'SIGTSTP');
      hear();
      takeAgain();
    });
  };
  const hear = (): void => {
    isHeard = true;
    process.on('SIGTSTP', stop);
    process.on('SIGCONT', takeAgain);
  };
  const unhear = (): void => {
    isHeard = false;
    process.off('SIGTSTP', stop);
    process.off('SIGCONT', takeAgain);
  };
  hear();
  return { stop, unhear };
}
