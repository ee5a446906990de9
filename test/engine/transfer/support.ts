import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Checksum } from '../../../src/engine/transfer/download.ts';
import type { Progress, StepContext } from '../../../src/engine/base/progress.ts';

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'deepview-transfer-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Bytes without pattern, the same every time. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function sha256(bytes: Uint8Array): Checksum {
  return { algorithm: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') };
}

export interface Recorded {
  context: StepContext;
  progress: Progress[];
  notices: string[];
  abort: AbortController;
}

export function recording(): Recorded {
  const progress: Progress[] = [];
  const notices: string[] = [];
  const abort = new AbortController();
  const context: StepContext = {
    onProgress: (each) => progress.push(each),
    onNotice: (each) => notices.push(each),
    signal: abort.signal,
  };
  return { context, progress, notices, abort };
}
