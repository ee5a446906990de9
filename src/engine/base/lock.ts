import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { constants, copyFile, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { DeepviewError, systemCode } from './errors.ts';
import { fileError, readText } from './files.ts';
import { makeDirectory } from './write-files.ts';
import { cancelled, pause, type StepContext } from './progress.ts';
import { check, needed, openObject, optional, shownText, text, whole, type Value } from './schema/index.ts';
import { limits } from './limits.ts';

const holderForm = openObject({
  pid: needed(whole(1, 2 ** 31), 'the process'),
  host: optional(shownText, 'its machine, for messages'),
  machine: optional(text(1000), 'within which process numbers mean something: host and process namespace'),
  began: optional(
    text(100),
    "the system's own mark of when the process began, so that a reused number is not taken for the holder",
  ),
  token: optional(text(100), 'what makes two locks differ'),
});
/** A process, as the file of a lock or of a lease names it; earlier versions named either the host or the machine. */
export type Holder = Value<typeof holderForm>;

/**
 * Milliseconds without a sign of life after which a holder that cannot be asked counts as gone. Those who wait tell them
 * by this process's own clock, which stands still while the machine sleeps.
 */
export const usualPatience = 60_000;
const usualHeartbeat = 2000;
const neverAborted = new AbortController().signal;

/**
 * The one rule by which locks and leases go stale. A holder on this machine is gone when its process has ended, or
 * another one has its number by now. One that cannot be asked, on another machine or named by a file that cannot be
 * read, is gone when there has been no sign of life for too long.
 * @param silent milliseconds since its last sign of life
 */
export function isGone(holder: Holder | undefined, silent: number, patience = usualPatience): boolean {
  if (!holder || !isHere(holder)) return silent > patience;
  if (!isAlive(holder.pid)) return true;
  const began = processEntry(holder.pid)?.began;
  return holder.began !== undefined && began !== undefined && holder.began !== began;
}

/**
 * Whether a holder is a process of this machine that lives, for certain: its number alone may be another's by now, or
 * come from a file from elsewhere. Only such a process is sent a signal.
 */
export const isSurelyAlive = (holder: Holder): boolean =>
  isHere(holder) && isAlive(holder.pid) && holder.began === processEntry(holder.pid)?.began;

const isHere = ({ host, machine }: Holder): boolean =>
  machine === undefined ? host === thisProcess().host : machine === thisProcess().machine;

/** Whether there is such a process on this machine. One that ended, and whose parent has not asked how, is none. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // A process of another user lives too.
    if (systemCode(thrown) !== 'EPERM') return false;
  }
  return !/^[ZXx]/.test(processEntry(pid)?.state ?? '');
}

/** What a lock or a lease of this process says; no two are the same. */
export const holderText = (): string => `${JSON.stringify({ ...thisProcess(), token: randomUUID() })}\n`;

/** The process that a lock or a lease names; undefined where it cannot be read. */
export function holderIn(text: string): Holder | undefined {
  try {
    const holder = check(holderForm, JSON.parse(text));
    return holder.host === undefined && holder.machine === undefined ? undefined : holder;
  } catch {
    return undefined;
  }
}

let own: Holder | undefined;

function thisProcess(): Holder {
  if (own) return own;
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Only Linux has process namespaces.
  }
  const began = processEntry(process.pid)?.began;
  const host = hostname();
  return (own = {
    pid: process.pid,
    host,
    machine: `${host} ${namespace}`.trim(),
    ...(began !== undefined && { began }),
  });
}

/** On Linux the process's state, a letter, and its start in clock ticks since boot; undefined elsewhere. */
function processEntry(pid: number): { state: string | undefined; began: string | undefined } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], began: fields[19] };
  } catch {
    return undefined;
  }
}

/** Files that say what this process (or thread) uses, by path; none of them outlives it, unless it is killed. */
const claims = new Map<string, string>();
let isSweeping = false;

/** Takes a file with this text away when this process ends, however early a signal ends it. */
export function claimUntilExit(path: string, text: string): void {
  claims.set(path, text);
  if (isSweeping) return;
  isSweeping = true;
  process.once('exit', () => {
    for (const [each, own] of claims) {
      try {
        if (readFileSync(each, 'utf8') === own) rmSync(each);
      } catch {
        // It is gone already, or not accessible: the next process that finds it sees that its holder is gone.
      }
    }
  });
}

/** A lock that was taken. */
export interface Lock {
  /** Gives it back, unless another process has taken it over meanwhile. */
  release: () => Promise<void>;
  /** Leaves it to another thread of this process, which gives it back by `releaseOurs`. */
  handOver: () => void;
}

/** Milliseconds between two looks at a holder that cannot be asked: a living one writes something every few seconds. */
export const usualLook = 3 * usualHeartbeat;

/**
 * Takes a lock at once or not at all; one whose holder is gone is taken over. Files say how long a holder that cannot be
 * asked was silent, but clocks of two machines differ, and either may be set: before that is believed, it must have
 * changed nothing for a while by this process's own clock.
 * @param path the lock's file, in a directory that is there
 * @param signOfLife a file that the holder rewrites every few seconds
 * @param look milliseconds of that while
 * @returns the lock, or who has it as far as that can be told
 */
export async function tryLock(
  path: string,
  signOfLife: string,
  look: number = usualLook,
): Promise<Lock | { holder: Holder | undefined }> {
  const taken = await take(path, async (found) => {
    const silentSince = async (): Promise<number> => Math.max(found.modified, (await modifiedAt(signOfLife)) ?? 0);
    const before = await silentSince();
    if (!isGone(found.holder, Date.now() - before)) return false;
    if (isGone(found.holder, 0)) return true;
    const until = performance.now() + look;
    while (performance.now() < until) await pause(until - performance.now(), neverAborted);
    const again = await lookAt(path);
    if (!again) return true;
    return again.text === found.text && again.modified === found.modified && (await silentSince()) === before;
  });
  if (typeof taken !== 'string') return taken;
  return { release: () => release(path, taken), handOver: () => void claims.delete(path) };
}

/** The process that a lock names; undefined where there is no lock, or it cannot be read. */
export const holderOf = async (path: string): Promise<Holder | undefined> => (await lookAt(path))?.holder;

/** Whether a lock is held just now, as far as can be told at once. */
export async function isLocked(path: string): Promise<boolean> {
  const found = await lookAt(path);
  return found !== undefined && !isGone(found.holder, Date.now() - found.modified);
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
 * Runs `work` while no other process (or thread) of this user runs work under the same path. While another one holds
 * the lock, one notice says which; when its holder is gone, it is taken over.
 * @param path the lock's file; its directory is created
 * @throws DeepviewError `cancelled` while waiting, `lock-lost` when another machine took the lock over because there was
 *   no sign of life here (a machine that slept, say)
 */
export async function withLock<Result>(
  path: string,
  { label, context, heartbeat = usualHeartbeat, patience }: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  await makeDirectory(dirname(path));
  // The sign of life seen last, and when on this process's own clock: a sleeping machine must not make a holder stale.
  let seen = { mark: '', at: performance.now() };
  let isTold = false;
  for (;;) {
    if (context.signal.aborted) throw cancelled(label);
    const taken = await take(path, ({ holder, text, modified }) => {
      const mark = `${modified} ${text}`;
      if (mark !== seen.mark) seen = { mark, at: performance.now() };
      return isGone(holder, performance.now() - seen.at, patience);
    });
    if (typeof taken === 'string') return holding(path, taken, { label, heartbeat }, work);
    if (!isTold) {
      isTold = true;
      const who = taken.holder === undefined ? 'another process' : `process ${taken.holder.pid}`;
      context.onNotice(`waiting for ${who}, which is ${label}`);
    }
    await pause(200, context.signal);
  }
}

async function holding<Result>(
  path: string,
  mine: string,
  { label, heartbeat }: { label: string; heartbeat: number },
  work: () => Promise<Result>,
): Promise<Result> {
  let isLost = false;
  const beat = setInterval(() => {
    void (async () => {
      if ((await lookAt(path))?.text !== mine) isLost = true;
      else await utimes(path, new Date(), new Date());
    })().catch(() => (isLost = true));
  }, heartbeat);
  beat.unref();
  try {
    const result = await work();
    if (isLost || (await lookAt(path))?.text !== mine) {
      throw new DeepviewError('lock-lost', `Another process took over while this one was ${label}`, {
        hint: 'Run the command again.',
      });
    }
    return result;
  } finally {
    clearInterval(beat);
    await release(path, mine);
  }
}

/** A lock's file as it lies there. */
interface Found {
  text: string;
  /** Undefined where the file cannot be read: it is damaged, or is being written just now. */
  holder: Holder | undefined;
  /** Milliseconds since 1970. */
  modified: number;
}

/** @returns what the lock's file says when it was taken, else what lies there */
async function take(path: string, isStale: (found: Found) => boolean | Promise<boolean>): Promise<string | Found> {
  const mine = holderText();
  let found: Found | undefined;
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await create(path, mine)) {
      claimUntilExit(path, mine);
      return mine;
    }
    found = await lookAt(path);
    if (!found) continue;
    if (!(await isStale(found))) return found;
    await discard(path, found.text);
  }
  return { text: '', holder: undefined, modified: 0, ...found };
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'EEXIST') return false;
    throw fileError(thrown, 'write', path);
  }
}

async function lookAt(path: string): Promise<Found | undefined> {
  try {
    const text = await readText(path, limits.textBytes);
    const modified = await modifiedAt(path);
    return modified === undefined ? undefined : { text, holder: holderIn(text), modified };
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw fileError(thrown, 'read', path);
  }
}

const modifiedAt = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );

/** Takes a stale lock away, and no other: `text` is what was judged. */
async function discard(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return;
    throw fileError(thrown, 'take over', path);
  }
  try {
    // Another process may have taken over since it was judged: what was renamed is then its lock, and goes back.
    if ((await readFile(aside, 'utf8')) !== text) await copyFile(aside, path, constants.COPYFILE_EXCL);
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw fileError(thrown, 'take over', path);
  } finally {
    await rm(aside, { force: true });
  }
}

/** Gives back a lock of this process, whichever of its threads took it. */
export async function releaseOurs(path: string): Promise<void> {
  const found = await lookAt(path);
  const { pid, machine, began } = thisProcess();
  const holder = found?.holder;
  if (holder?.pid === pid && holder.machine === machine && holder.began === began) await rm(path, { force: true });
}

async function release(path: string, mine: string): Promise<void> {
  if ((await lookAt(path))?.text === mine) await rm(path, { force: true });
  claims.delete(path);
}
