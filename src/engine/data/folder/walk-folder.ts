import { opendir, readlink, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { exitCodes, unreadable } from '../../base/errors.ts';
import { fileError, statOf } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import { printable } from '../../base/printable.ts';
import { cancelled, type ProgressMeter } from '../../base/progress.ts';

/** An image file, not yet looked into. */
export interface ImageFile {
  /** Relative to the scanned folder, with forward slashes. */
  path: string;
  label: number;
  bytes: number;
  modified: number;
}

/** Files of a kind: how many, and one of them. */
export interface FileCount {
  count: number;
  example?: string;
}

/** A folder being walked through. */
export interface Walk {
  root: string;
  /** The folder's own place, links resolved: nothing may lie outside, unless links are followed. */
  real: string;
  followLinks: boolean;
  meter: ProgressMeter;
  signal: AbortSignal;
  others: FileCount;
  count: number;
}

/** What archives made on a Mac have beside their content. */
const isForeign = (name: string): boolean => name.startsWith('.') || name === '__MACOSX';

/** Adds a class's image files, those of its folders behind its own; what else is there is counted. */
export async function collect(
  walk: Walk,
  folder: string,
  label: number,
  files: ImageFile[],
  depth: number,
): Promise<void> {
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
export async function entriesOf(walk: Walk, folder: string): Promise<Entry[]> {
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

const imageName = /\.(jpe?g|jfif|png|webp|gif|tiff?|bmp|dib|p[bgpn]m|avif|heic|heif|jp2|jxl|svg)$/i;

/** Whether a file is an image by its name; which of these can be read is another matter. */
export const hasImageName = (name: string): boolean => imageName.test(name);
