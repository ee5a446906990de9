import { join } from 'node:path';
import { sizeOf } from '../../base/files.ts';
import type { Paths } from '../../base/paths.ts';
import type { StepContext } from '../../base/progress.ts';
import { requireSource, unneeded } from '../given-source.ts';
import { withOffer, type Offer } from '../fetch-offer.ts';
import { storeOf } from '../images/store-of.ts';
import { readStoreHeader, type ImageStore } from '../store/open-store.ts';
import { provideStore } from '../store/provide-store.ts';
import { partFile, tableBytes } from '../store/store-format.ts';
import { writeStore } from '../store/write-store.ts';
import type { NamedDataset } from './named-dataset.ts';

export const namedDirectory = (paths: Paths, { name }: Pick<NamedDataset, 'name'>): string => join(paths.cache, name);

export interface ProvideNamedOptions {
  /** An archive or a folder to take it from instead of the network. */
  source?: string | undefined;
  /** Whether the source is verified where the images are in the cache. */
  checkSource?: boolean | undefined;
  context: StepContext;
  paths: Paths;
  env: NodeJS.ProcessEnv;
  offers?: readonly Offer[];
  /** Milliseconds within which a host must answer. */
  patience?: number;
}

/**
 * A published data set's images: from the cache, else from `source`, else from the network, in which cases they are
 * kept, under a lock, for the next time.
 * @throws DeepviewError `data-unavailable`, what reading its files throws, `disk-full`, `no-permission`, `cancelled`
 */
export async function provideNamed(
  dataset: NamedDataset,
  { source, checkSource, context, paths, env, offers, patience }: ProvideNamedOptions,
): Promise<ImageStore> {
  if (source !== undefined) await requireSource(source);
  let isRead = false;
  const store = await provideStore(namedDirectory(paths, dataset), dataset.title, context, async (directory) => {
    isRead = true;
    const unpack = async (files: readonly string[]): Promise<void> => {
      const read = await dataset.read(files, context);
      await writeStore(directory, storeOf({ name: dataset.name, ...read }, {}, context));
    };
    if (source !== undefined) return unpack([source]);
    return withOffer(
      {
        title: dataset.title,
        remedy: dataset.remedy,
        offers: offers ?? dataset.offers(env),
        directory: join(paths.cache, 'downloads'),
        context,
        env,
        ...(patience !== undefined && { patience }),
      },
      unpack,
    );
  });
  if (source !== undefined && !isRead) {
    if (checkSource) await dataset.read([source], context);
    context.onNotice(unneeded(dataset.title, checkSource));
  }
  return store;
}

/** What lies in the cache, by the sizes of its files alone: quick, and good enough to tell a person. */
export async function glanceAtNamed(
  directory: string,
): Promise<{ state: 'ready' | 'absent' | 'damaged'; bytes: number }> {
  const header = await readStoreHeader(directory);
  if (header === undefined) return { state: 'absent', bytes: 0 };
  if (typeof header === 'string') return { state: 'damaged', bytes: 0 };
  const size = header.imageShape.reduce((product, side) => product * side, 1);
  let bytes = 0;
  let isRight = true;
  for (const { name, count } of header.parts) {
    const found = await sizeOf(partFile(directory, name));
    bytes += found;
    isRight &&= found === count * size + tableBytes(count);
  }
  return { state: isRight ? 'ready' : 'damaged', bytes };
}
