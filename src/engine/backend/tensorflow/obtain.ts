import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readText, sha256Of } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import { ensureSpace, type FreeBytes } from '../../base/write-files.ts';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import { cancelled, type StepContext } from '../../base/progress.ts';
import { bytesLoaded, download } from '../../transfer/download.ts';
import { findWheel } from './package-index.ts';
import type { Release, Wheel } from './release.ts';
import { unpackEngine } from './unpack-engine.ts';
import { damaged } from './wheel.ts';

/** What an engine needs of one wheel, unpacked. */
export interface Piece {
  directory: string;
  filename: string;
  sha256: string;
  /** Relative path -> bytes of what stays. */
  files: Record<string, number>;
}

interface LocalWheel {
  path: string;
  filename: string;
  sha256: string;
}

export interface ObtainOptions {
  paths: Paths;
  env: NodeJS.ProcessEnv;
  context: StepContext;
  /** A wheel with the libraries, instead of the network. */
  source?: string | undefined;
  free?: FreeBytes;
}

const downloadsOf = ({ engines }: Paths): string => join(engines, 'downloads');
const recordOf = (directory: string): string => `${directory}.json`;

/**
 * The pieces of a release, one after the other, that with TensorFlow's libraries first. Each wheel is deleted as soon as
 * it is unpacked; what an earlier attempt unpacked or loaded is taken up again.
 * @throws DeepviewError `disk-full`, before anything is loaded; `no-wheel`, `wheel-damaged`, and those of `download`
 */
export async function* obtainPieces(options: ObtainOptions, release: Release, arch: string): AsyncGenerator<Piece> {
  const { paths, source, context } = options;
  await mkdir(downloadsOf(paths), { recursive: true });
  const parts = release.parts.map((part): readonly Wheel[] => [part]);
  await requireSpace(options, release, source === undefined ? [release.wheels, ...parts] : parts);
  const of = { arch, maximumBytes: 2 * release.unpackedBytes };
  if (source === undefined) yield await fetchPiece(release.wheels, options, { ...of, part: false });
  else yield await unpackPiece(await localWheel(source, release, context), options, { ...of, part: false });
  for (const part of parts) yield await fetchPiece(part, options, { ...of, part: true });
}

/** Deletes what was unpacked, the files that are in use elsewhere by now excepted. */
export async function clearPieces(pieces: readonly Piece[]): Promise<void> {
  for (const { directory } of pieces) {
    await rm(directory, { recursive: true, force: true });
    await rm(recordOf(directory), { force: true });
  }
}

/** At the worst all but the largest wheel is unpacked while that lies there. */
async function requireSpace(
  { paths, free }: ObtainOptions,
  release: Release,
  all: (readonly Wheel[])[],
): Promise<void> {
  let needed = release.unpackedBytes;
  let largest = 0;
  for (const wheels of all) {
    const piece = await findPiece(wheels, paths);
    if (piece) needed -= Object.values(piece.files).reduce((sum, bytes) => sum + bytes, 0);
    else if (wheels[0]) {
      const { filename, bytes } = wheels[0];
      largest = Math.max(largest, bytes - (await bytesLoaded(join(downloadsOf(paths), filename))));
    }
  }
  await ensureSpace(paths.engines, Math.max(0, needed) + largest, free);
}

/** What an earlier attempt unpacked of one of these wheels, whole. */
async function findPiece(wheels: readonly { sha256: string }[], paths: Paths): Promise<Piece | undefined> {
  for (const { sha256 } of wheels) {
    const directory = join(downloadsOf(paths), sha256);
    try {
      const piece = JSON.parse(await readText(recordOf(directory), limits.textBytes)) as Omit<Piece, 'directory'>;
      const sizes = Object.entries(piece.files).map(async ([path, bytes]) => {
        return (await stat(join(directory, path))).size === bytes;
      });
      if ((await Promise.all(sizes)).every(Boolean)) return { ...piece, directory };
    } catch {
      // Not there, or not whole: it is made again.
    }
  }
  return undefined;
}

type Unpacking = Pick<Parameters<typeof unpackEngine>[2], 'arch' | 'maximumBytes' | 'part'>;

async function unpackPiece(wheel: LocalWheel, { paths, context }: ObtainOptions, how: Unpacking): Promise<Piece> {
  const found = await findPiece([wheel], paths);
  if (found) return found;
  const { path, ...about } = wheel;
  const directory = join(downloadsOf(paths), wheel.sha256);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  try {
    const piece = { ...about, files: Object.fromEntries(await unpackEngine(path, directory, { context, ...how })) };
    await writeFile(recordOf(directory), JSON.stringify(piece));
    return { ...piece, directory };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function fetchPiece(wheels: readonly Wheel[], options: ObtainOptions, how: Unpacking): Promise<Piece> {
  const { paths, context, env, free } = options;
  const unpacked = await findPiece(wheels, paths);
  if (unpacked) return unpacked;
  const path = ({ filename }: Wheel): string => join(downloadsOf(paths), filename);
  let wheel: Wheel | undefined;
  for (const each of wheels) {
    const found = await stat(path(each)).catch(() => undefined);
    if (found?.size === each.bytes && (await checksumOf(path(each), context.signal)) === each.sha256) wheel ??= each;
  }
  if (wheel === undefined) {
    const found = await findWheel(wheels, context, env);
    wheel = found.wheel;
    await download({
      source: found.source,
      destination: path(wheel),
      checksum: { algorithm: 'sha256', hex: wheel.sha256 },
      size: wheel.bytes,
      label: `downloading ${wheel.project} ${wheel.filename.split('-')[1] ?? ''}`,
      context,
      env,
      free,
    });
  }
  const { filename, sha256 } = wheel;
  const piece = await unpackPiece({ path: path(wheel), filename, sha256 }, options, how);
  await rm(path(wheel), { force: true });
  return piece;
}

/** A file that the user named: known by its checksum, or else judged by its structure when it is unpacked. */
async function localWheel(path: string, release: Release, context: StepContext): Promise<LocalWheel> {
  const filename = basename(path);
  const sha256 = await checksumOf(path, context.signal);
  const known = release.wheels.some((wheel) => wheel.sha256 === sha256);
  if (!known && release.wheels.some((wheel) => wheel.filename === filename)) {
    throw damaged(path, 'its checksum is not the one of the published file of that name');
  }
  if (!known) context.onNotice(`${printable(filename)} is not a known release: only its structure is verified`);
  return { path, filename: printable(filename), sha256 };
}

async function checksumOf(path: string, signal: AbortSignal): Promise<string> {
  try {
    return await sha256Of(path, signal);
  } catch (error) {
    if (signal.aborted) throw cancelled('verifying the wheel');
    throw error;
  }
}
