import { unreadable, type DeepviewError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import type { ImageToStore } from '../store/write-store.ts';
import { recordImages } from './cifar10.ts';
import { fileMirror } from './mirrors.ts';
import type { PublishedDataset, PublishedParts } from './published.ts';
import { readFiles } from './read-files.ts';

/** CIFAR-100's fine classes, in the order of their labels. */
export const cifar100Classes: readonly string[] = `
  apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle
  bowl boy bridge bus butterfly camel can castle caterpillar cattle
  chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur
  dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
  lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain
  mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree
  plain plate poppy porcupine possum rabbit raccoon ray road rocket
  rose sea seal shark shrew skunk skyscraper snail snake spider
  squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor
  train trout tulip turtle wardrobe whale willow_tree wolf woman worm
`
  .trim()
  .split(/\s+/);

/** A coarse label, a fine label, then red, green and blue as planes. */
const labelBytes = 2;
const recordBytes = labelBytes + 3 * 32 * 32;
const coarseClasses = 20;

export interface Cifar100Layout {
  /** Images of each fine class. */
  trainOfClass: number;
  validationOfClass: number;
}

const files = { train: 'train.bin', validation: 'test.bin' } as const;
type PartName = keyof typeof files;

/** CIFAR-100 (Krizhevsky 2009), the binary version, by its hundred fine classes. */
export function cifar100Of(layout: Cifar100Layout): PublishedDataset {
  const counts = {
    train: cifar100Classes.length * layout.trainOfClass,
    validation: cifar100Classes.length * layout.validationOfClass,
  };
  return {
    name: 'cifar100',
    title: 'CIFAR-100',
    description: 'CIFAR-100: small photographs of a hundred kinds of things',
    classes: cifar100Classes,
    imageShape: [32, 32, 3],
    trainImages: counts.train,
    validationImages: counts.validation,
    remedy: 'a copy of cifar-100-binary.tar.gz',
    mirrors: () => [
      fileMirror(
        'the official archive',
        'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
        168_513_733,
        '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
      ),
    ],
    read: ([path], context) => read(path, counts, context),
  };
}

export const cifar100 = cifar100Of({ trainOfClass: 500, validationOfClass: 100 });

const damaged = (path: string, why: string): DeepviewError =>
  unreadable(
    'data-damaged',
    `${printable(path, 1000)} is not CIFAR-100: ${why}`,
    'Name a copy of cifar-100-binary.tar.gz or the folder that it unpacks to; the Python and Matlab versions are not read.',
  );

async function read(path: string, counts: Record<PartName, number>, context: StepContext): Promise<PublishedParts> {
  const bytes = { train: counts.train * recordBytes, validation: counts.validation * recordBytes };
  const content = await readFiles(
    path,
    {
      title: 'CIFAR-100',
      forms: [{ [files.train]: bytes.train, [files.validation]: bytes.validation }],
      folders: ['cifar-100-binary'],
      bytes: 2 * (bytes.train + bytes.validation) + 2 ** 22,
      nothing: (folder) => damaged(folder, `there is no ${files.train}`),
    },
    context,
  );
  const coarse = new Int16Array(cifar100Classes.length).fill(-1);
  const parts = (['train', 'validation'] as const).map((name) => {
    const records = content.get(files[name]);
    if (!records) throw damaged(path, `there is no ${files[name]}`);
    const labels = checkRecords(`${path}: ${files[name]}`, records, counts[name], coarse);
    return { name, labels, images: () => imagesOf(records, labels) };
  });
  return { classes: cifar100Classes, shape: [32, 32, 3], parts };
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

function* imagesOf(records: Buffer, labels: Uint16Array): Generator<ImageToStore> {
  let image = 0;
  for (const pixels of recordImages(records, labelBytes)) yield { pixels, label: labels[image++] };
}
