import { basename, join, relative } from 'node:path';
import { unreadable, type DeepviewError } from '../../base/errors.ts';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import { ProgressMeter, type StepContext } from '../../base/progress.ts';
import { Random } from '../../base/random.ts';
import { noteOf, tellOf } from '../images/class-labels.ts';
import { classCounts, type Fit, type ImageOptions, type ImageShape } from '../images/image-options.ts';
import { inOrder, workers } from '../images/sharp.ts';
import { allBits, sixteenBits } from '../images/sixteen-bits.ts';
import type { ImageStore } from '../store/open-store.ts';
import type { PassedOver, Remark } from '../store/store-format.ts';
import { provideStore, storeDirectory } from '../store/provide-store.ts';
import { writeStore, type ImageToStore } from '../store/write-store.ts';
import { decodeImage, factsIfReadable, Oddities, UnreadableImage, type ImageFacts } from './decode-image.ts';
import { scanFolder, type ScannedFolder } from './scan-folder.ts';
import type { ImageFile } from './walk-folder.ts';
import { limits } from '../../base/limits.ts';

export interface FolderOptions extends ImageOptions {
  /** Image files that cannot be read are left out instead of ending it. */
  skipCorrupt?: boolean | undefined;
  /** Links are followed wherever they lead, not within the folder alone. */
  followLinks?: boolean | undefined;
}

type FolderContext = StepContext & { paths: Paths };

/** Failures named in a message. */
const shownFailures = 5;
const keptFailures = 1000;

/** Image files that could not be read. */
class Failures {
  count = 0;
  readonly files: { file: string; why: string }[] = [];

  add(file: string, why: string): void {
    this.count++;
    if (this.files.length < keptFailures) this.files.push({ file, why });
  }
}

/**
 * The images of a folder of class folders: decoded once, side by side, and kept for as long as no file of the folder
 * changes (by name, size and time). They are kept in an order of chance, the same for the same files, so that the
 * first images of a set are of all classes.
 * @param root absolute
 * @throws DeepviewError what `scanFolder` and `foreseen` throw, `corrupt-images` (exit code 4) naming them, `disk-full`, `cancelled`
 */
export async function provideFolder(root: string, options: FolderOptions, context: FolderContext): Promise<ImageStore> {
  const folder = await scanFolder(root, context, options);
  tellOfOthers(folder, context);
  // Before anything that they may be the reason of.
  tellOf(folder.remarks, options, context);
  const { imageSize, fit = 'crop', skipCorrupt = false } = options;
  const parts = Object.entries(folder.parts).map(([name, files]) => ({
    name: name as keyof ImageStore['images'],
    files,
  }));
  const files = parts.map(({ name, files: own }) => [
    name,
    own.map(({ path, bytes, modified }) => [path, bytes, modified]),
  ]);
  const directory = storeDirectory(
    context.paths,
    ...['folder', 3, root, imageSize ?? null, fit, skipCorrupt, folder.classes, files],
  );
  const what = printable(basename(root));
  const store = await provideStore(directory, what, context, async (at) => {
    const shape = await findShape(
      root,
      parts.flatMap((part) => part.files),
      options,
      context,
    );
    const counts = parts.map(({ name, files: own }) => {
      const labels = own.map(({ label }) => label);
      return { name, classCounts: classCounts(labels, folder.classes.length) };
    });
    options.foreseen?.({ imageShape: shape, classes: folder.classes, parts: counts });
    const total = parts.reduce((sum, part) => sum + part.files.length, 0);
    const write = async (white = allBits): Promise<void> => {
      const failures = new Failures();
      const met = new Oddities();
      const meter = new ProgressMeter({ label: `reading images of ${what}`, unit: 'items', total, ...context });
      const decoding = { shape, fit, meter, failures, white, met };
      await writeStore(at, {
        name: basename(root),
        source: root,
        classes: folder.classes,
        imageShape: shape,
        parts: parts.map((part) => ({
          name: part.name,
          atMost: part.files.length,
          images: decodeAll(root, part.files, decoding),
        })),
        passedOver: () => {
          meter.finish();
          if (failures.count > 0 && !skipCorrupt) throw corrupt(root, failures, total);
          if (white === allBits && met.white < allBits) throw new NarrowValues(met.white);
          return { count: failures.count, files: failures.files };
        },
        remarks: () => [...folder.remarks, ...remarksOn(met, root)],
      });
    };
    try {
      await write();
    } catch (thrown) {
      if (!(thrown instanceof NarrowValues)) throw thrown;
      await write(thrown.white);
    }
  });
  const { count, files: passed } = store.passedOver;
  if (count > 0) {
    context.onNotice(
      `${count} image file${count === 1 ? '' : 's'} of ${what} could not be read and ${count === 1 ? 'is' : 'are'} left out: ${listed(passed, count)}`,
    );
  }
  tellOf(store.remarks?.slice(folder.remarks.length), options, context);
  if (!options.isInspected) requireFull(store);
  return store;
}

/** Files that could not be read may have been all of a class. */
function requireFull({ classes, images, passedOver }: ImageStore): void {
  for (const part of Object.values(images)) {
    const emptied = classCounts(part.labels, classes.length).indexOf(0);
    if (emptied < 0) continue;
    throw unreadable(
      'empty-class',
      `No image of the class ${printable(classes[emptied])} can be read: ${listed(passedOver.files, passedOver.count)}`,
      'Mend the images, or remove the class.',
    );
  }
}

/** Values of 16 bits of which the upper ones are never used: all images are to be read again by what stands for white. */
class NarrowValues extends Error {
  readonly white: number;

  constructor(white: number) {
    super(`${white} stands for white`);
    this.white = white;
  }
}

/** What decoding met, in words. */
function remarksOn({ deep, white, several, gamma, transparent }: Oddities, root: string): Remark[] {
  const told = ({ count, example }: Oddities['several'], what: string): Remark[] => {
    if (count === 0) return [];
    const name = printable(relative(root, example));
    return [noteOf(`${count === 1 ? name : `${count} images such as ${name}`}: ${what}`, count)];
  };
  return [
    ...(white < allBits ? [sixteenBits(deep.greatest, deep.count)] : []),
    ...told(several, 'of several frames or pages the first is read'),
    ...told(gamma, "a gamma that is not a screen's (linear light, say) is not undone: values are taken as they are"),
    ...told(transparent, 'what can be seen through is laid on white'),
  ];
}

async function findShape(
  root: string,
  files: readonly ImageFile[],
  options: FolderOptions,
  context: FolderContext,
): Promise<ImageShape> {
  const meter = new ProgressMeter({ label: 'looking at images', unit: 'items', total: files.length, ...context });
  const facts: ImageFacts[] = [];
  const look = ({ path }: ImageFile): Promise<ImageFacts | undefined> => factsIfReadable(join(root, path));
  for await (const { result } of inOrder(files, 2 * workers(), look)) {
    meter.advance(1);
    if (result) facts.push(result);
    // With the size given, only colour is in question, and one image answers it.
    if (options.imageSize !== undefined && result?.channels === 3) break;
  }
  meter.finish();
  // None can be read: any shape will do to say which.
  if (facts.length === 0) return [32, 32, 3];
  const { shape, differing } = chooseShape(facts, options);
  if (differing) {
    const size = ({ height, width }: ImageFacts): string => `${width}x${height}`;
    const how = options.fit === 'stretch' ? 'stretched' : 'cropped to the middle';
    context.onNotice(
      `images of ${size(differing.least)} to ${size(differing.greatest)} are made ${shape[1]}x${shape[0]}, ${how} ` +
        '(--image-size and --fit say otherwise)',
    );
  }
  return shape;
}

interface Decoding {
  shape: ImageShape;
  fit: Fit;
  failures: Failures;
  meter: ProgressMeter;
  white: number;
  met: Oddities;
}

async function* decodeAll(
  root: string,
  files: readonly ImageFile[],
  { shape, fit, failures, meter, white, met }: Decoding,
): AsyncGenerator<ImageToStore> {
  const order = new Random(0, 'image order', files.length).shuffle(Uint32Array.from(files, (_, file) => file));
  const decode = (file: number): Promise<Uint8Array | UnreadableImage> =>
    decodeImage(join(root, files[file].path), shape, fit, { white, met }).catch((thrown: unknown) => {
      if (thrown instanceof UnreadableImage) return thrown;
      throw thrown;
    });
  for await (const { item, result } of inOrder(order, workers(), decode)) {
    const { path, label } = files[item];
    meter.advance(1);
    if (result instanceof UnreadableImage) failures.add(path, result.message);
    else yield { pixels: result, label, name: path };
  }
}

function listed(files: Failures['files'] | PassedOver['files'], count: number): string {
  const named = files.slice(0, shownFailures).map(({ file, why }) => `${printable(file)} is ${why}`);
  return `${named.join('; ')}${count > named.length ? `; and ${count - named.length} more` : ''}`;
}

function corrupt(root: string, failures: Failures, total: number): DeepviewError {
  return unreadable(
    'corrupt-images',
    `${failures.count} of ${total} image files in ${printable(root, 1000)} cannot be read: ${listed(failures.files, failures.count)}`,
    failures.files.every(({ why }) => why.endsWith('which is not read'))
      ? 'Convert them, to PNG say, or leave them out with --skip-corrupt.'
      : 'Mend or remove them, or leave them out with --skip-corrupt.',
  );
}

function tellOfOthers(
  { root, others, loose, validationFolder, unusedFolder }: ScannedFolder,
  { onNotice }: FolderContext,
): void {
  if (loose.count > 0) {
    const example = printable(loose.example ?? '');
    const what = loose.count === 1 ? `${example} lies` : `${loose.count} images such as ${example} lie`;
    onNotice(`${what} in no class folder and ${loose.count === 1 ? 'is' : 'are'} passed over`);
  }
  if (others.count > 0) {
    const example = printable(others.example ?? '');
    const what =
      others.count === 1
        ? `${example} is no image and is`
        : `${others.count} files such as ${example} are no images and are`;
    onNotice(`${what} passed over`);
  }
  if (validationFolder !== undefined && validationFolder !== 'validation') {
    const unused = unusedFolder === undefined ? '' : `; those in ${printable(unusedFolder)}/ are not used`;
    onNotice(`the validation images of ${printable(basename(root))} are those in ${validationFolder}/${unused}`);
  }
}

/** Sides that images of different sizes are brought to. */
const sides = [32, 48, 64, 96, 128, 160, 192, limits.imageSide] as const;

interface ChosenShape {
  shape: ImageShape;
  /** Where images must be resized and it was not said to what: the smallest and the greatest of them. */
  differing?: { least: ImageFacts; greatest: ImageFacts };
}

/**
 * The shape that a folder's images get. Without a wanted size: their own where all are alike and no larger than 224,
 * 224x224 where they are larger, and where they differ the greatest usual side (32, 48, 64, ... 224) that the shorter
 * side of half of them reaches. Colours unless all are grey.
 * @param facts of at least one image
 */
export function chooseShape(facts: readonly ImageFacts[], { imageSize }: ImageOptions): ChosenShape {
  const channels = facts.every((each) => each.channels === 1) ? 1 : 3;
  if (imageSize !== undefined) return { shape: [imageSize, imageSize, channels] };
  const [{ height, width }] = facts;
  const isSmall = height <= limits.imageSide && width <= limits.imageSide;
  if (isSmall && facts.every((each) => each.height === height && each.width === width)) {
    return { shape: [height, width, channels] };
  }
  const shorter = facts.map((each) => Math.min(each.height, each.width)).sort((a, b) => a - b);
  const median = shorter[shorter.length >> 1];
  const side = sides.findLast((each) => each <= median) ?? sides[0];
  const bySize = facts.toSorted((a, b) => a.height * a.width - b.height * b.width);
  return { shape: [side, side, channels], differing: { least: bySize[0], greatest: bySize.at(-1)! } };
}
