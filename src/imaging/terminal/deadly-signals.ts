import { constants } from 'node:os';

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

/** Gives the terminal back by `undo` before one of these signals ends the process, which then dies of it. @returns ends that */
export function beforeDeath(undo: () => Promise<void>): () => void {
  const die = (signal: NodeJS.Signals): void => {
    void undo().then(() => {
      // Ink's listeners too: with one left the signal would only be heard.
      for (const name of deadlySignals) {
        if (constants.signals[name] === constants.signals[signal]) process.removeAllListeners(name);
      }
      process.kill(process.pid, signal);
    });
  };
  // A listener that is there already has other plans with it.
  const heard = deadlySignals.filter((signal) => process.listenerCount(signal) === 0);
  for (const signal of heard) process.on(signal, die);
  return () => {
    for (const signal of heard) process.off(signal, die);
  };
}
