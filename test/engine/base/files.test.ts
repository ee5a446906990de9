import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeDirectory } from '../../../src/engine/base/write-files.ts';

async function temporary(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'deepview-files-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('a directory is made by several at once, whichever of them makes those above it', async () => {
  for (let round = 0; round < 50; round++) {
    const path = join(await temporary(), 'a', 'b', 'c', 'd');
    await Promise.all(Array.from({ length: 12 }, () => makeDirectory(path)));
    expect((await stat(path)).isDirectory()).toBe(true);
  }
});

test('a directory that cannot be made is named with the reason', async () => {
  const file = join(await temporary(), 'file');
  await writeFile(file, '');
  await expect(makeDirectory(file)).rejects.toMatchObject({ code: 'not-a-directory' });
  await expect(makeDirectory(join(file, 'a', 'b'))).rejects.toMatchObject({
    message: expect.stringContaining(join(file, 'a')),
  });
});

test.runIf(process.platform === 'linux')('what cannot be made below /proc is named', async () => {
  await expect(makeDirectory('/proc/deepview/a/b')).rejects.toMatchObject({
    message: 'cannot create /proc/deepview: there is no such file',
  });
});
