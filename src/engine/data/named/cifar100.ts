import { open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { ProgressMeter, type StepContext } from '../../base/progress.ts';
import type { UnpackedImages } from '../images/store-of.ts';
import { readTar } from '../read-tar.ts';
import type { ImageToStore } from '../store/write-store.ts';
import { cifar100Classes } from './cifar100-classes.ts';
import type { NamedDataset } from './named-dataset.ts';

const plane = 32 * 32;
/** A coarse label, a fine label, then red, green and blue as planes. */
const recordBytes = 2 + 3 * plane;
const coarseClasses = 20;

export interface Cifar100Layout {
  /** Images of each fine class. */
  trainOfClass: number;
  validationOfClass: number;
}

const published: Cifar100Layout = { trainOfClass: 500, validationOfClass: 100 };
const files = { train: 'train.bin', validation: 'test.bin' } as const;
type PartName = keyof typeof files;

/** CIFAR-100 (Krizhevsky 2009), the binary version, by its hundred fine classes. */
export function cifar100Of(layout: Cifar100Layout): NamedDataset {
  const count = (part: PartName): number =>
    cifar100Classes.length * (part === 'train' ? layout.trainOfClass : layout.validationOfClass);
  return {
    name: 'cifar100',
    title: 'CIFAR-100',
    description: 'CIFAR-100: small photographs of a hundred kinds of things',
    classes: cifar100Classes,
    shape: [32, 32, 3],
    trainImages: count('train'),
    validationImages: count('validation'),
    remedy: 'a copy of cifar-100-binary.tar.gz',
    offers: () => [
      {
        title: 'the official archive',
        files: [
          {
            source: { url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz' },
            file: 'cifar-100-binary.tar.gz',
            bytes: 168_513_733,
            integrity: {
              algorithm: 'sha256',
              hex: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
            },
          },
        ],
      },
    ],
    read: ([path], context) => read(path, count, context),
  };
}

export const cifar100 = cifar100Of(published);

const damaged = (path: string, why: string): DeepviewError =>
  new DeepviewError('data-damaged', `${printable(path, 1000)} is not CIFAR-100: ${why}`, {
    hint: 'Name a copy of cifar-100-binary.tar.gz or the folder that it unpacks to; the Python and Matlab versions are not read.',
    exitCode: exitCodes.unreadable,
  });

async function read(
  path: string,
  count: (part: PartName) => number,
  context: StepContext,
): Promise<Pick<UnpackedImages, 'classes' | 'shape' | 'parts'>> {
  const info = await stat(path).catch((thrown: unknown) => {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  });
  const content = info.isDirectory() ? await readFolder(path, count) : await readArchive(path, count, context);
  const coarse = new Int16Array(cifar100Classes.length).fill(-1);
  const parts = (Object.keys(files) as PartName[]).map((name) => {
    const records = content.get(files[name]);
    if (!records) throw damaged(path, `there is no ${files[name]}`);
    const labels = checkRecords(`${path}: ${files[name]}`, records, count(name), coarse);
    return { name, labels, images: () => imagesOf(records, labels) };
  });
  return { classes: cifar100Classes, shape: [32, 32, 3], parts };
}

async function readFolder(path: string, count: (part: PartName) => number): Promise<Map<string, Buffer>> {
  const content = new Map<string, Buffer>();
  const inner = join(path, 'cifar-100-binary');
  const folder = await stat(inner).then(
    () => inner,
    () => path,
  );
  for (const [part, name] of Object.entries(files)) {
    const full = join(folder, name);
    try {
      const file = await open(full, 'r');
      try {
        const { size } = await file.stat();
        const expected = count(part as PartName) * recordBytes;
        if (size !== expected) throw damaged(full, `it has ${size} bytes, not ${expected}`);
        content.set(name, await file.readFile());
      } finally {
        await file.close();
      }
    } catch (thrown) {
      const error = fileError(thrown, 'read', full, exitCodes.unreadable);
      throw error.code === 'not-found' ? damaged(path, `there is no ${name}`) : error;
    }
  }
  return content;
}

async function readArchive(
  path: string,
  count: (part: PartName) => number,
  { onProgress, signal }: StepContext,
): Promise<Map<string, Buffer>> {
  const content = new Map<string, Buffer>();
  const meter = new ProgressMeter({ label: 'unpacking CIFAR-100', unit: 'bytes', onProgress });
  let last = 0;
  const most = (entry: string): number | undefined => {
    if (basename(entry) === files.train) return count('train') * recordBytes;
    return basename(entry) === files.validation ? count('validation') * recordBytes : undefined;
  };
  const entries = readTar(path, {
    wanted: most,
    bounds: { bytes: 2 * (count('train') + count('validation')) * recordBytes + 2 ** 22, entries: 1000 },
    signal,
    onRead: (done, total) => {
      if (last === 0) meter.startAt(0, total);
      meter.advance(done - last);
      last = done;
    },
  });
  for await (const { path: entry, content: bytes } of entries) content.set(basename(entry), bytes);
  meter.finish();
  return content;
}

/**
 * Whether records are CIFAR-100's, as far as their labels tell: each fine class has the same number of images and lies
 * in one coarse class.
 * @param coarse the coarse class of each fine one, -1 while it is unknown
 */
function checkRecords(path: string, records: Buffer, count: number, coarse: Int16Array): Uint16Array {
  if (records.length !== count * recordBytes) {
    throw damaged(path, `it has ${records.length} bytes, not ${count * recordBytes}`);
  }
  const labels = new Uint16Array(count);
  const perClass = new Uint32Array(cifar100Classes.length);
  for (let image = 0; image < count; image++) {
    const [group, label] = [records[image * recordBytes], records[image * recordBytes + 1]];
    if (label >= cifar100Classes.length || group >= coarseClasses) {
      throw damaged(path, `image ${image} has the labels ${group} and ${label}`);
    }
    if (coarse[label] >= 0 && coarse[label] !== group) {
      throw damaged(path, `class ${label} lies in two groups, ${coarse[label]} and ${group}`);
    }
    coarse[label] = group;
    perClass[label]++;
    labels[image] = label;
  }
  const odd = perClass.findIndex((images) => images !== count / perClass.length);
  if (odd >= 0) throw damaged(path, `class ${odd} has ${perClass[odd]} images, not ${count / perClass.length}`);
  return labels;
}

async function* imagesOf(records: Buffer, labels: Uint16Array): AsyncGenerator<ImageToStore> {
  const pixels = new Uint8Array(3 * plane);
  for (let image = 0; image < labels.length; image++) {
    const start = image * recordBytes + 2;
    for (let at = 0, to = 0; at < plane; at++) {
      pixels[to++] = records[start + at];
      pixels[to++] = records[start + plane + at];
      pixels[to++] = records[start + 2 * plane + at];
    }
    yield { pixels, label: labels[image] };
    // Whoever cancels must get a turn.
    if (image % 1024 === 1023) await new Promise((resolve) => setImmediate(resolve));
  }
}
