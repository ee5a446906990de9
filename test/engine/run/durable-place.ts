import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { file, serve } from '../transfer/file-server.ts';
import { noise, sha256 } from '../transfer/support.ts';
import type { Wanted } from './durable-steps.ts';

/** A new directory, and a file on a server of its own to be downloaded; for as long as a test takes. */
export async function durablePlace(): Promise<{ directory: string; wanted: Wanted }> {
  const bytes = noise(300_000);
  const server = await serve({ '/file': file(bytes) });
  const directory = await mkdtemp(join(tmpdir(), 'deepview-durable-'));
  onTestFinished(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });
  const source = { url: `${server.url}/file` };
  return { directory, wanted: { source, checksum: sha256(bytes), size: bytes.length } };
}
