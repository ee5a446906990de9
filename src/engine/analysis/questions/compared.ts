import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Samples } from '../../metrics/index.ts';
import { classOfImages, toldName, type LayerRecord, type RunHeader } from '../../run/format.ts';
import { linearCka } from '../comparison/linear-cka.ts';
import { matchNeurons, type ClassedSamples } from '../comparison/neuron-matches.ts';
import type { Pause } from '../neuron-distances.ts';
import type { LayerSimilarities, NeuronMatches } from './messages.ts';
import type { RunEpochs } from './run-epochs.ts';

/** A record of a run that is open. */
export interface OpenRecord {
  run: RunEpochs;
  epoch: number;
}

/** Milliseconds between two answers that are shown while the matrix grows. */
const shownEvery = 100;

const different = (message: string, hint: string): DeepviewError =>
  new DeepviewError('other-probe', message, { hint, exitCode: exitCodes.unreadable });

/**
 * Whether two runs were measured on the same images: those of one data set, at the same places.
 * @throws DeepviewError `other-probe`
 */
function requireSameProbe({ run: { header: one, directory } }: OpenRecord, { run }: OpenRecord): void {
  if (directory === run.directory) return;
  const other = run.header;
  const hint = 'Layers are compared image by image: train both on the same data with the same --seed and --probe.';
  const [data, otherData] = [one, other].map(({ dataset }) => toldName(dataset));
  const isOther =
    data !== otherData ||
    one.dataset.origin?.source !== other.dataset.origin?.source ||
    one.dataset.validationImages !== other.dataset.validationImages;
  if (isOther) throw different('the runs were measured on other images: their data differ', hint);
  if (one.probe.indices.length === 0 || other.probe.indices.length === 0) {
    throw different('the runs do not say which images they were measured on', hint);
  }
  const places = new Set(other.probe.indices);
  const shared = one.probe.indices.filter((place) => places.has(place)).length;
  const isSame =
    one.probe.indices.join() === other.probe.indices.join() && one.probe.labels?.join() === other.probe.labels?.join();
  if (isSame) return;
  throw different(
    `the runs were measured on other images: ${shared} of the ${one.probe.indices.length} are the same`,
    hint,
  );
}

/** The samples of a layer at the newest record up to the asked one that keeps some. */
async function samplesAt({ run, epoch }: OpenRecord, layer: LayerRecord): Promise<{ at: number; samples: Samples }> {
  const at = await run.sampledEpoch(epoch, layer);
  const values = await run.samples(at, layer);
  return { at, samples: { values, images: values.length / layer.units, neurons: layer.units } };
}

/** The same; nothing of a layer of which none are kept. */
async function samplesIfThere(
  record: OpenRecord,
  layer: LayerRecord,
): Promise<Awaited<ReturnType<typeof samplesAt>> | undefined> {
  try {
    return await samplesAt(record, layer);
  } catch (thrown) {
    if (thrown instanceof DeepviewError && thrown.code === 'no-samples') return undefined;
    throw thrown;
  }
}

/** Images that layers are compared by at most: time grows with their square. */
const mostImages = 2000;

/** How many images can be taken, so that the geometries of that many layers have room. */
function imagesFor(layers: number): number {
  const cells = limits.geometries / Float32Array.BYTES_PER_ELEMENT / layers;
  return Math.min(mostImages, Math.floor(Math.sqrt(2 * cells)) - 1);
}

/** Some of the images, at even distances: at most `most`. */
function thinned({ values, images, neurons }: Samples, most: number): Samples {
  if (images <= most) return { values, images, neurons };
  const rows = Array.from({ length: most }, (_, row) => Math.floor((row * images) / most));
  const kept = new Float64Array(most * neurons);
  rows.forEach((from, row) => kept.set(values.subarray(from * neurons, (from + 1) * neurons), row * neurons));
  return { values: kept, images: most, neurons };
}

/**
 * Linear CKA of every layer of one record with every layer of another, a row at a time.
 * @throws DeepviewError `other-probe`, `no-samples`, or naming a file that is gone or damaged
 */
export async function comparedLayers(
  one: OpenRecord,
  other: OpenRecord,
  show: (similarities: LayerSimilarities) => void,
  pause: Pause,
): Promise<void> {
  await Promise.all([one.run.refresh(), other.run.refresh()]);
  requireSameProbe(one, other);
  const [rows, columns] = [one.run.header.network.layers, other.run.header.network.layers];
  const reasons = new Map<string, string>();
  const why = (side: number, { index }: LayerRecord, text: string): void => {
    reasons.set(`${side} ${index}`, text);
  };
  const probe = one.run.header.probe.labels?.length ?? (await imagesOf(one, rows));
  const images = Math.min(probe, imagesFor(columns.length));
  const layersOf = (record: OpenRecord, layers: readonly LayerRecord[], side: number) =>
    layers.map((layer) => async (): Promise<Samples | undefined> => {
      const found = await samplesIfThere(record, layer);
      if (found && (await record.run.keepsImages(found.at, layer))) return thinned(found.samples, images);
      why(side, layer, found ? 'keeps quantiles in place of the values of each image' : 'keeps no samples');
      return undefined;
    });
  const values = new Float64Array(rows.length * columns.length).fill(Number.NaN);
  const tell = (done: number): void =>
    show({
      epoch: one.epoch,
      other: { directory: other.run.directory, epoch: other.epoch },
      ...{ values: values.slice(), done, images, probe },
      leftOut: leftOutOf(reasons, rows, columns),
    });
  let [done, shown] = [0, performance.now()];
  for await (const some of linearCka(layersOf(one, rows, 0), layersOf(other, columns, 1), images, pause)) {
    values.set(some, done * columns.length);
    done += some.length / columns.length;
    if (performance.now() - shown < shownEvery) continue;
    tell(done);
    shown = performance.now();
  }
  const isAlike = (place: number, step: number, count: number): boolean =>
    Array.from({ length: count }, (_, at) => values[place + at * step]).every(Number.isNaN);
  const text = 'answers all images alike, or with values that are not finite';
  rows.forEach((layer, place) => {
    if (!reasons.has(`0 ${layer.index}`) && isAlike(place * columns.length, 1, columns.length)) why(0, layer, text);
  });
  columns.forEach((layer, place) => {
    if (!reasons.has(`1 ${layer.index}`) && isAlike(place, columns.length, rows.length)) why(1, layer, text);
  });
  if (values.every(Number.isNaN)) {
    throw new DeepviewError('no-similarity', leftOutOf(reasons, rows, columns).join('; '), {
      hint: 'Layers are compared by their samples, image by image.',
      exitCode: exitCodes.unreadable,
    });
  }
  tell(done);
}

/** Probe images of a run that does not say how many there are. */
async function imagesOf(record: OpenRecord, layers: readonly LayerRecord[]): Promise<number> {
  for (const layer of layers) {
    const found = await samplesIfThere(record, layer);
    if (found) return found.samples.images;
  }
  return 0;
}

/** One sentence for all layers of a side that lack the same. */
function leftOutOf(reasons: ReadonlyMap<string, string>, ...sides: readonly (readonly LayerRecord[])[]): string[] {
  return sides.flatMap((layers, side) => {
    const byReason = new Map<string, string[]>();
    for (const { index, name } of layers) {
      const reason = reasons.get(`${side} ${index}`);
      if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), `${index} ${name}`]);
    }
    return [...byReason].map(([reason, names]) =>
      names.length === layers.length
        ? `${'AB'[side]} ${reason}`
        : `${'AB'[side]}, layer ${names.join(', ')}: ${reason}`,
    );
  });
}

/**
 * The neurons of two layers, matched by the distributions of their activations by class.
 * @throws DeepviewError `other-classes`, `too-many-neurons`, `non-finite`, `no-samples`, or naming a file that is gone or
 *   damaged
 */
export async function comparedNeurons(
  one: OpenRecord & { layer: number },
  other: OpenRecord & { layer: number },
  pause: Pause,
): Promise<NeuronMatches> {
  await Promise.all([one.run.refresh(), other.run.refresh()]);
  const classes = sharedClasses(one.run.header, other.run.header);
  const [first, second] = [await classed(one, classes.ofOne), await classed(other, classes.ofOther)];
  const { directory } = other.run;
  return {
    layer: one.layer,
    epoch: one.epoch,
    other: { directory, epoch: other.epoch, layer: other.layer },
    ...(await matchNeurons(first, second, pause)),
    leftOut: classes.leftOut,
  };
}

/** A layer's samples of the images of some classes, these numbered anew. @param classes own number -> number */
async function classed(
  record: OpenRecord & { layer: number },
  classes: ReadonlyMap<number, number>,
): Promise<ClassedSamples> {
  const layer = record.run.layer(record.layer);
  const { samples } = await samplesAt(record, layer);
  const labels = Array.from(classOfImages(record.run.header, samples.images));
  const kept = labels.flatMap((label, image) => (classes.has(label) ? [image] : []));
  const values = new Float64Array(kept.length * layer.units);
  kept.forEach((image, row) =>
    values.set(samples.values.subarray(image * layer.units, (image + 1) * layer.units), row * layer.units),
  );
  return {
    samples: { values, images: kept.length, neurons: layer.units },
    classOf: kept.map((image) => classes.get(labels[image])!),
  };
}

/** The classes of two runs that have one name; without labels all images are of one. @throws DeepviewError `other-classes` */
function sharedClasses(one: RunHeader, other: RunHeader) {
  const [names, others] = [one, other].map(({ probe, dataset }) => {
    const present = new Set(probe.labels);
    return dataset.classes.map((name, label) => ({ name, label })).filter(({ label }) => present.has(label));
  });
  if (!one.probe.labels && !other.probe.labels) {
    const all = new Map([[0, 0]]);
    return {
      ofOne: all,
      ofOther: all,
      leftOut: ['The runs have no labels: neurons are matched by all their activations.'],
    };
  }
  const shared = names.filter(({ name }) => others.some((own) => own.name === name));
  if (shared.length === 0) {
    throw new DeepviewError('other-classes', 'the runs have no class in common', {
      hint: 'Neurons are matched by how they respond to classes of one name.',
      exitCode: exitCodes.unreadable,
    });
  }
  const numbers = (side: typeof names): Map<number, number> =>
    new Map(
      side.flatMap(({ name, label }) => {
        const number = shared.findIndex((own) => own.name === name);
        return number < 0 ? [] : [[label, number]];
      }),
    );
  const alone = (side: typeof names): string =>
    side.flatMap(({ name }) => (shared.some((own) => own.name === name) ? [] : name)).join(', ');
  const leftOut = [names, others].flatMap((side, place) => {
    const only = alone(side);
    return only === '' ? [] : [`Classes that ${'AB'[place]} alone has are left out: ${only}.`];
  });
  return { ofOne: numbers(names), ofOther: numbers(others), leftOut };
}
