import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const script = fileURLToPath(new URL('../../python/run-tests.sh', import.meta.url));

test('where the environment of the Python tests cannot be made, they are skipped by name and nothing is lost', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'deepview-python-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const run = (home: string, text = script): string[] => {
    const env = { ...process.env, DEEPVIEW_PYTHON_HOME: home };
    const { status, stdout } = spawnSync('bash', [text], { env, encoding: 'utf8' });
    expect(status).toBe(0);
    return stdout.trim().split('\n');
  };
  const skipped = '0 passed, 0 failed, 1 skipped';
  // A machine without Python says that first.
  const because = (reason: string): unknown =>
    expect.stringMatching(`^skipped: the Python package \\((${reason}|there is no Python from 3\\.10 on with venv)`);
  await writeFile(join(directory, 'file'), '');
  expect(run(join(directory, 'file', 'home'))).toEqual([because('.*/file cannot be written'), skipped]);
  const thesis = join(directory, 'home', 'thesis.tex');
  await mkdir(join(directory, 'home'));
  await writeFile(thesis, 'years of work');
  expect(run(join(directory, 'home'))).toEqual([because('.*/home holds something else'), skipped]);
  expect(await readFile(thesis, 'utf8')).toBe('years of work');
  // The same script, beside the same files, on a disk that is too small.
  const text = await readFile(script, 'utf8');
  await mkdir(join(directory, 'python', 'tests'), { recursive: true });
  await writeFile(join(directory, 'python', 'tests', 'requirements.txt'), 'pytest\n');
  const small = join(directory, 'python', 'run-tests.sh');
  await writeFile(small, text.replace(/^room=\d+/m, 'room=1000000000000'));
  expect(run(join(directory, 'new'), small)).toEqual([because('its environment needs 1000000 GB of room'), skipped]);
});
