import { setTimeout as pause } from 'node:timers/promises';
import { DeepviewError } from '../base/errors.ts';
import { holderOf, isSurelyAlive, tryLock, type Holder, type Lock } from '../base/lock.ts';
import { printable, shellWord } from '../base/printable.ts';
import { isUnderWay } from './format.ts';
import { runFiles } from './layout.ts';
import { readStatus } from './status.ts';

/** Milliseconds in which who has said that a run is over gives its lock back: its thread has to end. */
const releaseWithin = 5000;

/**
 * Takes the only right to write a run; a lock whose process is gone is taken over. Who has said that the run is over is
 * about to give it back, and waited for.
 * @param look milliseconds that a holder which cannot be asked is listened for, as by `tryLock`
 * @throws DeepviewError `run-in-use` if another process has it
 */
export async function lockRun(directory: string, look?: number): Promise<Lock> {
  const take = (): ReturnType<typeof tryLock> => tryLock(runFiles.lock(directory), runFiles.status(directory), look);
  let taken = await take();
  const until = performance.now() + releaseWithin;
  while (!('release' in taken) && performance.now() < until && (await hasEnded(directory, taken.holder))) {
    await pause(20);
    taken = await take();
  }
  if ('release' in taken) return taken;
  const { holder } = taken;
  const who = holder ? ` by process ${holder.pid} on ${holder.host ?? 'another machine'}` : '';
  throw new DeepviewError('run-in-use', `${printable(directory, 1000)} is being written${who}`, {
    hint: `Wait until it ends, or watch it with: deepview-tui watch ${shellWord(directory)}`,
  });
}

async function hasEnded(directory: string, holder: Holder | undefined): Promise<boolean> {
  const status = await readStatus(directory).catch(() => undefined);
  return status !== undefined && status.pid === holder?.pid && !isUnderWay(status.state);
}

/** The process of this machine that writes a run, for certain: its lock names it with its beginning. */
export async function writerOnThisMachine(directory: string): Promise<number | undefined> {
  const holder = await holderOf(runFiles.lock(directory));
  return holder && isSurelyAlive(holder) ? holder.pid : undefined;
}
