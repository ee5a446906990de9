import { hostname } from 'node:os';
import { counted } from '../engine/base/counted.ts';
import { DeepviewError, exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { fileError } from '../engine/base/files.ts';
import { pause } from '../engine/base/progress.ts';
import { printable } from '../engine/base/printable.ts';
import {
  askRun,
  findRun,
  isActive,
  isUnderWay,
  readStatus,
  runWord,
  summariseRun,
  writerOnThisMachine,
  type RunRequest,
  type RunState,
  type RunStatus,
  type RunSummary,
} from '../engine/run/index.ts';
import { isTrained } from '../engine/run/format.ts';
import { changeablePlaces, printJson, printLine, printNotice, type CommandContext } from './common.ts';

interface AskOptions {
  run: string;
  request: RunRequest;
}

/** What a run is asked for, in words, and what it is when that is done. */
const words: Record<RunRequest, { asked: string; done: string }> = {
  pause: { asked: 'to pause', done: 'paused' },
  continue: { asked: 'to go on', done: 'running' },
  'stop-after-epoch': { asked: 'to stop after this epoch', done: 'going to stop after this epoch' },
  'stop-now': { asked: 'to stop', done: 'going to stop' },
};

/** Whether a training is as a request wants it; one that is to stop at once is so when it is over. */
const isFulfilled = (request: RunRequest, { state, ending }: RunStatus): boolean =>
  request === 'stop-after-epoch' ? ending !== undefined : state === words[request].done;

/** Milliseconds after which a training that did not do what it was asked for is given up: it looks every second. */
const usualWait = 60_000;

/**
 * Asks a training for something through its run's directory, wherever it was started and on whatever machine, and waits
 * until it did so. One that is to end with its epoch is not waited for once it took note.
 * @param kill for those that take no requests: they can only be sent a signal to stop
 * @param wait milliseconds after which it is given up, and taken back if it was not heard
 * @returns 0, or 130 when the waiting was interrupted
 * @throws DeepviewError `not-running`, `takes-no-requests`, `still-preparing`, `not-heard`, `not-done`
 */
export async function runsAsk(
  { run: word, request }: AskOptions,
  context: CommandContext,
  kill: (pid: number, signal: NodeJS.Signals) => void = (pid, signal) => process.kill(pid, signal),
  wait = usualWait,
): Promise<ExitCode> {
  const directory = await findRun(changeablePlaces(context), word);
  const run = await summariseRun(directory);
  const { state, status } = run;
  const name = runWord(directory, context.paths.runs);
  const taken = status?.requests ?? [];
  if (request === 'stop-now' && !taken.includes(request)) return interrupt(run, name, context, kill);
  if (!status || !isActive(status)) throw notRunning(name, state);
  const told = (done: RunSummary | undefined): void => {
    const { state: now = 'stopped', epochs = run.epochs } = done ?? {};
    const ending = isUnderWay(now) ? (done?.status?.ending ?? null) : null;
    if (context.json) printJson(context, { format: 1, id: run.id, directory, request, state: now, ending });
    else
      printLine(
        context,
        outcome(name, ending === 'now' ? 'stop-now' : request, {
          ...{ now, epochs, isKept: Boolean(done) },
          isOurs: !done?.header || isTrained(done.header),
        }),
      );
  };
  if (isFulfilled(request, status)) {
    told(run);
    return exitCodes.done;
  }
  if (!taken.includes(request)) {
    const isPreparing = status.state === 'preparing';
    const [code, why] = isPreparing
      ? ['still-preparing', 'is still being prepared, and can only be stopped at once']
      : ['takes-no-requests', `is written by a program that takes no request ${words[request].asked}`];
    const otherwise = isPreparing ? 'Ask again when it trains, or stop it' : 'It can be ended at once';
    throw new DeepviewError(code, `${name} ${why}`, { hint: `${otherwise}: deepview-tui runs stop ${name}` });
  }
  const asked = await askRun(directory, request);
  if (!context.json) printLine(context, `Asked ${name} ${words[request].asked}.`);
  const since = performance.now();
  for (;;) {
    await pause(100, context.signal);
    if (context.signal.aborted) {
      const isTaken = !(await asked.withdraw());
      printNotice(context, isTaken ? 'It was heard already.' : 'It was not heard yet, and is taken back.');
      return exitCodes.interrupted;
    }
    const now = await readStatus(directory);
    const isOver = !now || !isActive(now);
    if (isOver) await asked.withdraw();
    if (isOver || (isFulfilled(request, now) && !(await asked.waits()))) {
      const done = await summariseRun(directory).catch(() => undefined);
      if (isOver && !request.startsWith('stop')) throw notRunning(name, done?.state ?? 'stopped');
      told(done);
      return exitCodes.done;
    }
    if (performance.now() - since < wait) continue;
    throw (await asked.withdraw())
      ? new DeepviewError('not-heard', `${name} did not hear the request, which was taken back`, {
          hint: `Process ${now.pid} on ${now.host} may be suspended, or its machine without a connection.`,
        })
      : new DeepviewError('not-done', `${name} has taken the request, but is ${now.state}`, {
          hint: 'A batch may take long, or another request came after it; see: deepview-tui runs list',
        });
  }
}

/** What became of a request, in a line. */
function outcome(
  name: string,
  request: RunRequest,
  { now, epochs, isKept, isOurs }: { now: RunState; epochs: RunSummary['epochs']; isKept: boolean; isOurs: boolean },
): string {
  if (isUnderWay(now)) return `${name} is ${words[request].done}.`;
  if (!isKept) return `${name} was stopped while it was being prepared; nothing of it is kept.`;
  const { done, planned } = epochs;
  const count = planned === undefined ? counted(done, 'epoch') : `${done} of ${counted(planned, 'epoch')}`;
  const next =
    now === 'finished' || !isOurs ? 'see it with: deepview-tui open' : 'go on with: deepview-tui train --resume';
  return `${name} is ${now}, after ${count}; ${next} ${name}`;
}

const notRunning = (name: string, state: RunState): DeepviewError =>
  new DeepviewError('not-running', `${name} is not being trained: it is ${state}`);

/** Asks what writes a run and takes no requests to stop, keeping what it has, by a SIGTERM. */
async function interrupt(
  { directory, state, status }: RunSummary,
  name: string,
  context: CommandContext,
  kill: (pid: number, signal: NodeJS.Signals) => void,
): Promise<ExitCode> {
  const pid = await writerOnThisMachine(directory);
  if (pid === undefined) {
    // There is no process that may be asked: a status alone, which may come from anywhere, names none.
    if (!status || !isActive(status)) throw notRunning(name, state);
    if (status.host !== hostname()) {
      throw new DeepviewError('other-host', `the run is being trained on ${printable(status.host)}`, {
        hint: `Stop it there: deepview-tui runs stop ${name}`,
      });
    }
    throw new DeepviewError('no-lock', `${name} has no lock that names the process that writes it`, {
      hint: `It says that process ${status.pid} does, which is not asked without that; stop that program yourself.`,
    });
  }
  try {
    kill(pid, 'SIGTERM');
  } catch (thrown) {
    throw fileError(thrown, `stop process ${pid} of`, directory);
  }
  if (context.json) printJson(context, { format: 1, stopping: { directory, pid } });
  else printLine(context, `Asked process ${pid} to stop; its epochs so far are kept.`);
  return exitCodes.done;
}
