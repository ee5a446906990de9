import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ProgressMeter, type StepContext } from '../../base/progress.ts';
import { classCounts } from '../images/image-options.ts';
import type { RawImages } from '../raw-images.ts';
import type { PassedOver, Remark } from '../store/store-format.ts';
import { blockHash, hashParts, ImageMeter } from './measure-image.ts';
import { counted, findingsOf } from './findings.ts';
import { Groups, differenceShare, nearDuplicates } from './near-duplicates.ts';
import { partNames, type ImagePlace, type Inspection, type PartName, type PartStatistics } from './inspection.ts';

/** A data set to be looked into: raw images, as they lie in memory or on the disk. */
export interface InspectedData {
  classes: readonly string[];
  /** [height, width, channels] */
  imageShape: readonly [number, number, number];
  train: RawImages;
  validation: RawImages;
  /** Sizes that images had before they were brought to one; absent where all had that. */
  sizes?: Inspection['sizes'];
  /** Files that could not be read, with the reason. */
  corrupt?: PassedOver;
  /** What reading them had to say. */
  remarks?: readonly Remark[] | undefined;
  /** The file of an image, where images have files of their own. */
  fileOf?: (part: PartName, index: number) => string | undefined;
}

/** Bytes of images looked at in one go. */
const goBytes = 4 * 2 ** 20;
/** Images among which near duplicates are looked for; thumbnails of that many take 100 MB. */
const mostCompared = 500_000;

/**
 * Looks at every image once, and at likely twins again: counts, means and deviations, duplicates, images of one colour,
 * classes without images or with few. Memory does not grow with the images' size: less than 1 KB an image.
 * @throws DeepviewError `cancelled`, or what reading the images throws
 */
export async function inspectImages(
  data: InspectedData,
  context: Pick<StepContext, 'onProgress' | 'signal'>,
): Promise<Inspection> {
  const { train, validation, classes, imageShape } = data;
  const total = train.count + validation.count;
  const isCompared = total <= mostCompared;
  const meter = new ProgressMeter({ label: 'looking at images', unit: 'items', total, ...context });
  const look = new Look(data, isCompared ? total : 0);
  const parts = {} as Record<PartName, PartStatistics>;
  for (const name of partNames) {
    const images = data[name];
    const step = Math.max(1, Math.floor(goBytes / images.imageSize));
    for (let from = 0; from < images.count; from += step) {
      const to = Math.min(images.count, from + step);
      look.at(images.view(from, to), images.imageSize);
      await nextTurn();
      meter.advance(to - from);
    }
    parts[name] = {
      images: images.count,
      classCounts: classCounts(images.labels, classes.length),
      ...look.statistics(),
    };
  }
  meter.finish();

  const placeOf = (number: number): ImagePlace => {
    const part = number < train.count ? 'train' : 'validation';
    const index = part === 'train' ? number : number - train.count;
    const file = data.fileOf?.(part, index);
    return { part, index, label: data[part].labels[index], ...(file !== undefined && { file }) };
  };
  const placed = (groups: readonly (readonly number[])[]): ImagePlace[][] =>
    groups.map((group) => group.map((number) => placeOf(number)));
  const near = isCompared ? await look.nearDuplicates(context) : { groups: [], isComplete: false };
  const [height, width] = imageShape;
  return {
    parts,
    sizes: data.sizes ?? [{ height, width, images: total }],
    findings: findingsOf({
      classes,
      ...parts,
      duplicates: placed(look.duplicates()),
      nearDuplicates: placed(near.groups),
      constant: look.constant.map((number) => placeOf(number)),
      corrupt: data.corrupt ?? { count: 0, files: [] },
      remarks: data.remarks ?? [],
    }),
    notes: [
      ...(data.remarks ?? []).flatMap(({ code, message }) => (code === 'note' ? [message] : [])),
      ...(near.isComplete
        ? []
        : [
            isCompared
              ? 'Too many images look alike for all to be compared: there may be more near duplicates.'
              : `Near duplicates are looked for among at most ${counted(mostCompared, 'image')}; equal images were found.`,
          ]),
    ],
  };
}

/** What is kept of images that have been looked at; they are numbered through both parts. */
class Look {
  /** Numbers of images of one colour. */
  readonly constant: number[] = [];
  readonly #data: InspectedData;
  readonly #meter: ImageMeter;
  /** The number of the first image with these pixels. */
  readonly #firsts = new Map<string, number>();
  /** Of images that are equal to an earlier one: that one's number. */
  readonly #repeats = new Map<number, number>();
  readonly #hashes: Uint16Array;
  readonly #thumbnails: Uint8Array;
  readonly #thumbnailSize: number;
  readonly #kept: number;
  #count = 0;
  #pixels = 0;
  #sums: Float64Array;
  #squares: Float64Array;

  /** @param kept images of which thumbnails are kept */
  constructor(data: InspectedData, kept: number) {
    const channels = data.imageShape[2];
    this.#data = data;
    this.#meter = new ImageMeter(data.imageShape);
    this.#thumbnailSize = this.#meter.cells * channels;
    this.#kept = kept;
    this.#hashes = new Uint16Array(kept * hashParts);
    this.#thumbnails = new Uint8Array(kept * this.#thumbnailSize);
    this.#sums = new Float64Array(channels);
    this.#squares = new Float64Array(channels);
  }

  /** The next images, one after another. */
  at(pixels: Uint8Array, imageSize: number): void {
    const channels = this.#data.imageShape[2];
    for (let from = 0; from < pixels.length; from += imageSize) {
      const image = pixels.subarray(from, from + imageSize);
      const number = this.#count++;
      const { thumbnail, sums, squares, isConstant } = this.#meter.look(image);
      for (let channel = 0; channel < channels; channel++) {
        this.#sums[channel] += sums[channel];
        this.#squares[channel] += squares[channel];
      }
      this.#pixels += imageSize / channels;
      if (isConstant) this.constant.push(number);
      // 96 bits: no two of a billion different images have the same ones by chance.
      const key = createHash('sha256').update(image).digest('base64url').substring(0, 16);
      const first = this.#firsts.get(key);
      if (first === undefined) this.#firsts.set(key, number);
      else this.#repeats.set(number, first);
      if (number >= this.#kept) continue;
      const place = number * this.#thumbnailSize;
      for (let cell = 0; cell < this.#thumbnailSize; cell++) this.#thumbnails[place + cell] = thumbnail[cell] + 0.5;
      blockHash(thumbnail, channels, this.#hashes.subarray(number * hashParts, (number + 1) * hashParts));
    }
  }

  /** Of the images since the last call: mean and deviation, one per channel. */
  statistics(): { mean: number[]; deviation: number[] } {
    const pixels = this.#pixels;
    const mean = pixels === 0 ? [] : Array.from(this.#sums, (sum) => sum / pixels);
    const deviation = mean.map((value, channel) =>
      Math.sqrt(Math.max(0, this.#squares[channel] / pixels - value * value)),
    );
    this.#sums.fill(0);
    this.#squares.fill(0);
    this.#pixels = 0;
    return { mean, deviation };
  }

  /** Groups of equal images; images of one colour are told of otherwise. */
  duplicates(): number[][] {
    const plain = new Set(this.constant);
    const groups = new Map<number, number[]>();
    for (const [number, first] of this.#repeats) {
      if (plain.has(first)) continue;
      const group = groups.get(first);
      if (group) group.push(number);
      else groups.set(first, [first, number]);
    }
    return [...groups.values()];
  }

  async nearDuplicates(
    context: Pick<StepContext, 'onProgress' | 'signal'>,
  ): Promise<{ groups: number[][]; isComplete: boolean }> {
    const { train, validation } = this.#data;
    const plain = new Set(this.constant);
    const images = Uint32Array.from({ length: this.#count }, (_, number) => number).filter(
      (number) => !this.#repeats.has(number) && !plain.has(number),
    );
    const meter = new ProgressMeter({
      label: 'looking for near duplicates',
      unit: 'items',
      total: images.length,
      ...context,
    });
    const buffers = [new Uint8Array(train.imageSize), new Uint8Array(train.imageSize)];
    const read = (number: number, target: Uint8Array): Uint8Array => {
      const [part, index] = number < train.count ? [train, number] : [validation, number - train.count];
      target.set(part.view(index, index + 1));
      return target;
    };
    const { pairs, isComplete } = await nearDuplicates(
      {
        images,
        hashes: this.#hashes,
        thumbnails: this.#thumbnails,
        thumbnailSize: this.#thumbnailSize,
        difference: (one, other) => differenceShare(read(one, buffers[0]), read(other, buffers[1])),
      },
      meter,
    );
    meter.finish();
    const groups = new Groups(this.#count);
    for (const [one, other] of pairs) groups.join(one, other);
    return { groups: groups.list(), isComplete };
  }
}
