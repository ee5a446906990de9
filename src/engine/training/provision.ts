import type { Engine } from '../backend/engine.ts';
import { matricesOf } from '../backend/matrices/index.ts';
import { openEngine } from '../backend/open-engine.ts';
import type { DataContext } from '../data/catalogue.ts';
import type { Dataset } from '../data/dataset.ts';
import { openDataset, openDatasetOrFallback, type DatasetRequest, type OpenContext } from '../data/open-dataset.ts';
import type { Preparation } from '../base/preparations.ts';
import type { EngineChoice } from './messages.ts';

export interface Wanted {
  engine: EngineChoice;
  data: string;
  /** Only the first `limit` training images. */
  limit?: number | undefined;
  source?: string | undefined;
  /** How the images are read and split. */
  images?: Omit<DatasetRequest, 'name' | 'limit' | 'source'>;
  /** How the network expects its images prepared, and how the user asked for them. */
  suggested?: Preparation | undefined;
  preparation?: Preparation | undefined;
  /** Generated shapes may take the place of data that is not available. */
  dataByDefault: boolean;
  /** Without a `limit`: an engine that is only the fallback trains on fewer images. */
  lighter: boolean;
}

/** Training images where wasm takes the place of the native engine: an epoch then takes about half a minute, not five. */
const lighterLimit = 5000;

/**
 * Gets engine and data side by side, fetching either if need be. What was only a default falls back with a notice;
 * what was asked for by name is had or the error says why not.
 * @throws DeepviewError what opening either throws; the other one is cancelled then
 */
export async function provision(wanted: Wanted, context: DataContext): Promise<{ engine: Engine; dataset: Dataset }> {
  const either = new AbortController();
  const signal = AbortSignal.any([context.signal, either.signal]);
  const both: DataContext = { ...context, signal };
  const open = wanted.dataByDefault ? openDatasetOrFallback : openDataset;
  const openingEngine = openEngine(wanted.engine, both);
  const opening: OpenContext = { ...both, matrices: async () => matricesOf(await openingEngine, both) };
  const { source, suggested, preparation } = wanted;
  const dataset = (name: string, limit: number | undefined): Promise<Dataset> =>
    open({ ...wanted.images, name, limit, source, suggested, preparation }, opening);
  const parts = [openingEngine, dataset(wanted.data, wanted.limit)] as const;
  try {
    const [engine, opened] = await Promise.all(parts);
    const isFallback = wanted.engine === 'auto' && engine.name === 'wasm';
    if (!wanted.lighter || wanted.limit !== undefined || !isFallback || opened.train.count <= lighterLimit) {
      return { engine, dataset: opened };
    }
    context.onNotice(
      `wasm trains slowly: only the first ${lighterLimit} training images are used (--limit N takes more)`,
    );
    // By its own name: generated shapes may have taken the place of what was wanted.
    const name = opened.origin?.source ?? opened.name;
    return { engine, dataset: await dataset(name, lighterLimit) };
  } catch (thrown) {
    either.abort(thrown);
    await Promise.allSettled(parts);
    throw thrown;
  }
}
