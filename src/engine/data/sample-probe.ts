import { misuse, unreadable } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { Random } from '../base/random.ts';
import type { ImageSet } from './dataset.ts';

/** Probe images by default. */
const defaultProbe = 1000;
/** With fewer images a class, distances between class distributions are mostly noise. */
const leastProbeOfClass = 10;
const mostProbe = 10_000;

export interface ProbeSample {
  /** Indices into the validation images, sorted by class; within a class ascending. */
  indices: Uint32Array;
  /** Their classes: [indices.length]. */
  labels: Uint16Array;
}

/**
 * Chooses the probe set: the same number of validation images of each class, by chance from the seed.
 * A count that is no multiple of the classes is rounded down; when a class has too few images, all classes get as many
 * as the smallest has, with a notice.
 * @param count images wanted in all: 10 a class .. 10 000
 * @throws DeepviewError `probe-size` (usage) for a count out of range, `few-images` when a class has less than 10
 */
export function sampleProbe(
  validation: Pick<ImageSet, 'count' | 'labels'>,
  classes: readonly string[],
  count = defaultProbe,
  seed = 0,
  onNotice: (text: string) => void = () => undefined,
): ProbeSample {
  requireProbeSize(count, classes.length);
  const members: number[][] = classes.map(() => []);
  for (let image = 0; image < validation.count; image++) members[validation.labels[image]].push(image);
  const counts = members.map((images) => images.length);
  const smallest = requireProbeImages(counts, classes);
  const wanted = Math.floor(count / classes.length);
  const perClass = Math.min(wanted, smallest);
  if (perClass < wanted) {
    onNotice(
      `the probe has ${perClass} validation images of each class, ${perClass * classes.length} in all, not ${count}: ` +
        `${printable(classes[counts.indexOf(smallest)])} has no more`,
    );
  }
  const indices = new Uint32Array(perClass * classes.length);
  const labels = new Uint16Array(indices.length);
  members.forEach((images, label) => {
    const chosen = new Random(seed, 'probe', label).shuffle(images).slice(0, perClass);
    indices.set(
      chosen.sort((a, b) => a - b),
      label * perClass,
    );
    labels.fill(label, label * perClass, (label + 1) * perClass);
  });
  return { indices, labels };
}

/**
 * How many validation images, the first ones, go with a number of training images: as many, but enough of each class for
 * the probe.
 * @param labels the class of each validation image
 * @param probe images that are asked for; without it, as few as are needed
 */
export function validationFor(labels: Uint16Array, classes: number, trainImages: number, probe = 0): number {
  const wanted = Math.max(leastProbeOfClass, Math.floor(probe / classes));
  const counts = new Uint32Array(classes);
  let lacking = classes;
  for (const [image, label] of labels.entries()) {
    if (image >= trainImages && lacking === 0) return image;
    if (++counts[label] === wanted) lacking--;
  }
  return labels.length;
}

/** @throws DeepviewError `probe-size` (usage) */
export function requireProbeSize(count = defaultProbe, classes: number): void {
  const least = leastProbeOfClass * classes;
  if (Number.isInteger(count) && count >= least && count <= mostProbe) return;
  throw misuse(
    'probe-size',
    `A probe of ${count} images is not possible`,
    `Choose ${least} (${leastProbeOfClass} of each of ${classes} classes) to ${mostProbe} images.`,
  );
}

/**
 * @param counts validation images of each class
 * @returns the smallest of them
 * @throws DeepviewError `few-images` (exit code 4) when it is less than 10
 */
export function requireProbeImages(counts: readonly number[], classes: readonly string[]): number {
  const smallest = Math.min(...counts);
  if (smallest >= leastProbeOfClass) return smallest;
  const poorest = counts.indexOf(smallest);
  throw unreadable(
    'few-images',
    `Class ${printable(classes[poorest])} has ${smallest} validation image${smallest === 1 ? '' : 's'}; ` +
      `the probe needs at least ${leastProbeOfClass}`,
    'Use more images of each class, or keep more of them for validation: ' +
      `--validation 0.5 keeps ${leastProbeOfClass} of ${2 * leastProbeOfClass}.`,
  );
}
