import { join } from 'node:path';
import { DeepviewError } from '../../base/errors.ts';
import type { Paths } from '../../base/paths.ts';
import type { StepContext } from '../../base/progress.ts';
import { withLock } from '../../base/lock.ts';
import type { MemoryImages } from '../raw-images.ts';
import { readCache, writeCache, type CacheState, type Cifar10Cache } from './cache.ts';
import { cifar10Archives, withCifar10Archive, type Cifar10Archive } from './fetch-archive.ts';
import { cifar10Layout, type Cifar10Layout, type PartName } from './layout.ts';
import { requireSource, unneeded } from '../given-source.ts';
import { readCifar10Source } from './read-source.ts';

export interface ProvideOptions {
  /** An archive or a folder to take CIFAR-10 from instead of the network. */
  source?: string | undefined;
  /** Whether the source is verified where the images are in the cache. */
  checkSource?: boolean | undefined;
  context: StepContext;
  paths: Paths;
  env: NodeJS.ProcessEnv;
  layout?: Cifar10Layout;
  archives?: readonly Cifar10Archive[];
  /** Milliseconds within which a host must answer. */
  patience?: number;
}

export function cifar10Cache(paths: Paths, layout: Cifar10Layout = cifar10Layout): Cifar10Cache {
  return { directory: join(paths.cache, 'cifar10'), layout };
}

/**
 * CIFAR-10's images: from the cache, else from `source`, else from the network, in which cases the cache is made, under
 * a lock, for the next time. A damaged cache is made again, with a notice.
 * @throws DeepviewError `data-unavailable`, `archive-damaged`, `archive-hostile`, `data-damaged`, `disk-full`,
 *   `no-permission`, `cancelled`
 */
export async function provideCifar10(options: ProvideOptions): Promise<Record<PartName, MemoryImages>> {
  const { context, paths, env, source, checkSource, layout = cifar10Layout } = options;
  const cache = cifar10Cache(paths, layout);
  if (source !== undefined) await requireSource(source);
  const before = await readCache(cache);
  if (before.state === 'ready') {
    if (source !== undefined) {
      if (checkSource) await readCifar10Source(source, layout, context);
      context.onNotice(unneeded('CIFAR-10', checkSource));
    }
    return before.content;
  }
  return withLock(`${cache.directory}.lock`, { label: 'fetching CIFAR-10', context }, async () => {
    const now = await readCache(cache);
    if (now.state === 'ready') return now.content;
    if (now.state === 'damaged') context.onNotice(`the unpacked CIFAR-10 is damaged (${now.why}); making it again`);
    const unpack = async (path: string): Promise<CacheState> => {
      await writeCache(cache, await readCifar10Source(path, layout, context));
      return readCache(cache);
    };
    const made =
      source !== undefined
        ? await unpack(source)
        : await withCifar10Archive(
            {
              archives: options.archives ?? cifar10Archives(env),
              directory: join(paths.cache, 'downloads'),
              context,
              env,
              ...(options.patience !== undefined && { patience: options.patience }),
            },
            unpack,
          );
    if (made.state === 'ready') return made.content;
    const why = made.state === 'damaged' ? made.why : 'nothing is there';
    throw new DeepviewError('disk-error', `What was written to ${cache.directory} does not read back: ${why}`, {
      hint: 'Check the disk, or set XDG_CACHE_HOME to a directory on another one.',
    });
  });
}
