import { DeepviewError } from '../base/errors.ts';
import { holderOf, isSurelyAlive, tryLock, type Lock } from '../base/lock.ts';
import { printable, shellWord } from '../base/printable.ts';
import { runFiles } from './layout.ts';

/**
 * Takes the only right to write a run; a lock whose process is gone is taken over.
 * @param look milliseconds that a holder which cannot be asked is listened for, as by `tryLock`
 * @throws DeepviewError `run-in-use` if another process has it
 */
export async function lockRun(directory: string, look?: number): Promise<Lock> {
  const taken = await tryLock(runFiles.lock(directory), runFiles.status(directory), look);
  if ('release' in taken) return taken;
  const { holder } = taken;
  const who = holder ? ` by process ${holder.pid} on ${holder.host ?? 'another machine'}` : '';
  throw new DeepviewError('run-in-use', `${printable(directory, 1000)} is being written${who}`, {
    hint: `Wait until it ends, or watch it with: deepview-tui watch ${shellWord(directory)}`,
  });
}

/** The process of this machine that writes a run, for certain: its lock names it with its beginning. */
export async function writerOnThisMachine(directory: string): Promise<number | undefined> {
  const holder = await holderOf(runFiles.lock(directory));
  return holder && isSurelyAlive(holder) ? holder.pid : undefined;
}
