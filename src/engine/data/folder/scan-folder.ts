import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, unreadable } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import { printable, visibleNames } from '../../base/printable.ts';
import { ProgressMeter, type StepContext } from '../../base/progress.ts';
import { nameRemarks } from '../images/class-labels.ts';
import type { ImageOptions } from '../images/image-options.ts';
import type { Remark } from '../store/store-format.ts';
import { collect, entriesOf, hasImageName, type FileCount, type ImageFile, type Walk } from './walk-folder.ts';

export interface ScannedPart {
  classes: string[];
  /** Class by class in the classes' order, in each by name. */
  files: ImageFile[];
}

/** A folder of class folders, or of two or three such folders for the parts. */
export interface ScannedFolder {
  root: string;
  /** As they are shown. */
  classes: string[];
  /** What is to be said of its folders. */
  remarks: Remark[];
  parts: { train: ImageFile[]; validation: ImageFile[] } | { all: ImageFile[] };
  /** Which folder the validation images are in. */
  validationFolder?: string;
  /** The folder of a third part, whose images are not used. */
  unusedFolder?: string;
  /** Files that are no images by their names: how many, and one of them. */
  others: FileCount;
  /** Image files beside the class folders, which are of no class. */
  loose: FileCount;
}

/** Folders of the parts, in any case; of several for validation the first is taken. */
const trainingNames = ['train', 'training'];
const validationNames = ['val', 'validation', 'valid', 'test', 'testing'];

interface Scan extends Walk {
  isInspected: boolean;
  /** Image files beside class folders. */
  loose: FileCount;
}

/**
 * Finds the image files of a folder: class folders, or `train/` (`training/`) beside `val/`, `validation/`, `valid/`,
 * `test/` or `testing/`, in any case, each with class folders. Classes are in the order of their names. Hidden files are
 * passed over, links followed within the folder, or with `followLinks` wherever they lead.
 * @param isInspected keeps classes without images, which are refused otherwise
 * @throws DeepviewError exit code 4: `no-classes`, `one-class`, `empty-class`, `classes-differ`, `link-outside`,
 *   `no-permission`, `too-many-images`; `cancelled`
 */
export async function scanFolder(
  root: string,
  { onProgress, signal }: Pick<StepContext, 'onProgress' | 'signal'>,
  {
    followLinks = false,
    isInspected = false,
  }: Pick<ImageOptions, 'isInspected'> & { followLinks?: boolean | undefined } = {},
): Promise<ScannedFolder> {
  const real = await realpath(root).catch((thrown: unknown) => {
    throw fileError(thrown, 'read', root, exitCodes.unreadable);
  });
  const meter = new ProgressMeter({ label: 'looking for images', unit: 'items', onProgress, signal });
  const none = { others: { count: 0 }, loose: { count: 0 }, count: 0 };
  const walk: Scan = { root, real, followLinks, isInspected, meter, signal, ...none };
  const entries = await entriesOf(walk, '');
  const folders = entries.filter(({ kind }) => kind === 'folder').map(({ name }) => name);
  const called = (names: readonly string[]): string[] =>
    names.flatMap((name) => folders.filter((folder) => folder.toLowerCase() === name));
  const [training] = called(trainingNames);
  const own = called(validationNames);
  if (training !== undefined && own.length > 0) {
    const train = await scanPart(walk, training);
    const validation = await scanPart(walk, own[0]);
    meter.finish();
    if (!isInspected) requireSameClasses(root, [training, train.classes], [own[0], validation.classes]);
    const classes = [...new Set([...train.classes, ...validation.classes])].sort();
    const renumbered = ({ classes: names, files }: ScannedPart): ImageFile[] => {
      const labels = names.map((name) => classes.indexOf(name));
      return files.map((file) => ({ ...file, label: labels[file.label] }));
    };
    return {
      root,
      ...shownClasses(classes),
      parts: { train: renumbered(train), validation: renumbered(validation) },
      validationFolder: own[0],
      ...(own.length > 1 && { unusedFolder: own[1] }),
      others: walk.others,
      loose: walk.loose,
    };
  }
  const { classes, files } = await scanPart(walk, '');
  meter.finish();
  const shown = shownClasses(classes);
  const remarks = [...shown.remarks, ...partsAsClasses(shown.classes, files)];
  return { root, ...shown, remarks, parts: { all: files }, others: walk.others, loose: walk.loose };
}

/** No name is a reason to refuse images: what cannot be seen in it is spelled. */
function shownClasses(names: readonly string[]): Pick<ScannedFolder, 'classes' | 'remarks'> {
  const classes = visibleNames(names);
  return { classes, remarks: nameRemarks(names, classes) };
}

/** Names in a message. */
const mostNamed = 6;

/**
 * Class folders that hold no images but folders, called the same in all of them, are most likely the parts of a data
 * set (`fold0/`, `fold1/`), and the folders in them the classes.
 */
function partsAsClasses(classes: readonly string[], files: readonly ImageFile[]): Remark[] {
  let common: Set<string> | undefined;
  for (const label of classes.keys()) {
    const own = innerFolders(files.filter((file) => file.label === label));
    if (!own) return [];
    common = common ? new Set([...common].filter((name) => own.has(name))) : own;
  }
  const inner = [...(common ?? [])].sort();
  if (inner.length < 2) return [];
  const listed = (names: readonly string[], last: string): string =>
    names.length > mostNamed
      ? `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`
      : `${names.slice(0, -1).join(', ')}${last}${names.at(-1)}`;
  const outer = listed(classes, ' and ');
  const isSplit = inner.every((name) => [...trainingNames, ...validationNames].includes(name.toLowerCase()));
  const guess = isSplit ? 'the split lies within the classes, and is not used' : 'are these parts, not classes?';
  const message = `${outer} ${classes.length === 2 ? 'both' : 'all'} hold ${listed(visibleNames(inner), ', ')}: ${guess}`;
  return [{ code: 'parts-as-classes', message, count: classes.length }];
}

/** The folders of a class, below folders that it holds nothing else in; undefined where it holds images itself. */
function innerFolders(files: readonly ImageFile[]): Set<string> | undefined {
  for (let depth = 1; ; depth++) {
    const names = new Set<string>();
    for (const { path } of files) {
      const parts = path.split('/');
      if (parts.length <= depth + 1) return undefined;
      names.add(parts[depth]);
    }
    if (names.size !== 1) return names;
  }
}

async function scanPart(walk: Scan, part: string): Promise<ScannedPart> {
  const folder = join(walk.root, part);
  const entries = await entriesOf(walk, part);
  const classes = entries.filter(({ kind }) => kind === 'folder').map(({ name }) => name);
  if (classes.length === 0) {
    const loose = entries.some(({ kind, name }) => kind === 'file' && hasImageName(name));
    throw unreadable(
      'no-classes',
      `${printable(folder, 1000)} has no class folders${loose ? ', only images' : ''}`,
      'Put the images of each class into a folder of its own: DIR/cat/1.jpg, DIR/dog/2.jpg.',
    );
  }
  if (classes.length === 1) {
    throw unreadable(
      'one-class',
      `${printable(folder, 1000)} has one class only: ${printable(classes[0])}`,
      await hintForOne(walk, part, classes[0]),
    );
  }
  for (const { kind, name } of entries) {
    if (kind !== 'file' || !hasImageName(name)) continue;
    walk.loose.count++;
    walk.loose.example ??= part === '' ? name : `${part}/${name}`;
  }
  if (classes.length > limits.classes) {
    throw unreadable(
      'too-many-classes',
      `${printable(folder, 1000)} has ${classes.length} class folders; up to ${limits.classes} are read`,
    );
  }
  const files: ImageFile[] = [];
  const empty: string[] = [];
  for (const [label, name] of classes.entries()) {
    const before = files.length;
    await collect(walk, part === '' ? name : `${part}/${name}`, label, files, 0);
    if (files.length === before) empty.push(name);
  }
  if (empty.length > 0 && !walk.isInspected) {
    const named = empty
      .slice(0, 3)
      .map((name) => printable(name))
      .join(', ');
    throw unreadable(
      'empty-class',
      `${printable(folder, 1000)}: ${empty.length === 1 ? `the class folder ${named} holds` : `${empty.length} class folders (${named}${empty.length > 3 ? ', ...' : ''}) hold`} no images`,
      'Remove it, or put images into it; their names must end in .jpg, .png, .webp, .gif, .tiff, .bmp or .ppm.',
    );
  }
  return { classes, files };
}

/** A single folder is more often one too many on the way than a class. */
async function hintForOne(walk: Walk, part: string, name: string): Promise<string> {
  const inside = (await entriesOf(walk, part === '' ? name : `${part}/${name}`)).filter(
    ({ kind }) => kind === 'folder',
  );
  if (inside.length < 2) return 'A network tells classes apart: there must be two folders at least.';
  const place = printable(join(walk.root, part, name), 1000);
  return `If the folders in ${printable(name)} are the classes, name that: ${place}`;
}

type NamedClasses = readonly [folder: string, classes: readonly string[]];

function requireSameClasses(root: string, [training, train]: NamedClasses, [folder, validation]: NamedClasses): void {
  const only = (of: readonly string[], not: readonly string[]): string | undefined =>
    of.find((name) => !not.includes(name));
  const missing = only(train, validation);
  const extra = only(validation, train);
  if (missing === undefined && extra === undefined) return;
  const [name, has, lacks] = missing !== undefined ? [missing, training, folder] : [extra!, folder, training];
  throw unreadable(
    'classes-differ',
    `${printable(root, 1000)}: the class ${printable(name)} is in ${has}/ and not in ${lacks}/`,
    `Both need the same class folders.`,
  );
}
