import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import type { StoredImages } from '../../data/stored-images.ts';
import { DeepviewError, reportOf } from '../../base/errors.ts';
import type { Paths } from '../../base/paths.ts';
import { isShipped } from '../../base/program-files.ts';
import { classOfImages } from '../../run/format.ts';
import { placesOf } from '../average-features.ts';
import { distancesFromCentres } from '../barycentres.ts';
import { openRunImages } from '../run-images.ts';
import type {
  ExplorationAnswer,
  ExplorationMessage,
  ExplorationRequest,
  ExplorationSettings,
  LayerMap,
  LayerSimilarities,
  Patch,
  RecordPlace,
} from './messages.ts';
import type { Pause } from '../neuron-distances.ts';
import { comparedLayers, comparedNeurons, type OpenRecord } from './compared.ts';
import { classQuantiles, quantileCount } from './distributions.ts';
import { evolutionOf, type EvolutionMemory } from './evolution.ts';
import { LayerMaps } from './layer-maps.ts';
import { exploreFacets } from './neuron-facets.ts';
import { Pictures, picturesOf, type FeaturesAt } from './pictures.ts';
import { LruCache } from './lru-cache.ts';
import { ResultCache } from './result-cache.ts';
import { RunEpochs } from './run-epochs.ts';

type RequestOf<Type extends ExplorationRequest['type']> = Extract<ExplorationRequest, { type: Type }>;

/** Everything that answers need of a run, opened once. */
interface Opened {
  run: RunEpochs;
  maps: LayerMaps;
  pictures: Pictures;
  cache: ResultCache;
  evolutions: LruCache<EvolutionMemory>;
}

/** Why an answer was left unfinished: a newer question of its kind came, or it is no longer wanted. */
class Superseded extends Error {
  constructor() {
    super('superseded');
    this.name = 'Superseded';
  }
}

/** Milliseconds of work between two looks at what was asked meanwhile. */
const slice = 10;

/**
 * A pause for one answer: it lets messages be read once a slice of work is done.
 * @param isWanted whether the answer is still wanted
 * @param now milliseconds from any origin
 * @returns a pause that throws `Superseded` once the answer is not wanted
 */
function yieldWhile(isWanted: () => boolean, now: () => number = () => performance.now()): Pause {
  let since = now();
  return async () => {
    if (now() - since < slice) return;
    await nextTurn();
    if (!isWanted()) throw new Superseded();
    since = now();
  };
}

/**
 * Answers questions about one run's layers and neurons, in steps and in turns with whatever else is asked; a question
 * ends the answer to the one of its kind before. Nothing is thrown: what cannot be answered is said in an answer.
 */
export class Explorer {
  readonly #directory: string;
  readonly #paths: Paths;
  readonly #answer: (answer: ExplorationAnswer) => void;
  readonly #wanted = new Map<ExplorationRequest['type'], ExplorationRequest>();
  #opened: Promise<Opened> | undefined;
  #images: Promise<StoredImages> | undefined;

  constructor(directory: string, paths: Paths, answer: (answer: ExplorationAnswer) => void) {
    this.#directory = directory;
    this.#paths = paths;
    this.#answer = answer;
  }

  /** @returns when the answer is complete, or no longer wanted */
  async ask(request: ExplorationRequest): Promise<void> {
    const { type } = request;
    this.#wanted.set(type, request);
    const isWanted = (): boolean => this.#wanted.get(type) === request;
    const say = (answer: ExplorationAnswer): void => {
      if (!isWanted()) throw new Superseded();
      this.#answer(answer);
    };
    try {
      const opened = await this.#open();
      const turn = { ...opened, say, pause: yieldWhile(isWanted), images: () => this.#source(opened) };
      await (replies[type] as (asked: ExplorationRequest, given: Turn) => Promise<void>)(request, turn);
    } catch (thrown) {
      // What went wrong with an answer that is no longer wanted is not said.
      if (thrown instanceof Superseded || !isWanted()) return;
      this.#answer({ type: 'unavailable', about: type, error: reportOf(thrown) });
    }
  }

  /** Ends the answers to a kind of question, or to all. */
  cancel(type?: ExplorationRequest['type']): void {
    if (type === undefined) this.#wanted.clear();
    else this.#wanted.delete(type);
  }

  /** Tried again after a failure: a run may appear, or be mended. */
  #open(): Promise<Opened> {
    this.#opened ??= RunEpochs.open(this.#directory).then(
      (run) => {
        // What is shipped with the program is read by all users and written by none.
        const cache = new ResultCache(isShipped(this.#directory) ? join(this.#paths.cache, 'demo') : this.#directory);
        const maps = new LayerMaps(run, cache);
        return {
          run,
          maps,
          cache,
          pictures: new Pictures(run, this.#paths.runs),
          evolutions: new LruCache<EvolutionMemory>(16),
        };
      },
      (thrown: unknown) => {
        this.#opened = undefined;
        throw thrown;
      },
    );
    return this.#opened;
  }

  /** Tried again after a failure: the data may have been fetched since. */
  #source({ run }: Opened): Promise<StoredImages> {
    this.#images ??= openRunImages(run.directory, run.header, this.#paths).catch((thrown: unknown) => {
      this.#images = undefined;
      throw thrown;
    });
    return this.#images;
  }
}

/** What an answer is made with: the run, the listener, and a pause in which other questions get their turn. */
interface Turn extends Opened {
  say: (answer: ExplorationAnswer) => void;
  pause: Pause;
  /** The images that patches are cut from. @throws DeepviewError where they are not on this machine */
  images: () => Promise<StoredImages>;
}

/** Answers a question of each kind. */
const replies: { [Type in ExplorationRequest['type']]: (request: RequestOf<Type>, turn: Turn) => Promise<void> } = {
  async evolution({ layer }, { run, evolutions, say, pause }) {
    const memory: EvolutionMemory = evolutions.get(String(layer)) ?? new Map<number, never>();
    evolutions.set(String(layer), memory);
    await evolutionOf(run, run.layer(layer), memory, (evolution) => say({ type: 'evolution', evolution }), pause);
  },

  async similarities({ epoch, other }, { run, say, pause }) {
    const show = (similarities: LayerSimilarities): void => say({ type: 'similarities', similarities });
    await comparedLayers({ run, epoch }, await recordOf(run, other), show, pause);
  },

  async matches({ layer, epoch, other }, { run, say, pause }) {
    const one = { run, epoch, layer };
    say({ type: 'matches', matches: await comparedNeurons(one, { ...other, ...(await recordOf(run, other)) }, pause) });
  },

  async map({ layer: index, epoch, k, linkage }, { run, maps, pictures, say, pause, images }) {
    const at = await run.sampledEpoch(epoch, run.layer(index));
    const layout = await maps.layout(index, at, pause);
    const tree = await maps.tree(layout, linkage);
    const now = (): LayerMap => ({ ...maps.map(layout, tree, k, linkage), ...(at !== epoch && { asked: epoch }) });
    const map = now();
    say({ type: 'map', map });
    try {
      const features = await pictures.features(layout.layer, epoch);
      const classOf = classOfImages(run.header, layout.samples.images);
      const fromCentre = await distancesFromCentres(layout.samples, classOf, map.labels, pause);
      const drawn = await pictures.ofLayer(
        layout.layer,
        features,
        await images(),
        { labels: map.labels, fromCentre },
        pause,
      );
      say({ type: 'pictures', pictures: drawn });
    } catch (thrown) {
      if (thrown instanceof Superseded) throw thrown;
      say({ type: 'unavailable', about: 'pictures', error: reportOf(thrown) });
    }
    await maps.improve(layout, () => say({ type: 'map', map: now() }), pause);
  },

  async patches({ layer: index, neuron, epoch, first, count, members }, { run, pictures, say, images }) {
    const layer = run.layer(index, neuron);
    const at = await pictures.features(layer, epoch);
    const about = { layer: index, neuron, epoch: at.epoch };
    let source: StoredImages;
    try {
      source = await images();
    } catch (thrown) {
      const patches = patchesOf(at, neuron);
      say({ type: 'patches', patches: { ...about, patches, average: undefined, pictured: [], pictures: [] } });
      say({ type: 'unavailable', about: 'pictures', error: reportOf(thrown) });
      return;
    }
    const places = placesOf(at.features, neuron);
    const from = Math.max(0, first);
    const pictured = (members?.filter((patch) => patch in places) ?? [...places.keys()]).slice(from, from + count);
    const chosen = pictured.map((patch) => places[patch]);
    say({
      type: 'patches',
      patches: {
        ...about,
        patches: patchesOf(at, neuron, source),
        average: pictures.average(layer, at, neuron, source),
        pictured,
        pictures: picturesOf(source, layer.receptiveField, chosen),
      },
    });
  },

  async rows({ layer: index, neurons, epoch, count }, { run, pictures, say, pause, images }) {
    const layer = run.layer(index);
    const at = await pictures.features(layer, epoch);
    const source = await images();
    const rows = [];
    for (const neuron of neurons) {
      run.layer(index, neuron);
      const places = placesOf(at.features, neuron, count);
      rows.push({ neuron, pictures: picturesOf(source, layer.receptiveField, places) });
      await pause();
    }
    say({ type: 'rows', layer: index, epoch: at.epoch, rows });
  },

  async distributions({ layer: index, neuron, epoch }, { run, say }) {
    const layer = run.layer(index, neuron);
    const at = await run.sampledEpoch(epoch, layer);
    const quantiles = classQuantiles(await run.samples(at, layer), layer.units, neuron, run.header);
    say({ type: 'distributions', distributions: { layer: index, neuron, epoch: at, quantiles, quantileCount } });
  },

  async facets({ layer: index, neuron, epoch, k }, { run, pictures, cache, say, pause, images }) {
    const layer = run.layer(index, neuron);
    if (!Number.isInteger(k) || k < 1) throw new DeepviewError('bad-facets', `${k} facets are not possible`);
    const at = await pictures.features(layer, epoch);
    const { directory, header } = run;
    const wanted = { directory, layer, neuron, k, seed: header.seed, at, source: await images(), cache };
    await exploreFacets(wanted, (facets) => say({ type: 'facets', facets }), pause);
  },
};

/** The record that this run's is compared with: of itself, or of another run. */
const recordOf = async (run: RunEpochs, { directory, epoch }: RecordPlace): Promise<OpenRecord> => ({
  run: directory === run.directory ? run : await RunEpochs.open(directory),
  epoch,
});

/** Patches with their classes, where the images are here to tell them. */
function patchesOf({ features }: FeaturesAt, neuron: number, source?: StoredImages): Patch[] {
  const start = neuron * features.perNeuron;
  return placesOf(features, neuron).map((place, rank) => ({
    ...place,
    activation: features.activation[start + rank],
    label: source?.labels[place.image] ?? -1,
  }));
}

/** Answers questions about the run in a directory. */
export function serveExploration(port: MessagePort, { explore, paths }: ExplorationSettings): void {
  const explorer = new Explorer(explore, paths, (answer) => port.postMessage(answer));
  port.on('message', (message: ExplorationMessage) => {
    if (message.type === 'cancel') explorer.cancel(message.about);
    else void explorer.ask(message.request);
  });
}
