import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256Of } from '../../base/files.ts';
import { ensureSpace, type FreeBytes } from '../../base/write-files.ts';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import { cancelled, type StepContext } from '../../base/progress.ts';
import { download } from '../../transfer/download.ts';
import { findWheel } from './package-index.ts';
import type { Release, Wheel } from './release.ts';
import { damaged } from './wheel.ts';

/** A wheel on this machine. */
export interface LocalWheel {
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

/**
 * All wheels of a release on this machine, the one with the libraries first. What was loaded before is not loaded again.
 * @throws DeepviewError `disk-full`, `no-wheel`, `wheel-damaged`, and those of `download`
 */
export async function obtainWheels(options: ObtainOptions, release: Release): Promise<LocalWheel[]> {
  const { paths, source, context, free } = options;
  const downloads = join(paths.engines, 'downloads');
  await mkdir(downloads, { recursive: true });
  const fromNetwork = release.parts.map((part): readonly Wheel[] => [part]);
  if (source === undefined) fromNetwork.unshift(release.wheels);
  let missing = 0;
  for (const [wheel] of fromNetwork) {
    if (wheel !== undefined) missing += wheel.bytes - (await bytesPresent(join(downloads, wheel.filename)));
  }
  await ensureSpace(paths.engines, missing + release.unpackedBytes, free);
  const locals = source === undefined ? [] : [await localWheel(source, release, context)];
  for (const wheels of fromNetwork) locals.push(await fetchWheel(wheels, downloads, options));
  return locals;
}

async function fetchWheel(
  wheels: readonly Wheel[],
  downloads: string,
  { context, env, free }: ObtainOptions,
): Promise<LocalWheel> {
  for (const { filename, sha256, bytes } of wheels) {
    const path = join(downloads, filename);
    const found = await stat(path).catch(() => undefined);
    if (found?.size === bytes && (await checksumOf(path, context.signal)) === sha256) {
      return { path, filename, sha256 };
    }
  }
  const { wheel, source } = await findWheel(wheels, context, env);
  const path = join(downloads, wheel.filename);
  await download({
    source,
    destination: path,
    checksum: { algorithm: 'sha256', hex: wheel.sha256 },
    size: wheel.bytes,
    label: `downloading ${wheel.project} ${wheel.filename.split('-')[1] ?? ''}`,
    context,
    env,
    free,
  });
  return { path, filename: wheel.filename, sha256: wheel.sha256 };
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

async function bytesPresent(path: string): Promise<number> {
  for (const each of [path, `${path}.part`]) {
    const found = await stat(each).catch(() => undefined);
    if (found) return found.size;
  }
  return 0;
}

async function checksumOf(path: string, signal: AbortSignal): Promise<string> {
  try {
    return await sha256Of(path, signal);
  } catch (error) {
    if (signal.aborted) throw cancelled('verifying the wheel');
    throw error;
  }
}
