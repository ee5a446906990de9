import { opendir, readlink, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { exitCodes, unreadable } from '../../base/errors.ts';
import { fileError, statOf } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import { printable, visibleNames } from '../../base/printable.ts';
import { cancelled, ProgressMeter, type StepContext } from '../../base/progress.ts';
import { nameRemarks } from '../images/class-labels.ts';
import type { ImageOptions } from '../images/image-options.ts';
import type { Remark } from '../store/store-format.ts';

/** An image file, not yet looked into. */
export interface ImageFile {
  /** Relative to the scanned folder, with forward slashes. */
  path: string;
  label: number;
  bytes: number;
  modified: number;
}

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

interface FileCount {
  count: number;
  example?: string;
}

/** Folders of the parts, in any case; of several for validation the first is taken. */
const trainingNames = ['train', 'training'];
const validationNames = ['val', 'validation', 'valid', 'test', 'testing'];

/** What archives made on a Mac have beside their content. */
const isForeign = (name: string): boolean => name.startsWith('.') || name === '__MACOSX';

interface Walk {
  root: string;
  /** The folder's own place, links resolved: nothing may lie outside, unless links are followed. */
  real: string;
  followLinks: boolean;
  isInspected: boolean;
  meter: ProgressMeter;
  signal: AbortSignal;
  others: FileCount;
  loose: FileCount;
  count: number;
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
  const walk: Walk = { root, real, followLinks, isInspected, meter, signal, ...none };
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
    const renumbered = ({ classes: names, files }: ScannedPart): ImageFile[] =>
      files.map((file) => ({ ...file, label: classes.indexOf(names[file.label]) }));
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

async function scanPart(walk: Walk, part: string): Promise<ScannedPart> {
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

async function collect(walk: Walk, folder: string, label: number, files: ImageFile[], depth: number): Promise<void> {
  if (depth > limits.folderDepth) {
    throw unreadable('too-deep', `${shown(walk, folder)} lies more than ${limits.folderDepth} folders deep`);
  }
  const entries = await entriesOf(walk, folder);
  const wanted = entries.filter(({ kind, name }) => kind === 'file' && hasImageName(name));
  for (const { kind, name } of entries) {
    if (kind === 'file' && !hasImageName(name)) {
      walk.others.count++;
      walk.others.example ??= `${folder}/${name}`;
    }
  }
  // Many at a time: one after another, a hundred thousand questions to the file system take their time.
  for (let from = 0; from < wanted.length; from += atOnce) {
    const infos = await Promise.all(
      wanted.slice(from, from + atOnce).map(async ({ name }) => {
        const path = `${folder}/${name}`;
        const { size, mtimeMs } = await statOf(join(walk.root, path));
        return { path, label, bytes: size, modified: mtimeMs };
      }),
    );
    files.push(...infos);
    walk.count += infos.length;
    walk.meter.advance(infos.length);
    if (walk.count > limits.images) {
      throw unreadable(
        'too-many-images',
        `${printable(walk.root, 1000)} has more than the ${limits.images} images that are read`,
      );
    }
  }
  for (const { kind, name } of entries) {
    if (kind === 'folder') await collect(walk, `${folder}/${name}`, label, files, depth + 1);
  }
}

const atOnce = 256;

interface Entry {
  name: string;
  kind: 'file' | 'folder';
}

/** A folder's files and folders by name, in code units' order as Python sorts them; hidden ones left out. */
async function entriesOf(walk: Walk, folder: string): Promise<Entry[]> {
  const path = join(walk.root, folder);
  const entries: Entry[] = [];
  try {
    for await (const entry of await opendir(path, { bufferSize: 256 })) {
      if (walk.signal.aborted) throw cancelled('looking for images');
      if (isForeign(entry.name)) continue;
      if (entry.isFile()) entries.push({ name: entry.name, kind: 'file' });
      else if (entry.isDirectory()) entries.push({ name: entry.name, kind: 'folder' });
      else if (entry.isSymbolicLink()) entries.push(...(await followed(walk, folder, entry.name)));
      // Pipes, sockets and devices hold no images, and reading one may never end.
    }
  } catch (thrown) {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a link leads to; nothing where that is neither a file nor a folder. */
async function followed(walk: Walk, folder: string, name: string): Promise<Entry[]> {
  const path = join(walk.root, folder, name);
  const target = await realpath(path).catch(async () => {
    throw unreadable(
      'link-broken',
      `${printable(path, 1000)} is a link to ${printable(await readlink(path), 300)}, which is not there`,
      'Remove the link.',
    );
  });
  const inside = relative(walk.real, target);
  const isOutside = inside === '..' || inside.startsWith(`..${sep}`) || inside.startsWith(sep);
  if (isOutside && !walk.followLinks) {
    throw unreadable(
      'link-outside',
      `${printable(path, 1000)} is a link that leaves the folder, to ${printable(target, 300)}`,
      'Follow such links with --follow-links, or copy what it leads to into the folder.',
    );
  }
  const info = await statOf(target);
  const isFolder = info.isDirectory();
  const here = await realpath(join(walk.root, folder));
  if (isFolder && (here === target || here.startsWith(target + sep))) {
    throw unreadable('link-loop', `${printable(path, 1000)} is a link to a folder that it lies in`, 'Remove the link.');
  }
  return isFolder || info.isFile() ? [{ name, kind: isFolder ? 'folder' : 'file' }] : [];
}

const shown = (walk: Walk, path: string): string => printable(join(walk.root, path), 1000);

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

const imageName = /\.(jpe?g|jfif|png|webp|gif|tiff?|bmp|dib|p[bgpn]m|avif|heic|heif|jp2|jxl|svg)$/i;

/** Whether a file is an image by its name; which of these can be read is another matter. */
const hasImageName = (name: string): boolean => imageName.test(name);
