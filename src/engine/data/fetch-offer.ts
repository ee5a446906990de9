import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepviewError } from '../base/errors.ts';
import { cancelled, type StepContext } from '../base/progress.ts';
import { download, type Integrity } from '../transfer/download.ts';
import { openClient, type Source } from '../transfer/http-client.ts';
import { HttpStatusError, networkError } from '../transfer/network-errors.ts';

/** A file of a data set and where it is had. */
export interface OfferedFile {
  source: Source;
  /** Name of the downloaded file. */
  file: string;
  bytes: number;
  integrity: Integrity;
}

/** One place that has all files of a data set. */
export interface Offer {
  /** As a person would call it. */
  title: string;
  files: readonly OfferedFile[];
}

export interface FetchOptions {
  /** What is fetched, such as `CIFAR-10`. */
  title: string;
  /** What a person may name with --source, such as `a copy of cifar-10-binary.tar.gz`. */
  remedy: string;
  /** In the order in which they are tried. */
  offers: readonly Offer[];
  /** Where files lie while they are loaded. */
  directory: string;
  context: StepContext;
  env: NodeJS.ProcessEnv;
  /** Milliseconds within which a host must answer, unless it is the last one left. */
  patience?: number;
}

/**
 * Loads the files of the first offer that can be had and hands their paths to `use`; then deletes them.
 * One notice for each offer that could not be had.
 * @throws the last offer's error when none can be had, naming what was tried; `cancelled`; what is no offer's fault
 *   (a full disk) at once
 */
export async function withOffer<Result>(
  { title, remedy, offers, directory, context, env, patience = 5000 }: FetchOptions,
  use: (paths: string[]) => Promise<Result>,
): Promise<Result> {
  const failures: DeepviewError[] = [];
  for (const [i, offer] of offers.entries()) {
    const paths = offer.files.map(({ file }) => join(directory, file));
    const clear = (): Promise<unknown> => Promise.all(paths.map((path) => rm(path, { force: true })));
    try {
      if (i < offers.length - 1) await knock(offer.files[0].source, { title, context, env, patience });
      for (const [at, { source, integrity, bytes }] of offer.files.entries()) {
        await download({
          urls: [source],
          destination: paths[at],
          integrity,
          size: bytes,
          label: `downloading ${title}`,
          context,
          env,
        });
      }
      const result = await use(paths);
      await clear();
      return result;
    } catch (error) {
      if (!(error instanceof DeepviewError) || !offerIsToBlame.has(error.code)) throw error;
      await clear();
      failures.push(error);
      const next = offers[i + 1];
      if (next) context.onNotice(`${offer.title} of ${title} cannot be had (${error.message}); taking ${next.title}`);
    }
  }
  throw new DeepviewError(
    'data-unavailable',
    `${title} cannot be had: ${failures.map(({ message }) => message).join('; ')}`,
    { hint: `Check the connection, or name ${remedy} with --source.`, cause: failures.at(-1) },
  );
}

const offerIsToBlame = new Set([
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
async function knock(
  source: Source,
  { title, context, env, patience }: Pick<FetchOptions, 'title' | 'context' | 'env'> & { patience: number },
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
