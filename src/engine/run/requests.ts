import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import { fileError, namesIn, readText } from '../base/files.ts';
import { limits } from '../base/limits.ts';
import { holderOf } from '../base/lock.ts';
import { check, choice, needed, openObject, optional, text, type Value } from '../base/schema/index.ts';
import { requireNoLink, writeFileAtomically } from '../base/write-files.ts';
import { runFiles, runFolders } from './layout.ts';

/** What a training can be asked for, by any process that may write into its run's directory. */
export const runRequests = ['pause', 'continue', 'stop-after-epoch', 'stop-now'] as const;
export type RunRequest = (typeof runRequests)[number];

const requestForm = openObject({
  request: needed(choice(runRequests), 'What is asked for.'),
  writer: optional(text(100), 'The `token` of the lock of whom it is asked: what came later is not meant.'),
});

/** A request that lies in a run's directory. */
export interface Asked {
  /** Whether whom it is asked of has not taken it yet. */
  waits: () => Promise<boolean>;
  /** Takes it back. @returns false where it was taken before */
  withdraw: () => Promise<boolean>;
}

/**
 * Asks the process that writes a run for something. Each request is a file of its own, so that none of two is lost.
 * @throws DeepviewError `no-permission`, `is-a-link`, ...
 */
export async function askRun(directory: string, request: RunRequest): Promise<Asked> {
  const path = runFiles.request(directory, randomUUID());
  const writer = (await holderOf(runFiles.lock(directory)))?.token;
  const folder = dirname(path);
  await requireNoLink(folder);
  // Not with its parents: a run that was deleted since does not come back.
  await mkdir(folder).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'EEXIST') throw fileError(thrown, 'create', folder);
  });
  await writeFileAtomically(path, `${JSON.stringify({ request, writer })}\n`, { durable: false });
  return { waits: () => isDone(stat(path)), withdraw: () => isDone(rm(path)) };
}

/**
 * Takes what the writer of a run is asked for: each request once, in the order in which they came. What was meant for an
 * earlier writer, and what is no request, is taken away too; what cannot be taken away asks for nothing.
 */
export async function takeRequests(directory: string): Promise<RunRequest[]> {
  const folder = join(directory, runFolders.requests);
  const names = (await namesIn(folder)).filter((name) => /^[^.].*\.json$/.test(name));
  if (names.length === 0) return [];
  // What lies behind a link is not the run's, and is not taken away.
  await requireNoLink(folder);
  const token = (await holderOf(runFiles.lock(directory)))?.token;
  const found: { request: RunRequest; at: number }[] = [];
  for (const path of names.map((name) => join(folder, name))) {
    const asked = await readRequest(path).catch(() => undefined);
    const isTaken = await isDone(rm(path));
    if (isTaken && asked && asked.writer === token) found.push(asked);
  }
  return found.sort((one, other) => one.at - other.at).map(({ request }) => request);
}

async function readRequest(path: string): Promise<Value<typeof requestForm> & { at: number }> {
  const { mtimeMs: at } = await stat(path);
  return { ...check(requestForm, JSON.parse(await readText(path, limits.textBytes))), at };
}

/** Whether what was tried was possible. */
const isDone = (tried: Promise<unknown>): Promise<boolean> =>
  tried.then(
    () => true,
    () => false,
  );
