import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { link, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { DeepviewError, systemCode } from '../base/errors.ts';
import { fileError } from '../base/files.ts';
import { printable } from '../base/printable.ts';
import type { StepContext } from '../base/progress.ts';
import { cancelled, pause } from './cancelled.ts';

export interface Holder {
  pid: number;
  /** Within which process numbers mean something: host and process namespace. */
  machine: string;
  token: string;
}

export interface LockOptions {
  /** What is done under the lock, as a short phrase: `installing the tensorflow engine`. */
  label: string;
  context: Pick<StepContext, 'onNotice' | 'signal'>;
  /** Milliseconds between two signs of life of the holder. */
  heartbeat?: number;
  /** Milliseconds without a sign of life after which a holder that cannot be asked counts as gone. */
  patience?: number;
}

/**
 * Runs `work` while no other process (or thread) of this user runs work under the same path.
 * A lock whose holder has died is taken over; while somebody holds it, one notice says who.
 * @param path the lock file; its directory is created
 * @throws DeepviewError `cancelled` while waiting, `lock-lost` when another process took the lock over from a holder
 *   that showed no sign of life (a stopped process, say)
 */
export async function withLock<Result>(
  path: string,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const token = await acquire(path, options);
  let lost = false;
  const beat = setInterval(() => {
    void (async () => {
      const holder = await holderOf(path);
      if (holder?.token !== token) lost = true;
      else await utimes(path, new Date(), new Date());
    })().catch(() => (lost = true));
  }, options.heartbeat ?? 2000);
  beat.unref();
  try {
    const result = await work();
    if (lost || (await holderOf(path))?.token !== token) {
      throw new DeepviewError('lock-lost', `Another process took over while this one was ${options.label}`, {
        hint: 'Run the command again.',
      });
    }
    return result;
  } finally {
    clearInterval(beat);
    if ((await holderOf(path))?.token === token) await rm(path, { force: true });
  }
}

async function acquire(path: string, { label, context, patience = 20_000 }: LockOptions): Promise<string> {
  const mine: Holder = { ...thisHolder(), token: randomUUID() };
  // The sign of life seen last, and when on this process's own clock: a sleeping machine must not make a holder stale.
  let seen = { mark: '', at: performance.now() };
  let told = false;
  for (;;) {
    if (context.signal.aborted) throw cancelled(label);
    if (await create(path, mine)) return mine.token;
    const holder = await holderOf(path);
    const mark = await signOfLife(path);
    if (mark === undefined) continue;
    if (mark !== seen.mark) seen = { mark, at: performance.now() };
    const gone = holder !== undefined && hasDied(holder);
    if (gone || performance.now() - seen.at > patience) {
      await discard(path, holder?.token);
      continue;
    }
    if (!told) {
      told = true;
      const who = holder === undefined ? 'another process' : `process ${holder.pid}`;
      context.onNotice(`waiting for ${who}, which is ${label}`);
    }
    await pause(200, context.signal);
  }
}

async function create(path: string, holder: Holder): Promise<boolean> {
  const draft = `${path}.${holder.token}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(draft, 'w');
    try {
      await file.writeFile(JSON.stringify(holder));
    } finally {
      await file.close();
    }
    // A link appears with its content: nobody ever reads half a lock.
    await link(draft, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw fileError(error, 'lock', dirname(path));
  } finally {
    await rm(draft, { force: true });
  }
}

/** Takes a dead holder's lock away, and only his. */
async function discard(path: string, token: string | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw fileError(error, 'take over', path);
  }
  try {
    // Between looking and renaming somebody else may have taken over: what was renamed is then his, and goes back.
    if ((await holderOf(aside))?.token !== token) await link(aside, path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    return holderIn(await readFile(path, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, 'read', path);
  }
}

/** The process that a lock or a mark names; nothing where it is not readable. */
export function holderIn(text: string): Holder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, machine, token } = value as Partial<Record<keyof Holder, unknown>>;
  if (!Number.isSafeInteger(pid) || typeof machine !== 'string' || typeof token !== 'string') return undefined;
  return { pid: pid as number, machine: printable(machine), token };
}

/** This process as others may know it. */
export const thisHolder = (): Omit<Holder, 'token'> => ({ pid: process.pid, machine: machineOf() });

/** Whether a process is known to be gone; those of other machines cannot be asked. */
export const hasDied = ({ pid, machine }: Holder): boolean => machine === thisHolder().machine && !isAlive(pid);

/**
 * Whether somebody holds a lock just now, as far as can be told at once.
 * @param patience as `LockOptions.patience`
 */
export async function isLocked(path: string, patience = 20_000): Promise<boolean> {
  const holder = await holderOf(path);
  if (holder && hasDied(holder)) return false;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < patience;
}

async function signOfLife(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, ino } = await stat(path);
    return `${ino}:${mtimeMs}`;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, 'read', path);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

function machineOf(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Only Linux has process namespaces.
  }
  return `${hostname()} ${namespace}`.trim();
}
