import { createHash } from 'node:crypto';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { decodeBatchPng } from './decode-png.ts';
import {
  bytesOf,
  cifar10Classes,
  imageBytes,
  imagesOf,
  partNames,
  trainBatches,
  type Cifar10Layout,
  type PartName,
} from './layout.ts';

/** Each part as the cache keeps it: all pixels, [N, 32, 32, 3], then all labels, a byte each. */
export type Cifar10Content = Record<PartName, Uint8Array>;

/**
 * Puts CIFAR-10 together from the files of either archive, in any order: the official `data_batch_1.bin` ...
 * `test_batch.bin`, or the npm archive's PNG batches and label lists.
 */
export class Cifar10Assembler {
  readonly #layout: Cifar10Layout;
  readonly #source: string;
  readonly #content: Cifar10Content;
  readonly #missing: Set<string>;

  /** @param source what the files come from, for messages */
  constructor(layout: Cifar10Layout, source: string) {
    this.#layout = layout;
    this.#source = source;
    this.#content = {
      train: new Uint8Array(bytesOf('train', layout)),
      validation: new Uint8Array(bytesOf('validation', layout)),
    };
    this.#missing = new Set(batchNames.flatMap((name) => [`images of ${name}`, `labels of ${name}`]));
  }

  /** The greatest size a file may have, by its name without folders; `undefined` for one that is not needed. */
  wanted(name: string): number | undefined {
    if (batchNames.some((batch) => name === `${batch}.bin`)) return this.#layout.batchImages * (imageBytes + 1);
    // PNG expands what it cannot compress by less than a thousandth; 64 KiB are for its other chunks.
    if (batchNames.some((batch) => name === `${batch}.png`))
      return this.#layout.batchImages * imageBytes * 1.01 + 65_536;
    if (Object.hasOwn(labelLists, name)) return 2 ** 20;
    return name === 'batches.meta.txt' ? 4096 : undefined;
  }

  /** @throws DeepviewError `data-damaged` when the file is not what its name says */
  async add(name: string, content: Buffer): Promise<void> {
    const batch = name.slice(0, -4);
    if (Object.hasOwn(labelLists, name)) this.#addLabelList(name, content);
    else if (name === 'batches.meta.txt') this.#checkClasses(content);
    else if (name.endsWith('.bin')) this.#addRecords(batch, content);
    else await this.#addPicture(batch, content);
  }

  /** @throws DeepviewError `data-damaged` when something is missing or the whole is not CIFAR-10 */
  finish(): Cifar10Content {
    const [missing] = this.#missing;
    if (missing !== undefined) throw this.#damaged(`the ${missing} are missing`);
    for (const part of partNames) {
      const found = createHash('sha256').update(this.#content[part]).digest('hex');
      const expected = this.#layout.checksums[part];
      if (found !== expected) {
        throw this.#damaged(
          `its ${part} images are not CIFAR-10's: their sha256 is ${found.slice(0, 16)}…, not ${expected.slice(0, 16)}…`,
        );
      }
    }
    return this.#content;
  }

  /** Official form: records of a label and three planes of 32x32, red, green, blue. */
  #addRecords(batch: string, content: Buffer): void {
    const { batchImages } = this.#layout;
    const expected = batchImages * (imageBytes + 1);
    if (content.length !== expected) {
      throw this.#damaged(`${batch}.bin has ${content.length} bytes, not ${expected}`);
    }
    const labels = new Uint8Array(batchImages);
    const pixels = new Uint8Array(batchImages * imageBytes);
    const plane = imageBytes / 3;
    for (let image = 0; image < batchImages; image++) {
      const record = image * (imageBytes + 1);
      labels[image] = content[record]!;
      let to = image * imageBytes;
      for (let from = record + 1; from <= record + plane; from++) {
        pixels[to++] = content[from]!;
        pixels[to++] = content[from + plane]!;
        pixels[to++] = content[from + 2 * plane]!;
      }
    }
    this.#setPixels(batch, pixels);
    this.#setLabels(batch, labels, `${batch}.bin`);
  }

  async #addPicture(batch: string, content: Buffer): Promise<void> {
    let pixels: Uint8Array;
    try {
      pixels = await decodeBatchPng(content, this.#layout.batchImages);
    } catch (error) {
      throw this.#damaged(`${batch}.png is ${error instanceof Error ? error.message : String(error)}`, error);
    }
    this.#setPixels(batch, pixels);
  }

  #addLabelList(name: string, content: Buffer): void {
    const { batchImages } = this.#layout;
    const batches = labelLists[name];
    let list: unknown;
    try {
      list = JSON.parse(content.toString('utf8'));
    } catch (error) {
      throw this.#damaged(`${name} is no JSON`, error);
    }
    const expected = batches.length * batchImages;
    if (!Array.isArray(list) || list.length !== expected)
      throw this.#damaged(`${name} is no list of ${expected} labels`);
    const values = list as unknown[];
    const wrong = values.findIndex((value) => !isLabel(value));
    if (wrong >= 0) throw this.#damaged(`${name} holds an impossible label at place ${wrong}`);
    const labels = Uint8Array.from(values as number[]);
    batches.forEach((batch, i) => {
      this.#setLabels(batch, labels.subarray(i * batchImages, (i + 1) * batchImages), name);
    });
  }

  /** The archive's own list of classes must be in the order that the labels are read in. */
  #checkClasses(content: Buffer): void {
    const names = content.toString('utf8').split(/\s+/).filter(Boolean);
    if (names.join() !== cifar10Classes.join()) {
      throw this.#damaged(`batches.meta.txt names other classes: ${names.slice(0, 12).join(', ')}`);
    }
  }

  #setPixels(batch: string, pixels: Uint8Array): void {
    const { part, first } = this.#place(batch);
    this.#content[part].set(pixels, first * imageBytes);
    this.#missing.delete(`images of ${batch}`);
  }

  #setLabels(batch: string, labels: Uint8Array, file: string): void {
    const { part, first } = this.#place(batch);
    const wrong = labels.findIndex((label) => !isLabel(label));
    if (wrong >= 0)
      throw this.#damaged(`${file} gives image ${wrong} the label ${labels[wrong]}, which is none of 0 to 9`);
    this.#content[part].set(labels, imagesOf(part, this.#layout) * imageBytes + first);
    this.#missing.delete(`labels of ${batch}`);
  }

  #place(batch: string): { part: PartName; first: number } {
    const index = batchNames.indexOf(batch);
    return index < trainBatches
      ? { part: 'train', first: index * this.#layout.batchImages }
      : { part: 'validation', first: 0 };
  }

  #damaged(what: string, cause?: unknown): DeepviewError {
    return new DeepviewError('data-damaged', `${printable(this.#source, 1000)}: ${printable(what, 300)}`, {
      hint: 'Load it again, or leave out --source to let the program fetch it.',
      exitCode: exitCodes.unreadable,
      cause,
    });
  }
}

/** Without their ending: the five training batches, then the test batch. */
export const batchNames: readonly string[] = [
  ...Array.from({ length: trainBatches }, (_, i) => `data_batch_${i + 1}`),
  'test_batch',
];

/** The npm archive's label files (their names are spelt so) and the batches they are for. */
const labelLists: Readonly<Record<string, readonly string[]>> = {
  'train_lables.json': batchNames.slice(0, trainBatches),
  'test_lables.json': batchNames.slice(trainBatches),
};

function isLabel(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < cifar10Classes.length;
}
