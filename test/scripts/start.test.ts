import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('a checkout without the packages that build it says how to get them, which NODE_ENV does not leave out', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'deepview-start-'));
  onTestFinished(() => rm(copy, { recursive: true }));
  await mkdir(join(copy, 'scripts'));
  for (const name of ['start.mjs', 'build.mjs'])
    await copyFile(join(root, 'scripts', name), join(copy, 'scripts', name));
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, [join(copy, 'scripts/start.mjs')], (_, out, err) => resolve(out + err));
  });
  expect(said).toBe('The packages that build the program are not installed. Run: NODE_ENV= npm install\n');
  expect(await readFile(join(root, '.npmrc'), 'utf8')).toMatch(/^include=dev$/m);
});
