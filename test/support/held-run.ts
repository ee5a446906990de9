import { createRun as create, lockRun, reserveRun, resumeRun as resume } from '../../src/engine/run/index.ts';
import type { Lock } from '../../src/engine/base/lock.ts';
import type { RunHeader, RunWriter } from '../../src/engine/run/index.ts';
import { writeStatus, type RunStatus } from '../../src/engine/run/status.ts';

/** A run with the lock under which it is written, as a training and its supervisor have it together. */
export type HeldRun = RunWriter & { setStatus: (status: RunStatus) => Promise<void>; close: () => Promise<void> };

async function held(directory: string, lock: Lock, begin: Promise<RunWriter>): Promise<HeldRun> {
  try {
    return Object.assign(await begin, {
      setStatus: (status: RunStatus) => writeStatus(directory, status),
      close: () => lock.release(),
    });
  } catch (thrown) {
    await lock.release();
    throw thrown;
  }
}

/** As `createRun`, under its lock. */
export async function createRun(directory: string, header: RunHeader, reserved?: Lock): Promise<HeldRun> {
  const lock = reserved ?? (await reserveRun(directory));
  return held(directory, lock, create(directory, header));
}

/** As `resumeRun`, under its lock. */
export async function resumeRun(directory: string): Promise<HeldRun> {
  const lock = await lockRun(directory);
  return held(directory, lock, resume(directory));
}
