import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileSteps, joined } from '../../support/file-steps.ts';
import { file, serve } from '../transfer/file-server.ts';
import { noise, sha256 } from '../transfer/support.ts';
import { inOrder, writeAll } from './durable-steps.ts';

test('what is written is flushed before its name, its name before what relies on it', async () => {
  const bytes = noise(300_000);
  const server = await serve({ '/file': file(bytes) });
  const directory = await mkdtemp(join(tmpdir(), 'deepview-durable-'));
  onTestFinished(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });
  const steps = await fileSteps(directory);
  const source = { url: `${server.url}/file` };
  await writeAll(directory, { source, checksum: sha256(bytes), size: bytes.length });
  expect(joined(steps)).toEqual(inOrder);
});
