import { execFile, execFileSync } from 'node:child_process';
import { cp, lstat, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { resolveSettings } from '../../../src/commands/config.ts';
import { openArrays } from '../../../src/engine/arrays/index.ts';
import { DeepviewError } from '../../../src/engine/base/errors.ts';
import { sha256Of } from '../../../src/engine/base/files.ts';
import { writeNamedFile } from '../../../src/engine/base/write-files.ts';
import { isLocked } from '../../../src/engine/base/lock.ts';
import { openBundledImages } from '../../../src/engine/data/bundled-images.ts';
import { decodeImage } from '../../../src/engine/data/folder/decode-image.ts';
import { readTar } from '../../../src/engine/transfer/read-tar.ts';
import { openNetworkFile } from '../../../src/engine/network/open-file.ts';
import { readFeatures } from '../../../src/engine/run/features.ts';
import {
  followRun,
  listRuns,
  lockRun,
  openRun,
  readCheckpoint,
  summariseRun,
  writeStatus,
  statusOf,
} from '../../../src/engine/run/index.ts';
import { headerOf, temporary, writeRun } from '../run/sample-run.ts';
import { resumeRun } from '../../support/held-run.ts';

/** What lies in the place of a file. */
const instead: Record<string, (path: string) => Promise<void>> = {
  'a pipe': (path) => Promise.resolve(void execFileSync('mkfifo', [path])),
  'an endless device': (path) => symlink('/dev/zero', path),
  'a terminal': (path) => symlink('/dev/ptmx', path),
  'a directory': async (path) => void (await mkdir(path, { recursive: true })),
  'a sparse file': async (path) => {
    await writeFile(path, '');
    await truncate(path, 3 * 2 ** 30);
  },
  'a file of the system that has no size': (path) => symlink('/proc/self/environ', path),
};

/** Whatever is opened, by the name of its file: how it is read, in a directory that has the file. */
const readers: Record<string, (directory: string) => Promise<unknown>> = {
  'config.json': (home) =>
    resolveSettings({ flags: {}, env: {}, userFile: join(home, 'config.json'), cwd: '/nowhere' }),
  'network.json': (cwd) => openNetworkFile('network.json', { cwd, allowModule: false }),
  'run.json': (run) => openRun(run),
  'epochs.jsonl': (run) => openRun(run),
  'epochs/000001.safetensors': async (run) => (await openRun(run)).samples(1, 1),
  'checkpoints/000001.safetensors': (run) => readCheckpoint(run, 1),
  'features/000001/features.json': (run) => readFeatures(run, headerOf(), 1, headerOf().network.layers[0]),
  'images/images.json': (run) =>
    openBundledImages(join(run, 'images'), { imageShape: [8, 8, 3], count: 20, classes: 2 }),
  'x.npy': (folder) => openArrays(join(folder, 'x.npy')),
  'x.npz': (folder) => openArrays(join(folder, 'x.npz')),
  'x.safetensors': (folder) => openArrays(join(folder, 'x.safetensors')),
  'image.png': (folder) => decodeImage(join(folder, 'image.png'), [8, 8, 3], 'crop'),
  'data.tar': async (folder) => {
    const bounds = { bytes: 1000, entries: 10 };
    const never = { wanted: () => 1000, bounds, signal: new AbortController().signal } as never;
    for await (const file of readTar(join(folder, 'data.tar'), never)) expect(file).toBeUndefined();
  },
};

test.each(Object.keys(readers))('%s is read only where it is a file, and within bounds', async (name) => {
  const root = await temporary();
  await writeRun(join(root, 'run'));
  for (const [what, lay] of Object.entries(instead)) {
    const directory = join(root, what);
    await cp(join(root, 'run'), directory, { recursive: true });
    const path = join(directory, name);
    await rm(path, { recursive: true, force: true });
    await mkdir(dirname(path), { recursive: true });
    await lay(path);
    const thrown = await readers[name](directory).then(
      () => 'read',
      (error: unknown) => error,
    );
    expect([what, thrown]).toEqual([what, expect.anything()]);
    // A line without its end is not committed yet.
    if (name === 'epochs.jsonl' && what.startsWith('a file of')) continue;
    // An error says which file it is; none is a defect, and none takes the memory that there is.
    expect([what, thrown instanceof DeepviewError || name === 'image.png']).toEqual([what, true]);
  }
});

test('one bad run hides no other, and is listed with the reason', async () => {
  const root = await temporary();
  const runs = join(root, 'runs');
  await writeRun(join(runs, 'good'));
  for (const name of ['status.json', 'epochs.jsonl', 'run.json']) {
    for (const [what, lay] of Object.entries(instead)) {
      if (what === 'a directory' || what.startsWith('a file of')) continue;
      const directory = join(runs, `${name} ${what}`);
      await cp(join(runs, 'good'), directory, { recursive: true });
      await rm(join(directory, name), { force: true });
      await lay(join(directory, name));
    }
  }
  const { runs: listed, unreadable } = await listRuns(runs);
  expect(listed.map(({ directory }) => directory)).toEqual([join(runs, 'good')]);
  // What has no run.json that is a file is no run at all.
  const bad = (await readdir(runs)).filter(
    (name) => /^(status|epochs)/.test(name) || name === 'run.json a sparse file',
  );
  expect(unreadable.map(({ directory }) => directory)).toEqual(bad.map((name) => join(runs, name)).sort());
  for (const { error } of unreadable)
    expect(error.message).toMatch(/a pipe, a device or a socket$|are more than|more than \d+ bytes/);
});

test('a run whose status is no file is shown, with the reason', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory);
  execFileSync('mkfifo', [join(directory, 'status.json')]);
  const { records, notices } = await openRun(directory);
  expect(records).toHaveLength(3);
  expect(notices).toEqual([expect.stringContaining('status.json: it is a pipe, a device or a socket')]);
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const event of followRun(directory, stop.signal)) {
    seen.push(event.type);
    if (event.type === 'state') stop.abort();
  }
  expect(seen).toEqual(['run', 'notice', 'epoch', 'epoch', 'epoch', 'state']);
  await expect(summariseRun(directory)).rejects.toMatchObject({ code: 'not-a-file', exitCode: 4 });
});

test('a lock that is no file is told, not waited for', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory);
  execFileSync('mkfifo', [join(directory, 'lock.json')]);
  await expect(lockRun(directory)).rejects.toMatchObject({ code: 'not-a-file' });
  await expect(isLocked(join(directory, 'lock.json'))).rejects.toMatchObject({ code: 'not-a-file' });
  await expect(sha256Of(join(directory, 'lock.json'))).rejects.toMatchObject({ code: 'not-a-file' });
});

test('nothing is written through a link out of a run', async () => {
  const root = await temporary();
  const elsewhere = join(root, 'elsewhere');
  await mkdir(elsewhere);
  const original = join(root, 'original');
  await writeRun(original);
  for (const name of ['epochs', 'checkpoints', 'features', 'computed', 'cache', 'epochs.jsonl']) {
    const directory = join(root, name);
    await cp(original, directory, { recursive: true });
    await rm(join(directory, name), { recursive: true, force: true });
    if (name === 'epochs.jsonl') {
      await cp(join(original, name), join(root, 'journal'));
      await symlink(join(root, 'journal'), join(directory, name));
    } else await symlink(elsewhere, join(directory, name));
    await expect(resumeRun(directory)).rejects.toMatchObject({ code: 'is-a-link' });
    expect(await readdir(directory)).not.toContain('lock.json');
  }
  // A link in the place of a file that is replaced as a whole is replaced itself, and so is one of its temporary name.
  const directory = join(root, 'original');
  for (const name of ['status.json', `.status.json.${process.pid}.tmp`]) {
    await symlink(join(elsewhere, name), join(directory, name));
  }
  await writeStatus(directory, statusOf('stopped'));
  expect(await readdir(elsewhere)).toEqual([]);
});

test('what a person named is written where a link leads, and into a pipe, which stays one', async () => {
  const directory = await temporary();
  const [file, link, pipe] = ['file', 'link', 'pipe'].map((name) => join(directory, name));
  await writeFile(file, 'old');
  await symlink('file', link);
  await writeNamedFile(link, 'new');
  expect([await readFile(file, 'utf8'), (await lstat(link)).isSymbolicLink()]).toEqual(['new', true]);

  execFileSync('mkfifo', [pipe]);
  await expect(writeNamedFile(pipe, 'lost')).rejects.toMatchObject({ code: 'not-a-file' });
  const reading = promisify(execFile)('cat', [pipe]);
  // Until cat has opened it the pipe has no reader.
  await vi.waitFor(() => writeNamedFile(pipe, [Buffer.alloc(100_000, 'a')]), { timeout: 20_000 });
  expect((await reading).stdout).toHaveLength(100_000);
  expect((await lstat(pipe)).isFIFO()).toBe(true);
});
