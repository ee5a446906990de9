import { open, readFile, rm, stat } from 'node:fs/promises';
import { DeepviewError, systemCode } from '../base/errors.ts';
import { fileError } from '../base/files.ts';
import { printable } from '../base/printable.ts';
import { parseJson } from './check.ts';
import { runFiles } from './layout.ts';
import { heartbeat, surroundings, type Surroundings } from './status.ts';

/** The right to write a run. */
export interface RunLock {
  release: () => Promise<void>;
}

interface Owner {
  pid: number;
  host: string;
  /** The system's own mark of when the process began, so that a reused pid is not taken for the owner. */
  began?: string;
}

/**
 * Takes the only right to write a run; a lock whose process is gone is taken over.
 * @throws DeepviewError `run-in-use` if another process has it
 */
export async function lockRun(directory: string, around: Surroundings = surroundings): Promise<RunLock> {
  const path = runFiles.lock(directory);
  const began = await processBegan(process.pid);
  const mine = JSON.stringify({ pid: process.pid, host: around.host, ...(began && { began }) });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = await open(path, 'wx');
      try {
        await file.writeFile(`${mine}\n`);
      } finally {
        await file.close();
      }
      return { release: () => rm(path, { force: true }) };
    } catch (thrown) {
      if (systemCode(thrown) !== 'EEXIST') throw fileError(thrown, 'write', path);
    }
    const owner = await readOwner(path);
    if (owner === 'gone') continue;
    if (await holds(owner, path, around)) throw inUse(directory, owner);
    await rm(path, { force: true });
  }
  throw inUse(directory, undefined);
}

async function holds(owner: Owner | undefined, path: string, around: Surroundings): Promise<boolean> {
  if (owner && owner.host === around.host) {
    if (!around.isAlive(owner.pid)) return false;
    const began = await processBegan(owner.pid);
    return owner.began === undefined || began === undefined || owner.began === began;
  }
  // Another machine, or a lock that is being written: trust it while the run shows life.
  const newest = Math.max(await modified(path), await modified(path.replace(/lock\.json$/, 'status.json')));
  return around.now() - newest < 3 * heartbeat.staleAfterMs;
}

async function modified(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

async function readOwner(path: string): Promise<Owner | 'gone' | undefined> {
  try {
    const root = parseJson(await readFile(path, 'utf8'), path);
    const began = root.get('began').or(undefined, (field) => field.text());
    return { pid: root.get('pid').whole(1, 2 ** 31), host: root.get('host').text(), ...(began && { began }) };
  } catch (thrown) {
    return systemCode(thrown) === 'ENOENT' ? 'gone' : undefined;
  }
}

/** On Linux the process's start in clock ticks since boot; undefined elsewhere. */
async function processBegan(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function inUse(directory: string, owner: Owner | undefined): DeepviewError {
  const who = owner ? ` by process ${owner.pid} on ${printable(owner.host)}` : '';
  return new DeepviewError('run-in-use', `${printable(directory, 1000)} is being written${who}`, {
    hint: 'Watch it with `deepview-tui watch`, or wait until it ends.',
  });
}
