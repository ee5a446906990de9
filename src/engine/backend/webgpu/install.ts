import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DeepviewError, unreadable } from '../../base/errors.ts';
import { sizeOf } from '../../base/files.ts';
import { withLock } from '../../base/lock.ts';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import { ProgressMeter, type StepContext } from '../../base/progress.ts';
import { ensureSpace, makeDirectory, writeDirectory, type FreeBytes } from '../../base/write-files.ts';
import { bytesLoaded, download, npmChecksum } from '../../transfer/download.ts';
import { readTar } from '../../transfer/read-tar.ts';
import { npmArchive } from '../../transfer/registries.ts';
import { thisMachine, type Machine } from '../tensorflow/release.ts';
import { dawnFor, dawnPackage, type DawnLibrary } from './release.ts';

/** Where the engine is, or would be: a directory that is complete from the moment it has its name. */
export const webgpuDirectory = (paths: Paths, { platform, arch }: Machine): string =>
  join(paths.engines, `webgpu-${dawnPackage.version}-${platform}-${arch}`);

export const dawnIn = (directory: string): string => join(directory, 'dawn.node');

/** Whether it is installed; its content was verified when it was. */
export async function isInstalled(directory: string, { bytes }: DawnLibrary): Promise<boolean> {
  return (await sizeOf(dawnIn(directory))) === bytes;
}

export interface WebgpuInstallOptions {
  paths: Paths;
  env: NodeJS.ProcessEnv;
  context: StepContext;
  /** The package's archive on this machine, instead of the registry. */
  source?: string | undefined;
  machine?: Machine;
  library?: DawnLibrary;
  archive?: typeof dawnPackage;
  free?: FreeBytes;
}

/** An archive unpacks to no more; there are libraries for five systems in it. */
const bounds = { bytes: 400e6, entries: 1000 };

/**
 * Installs Dawn, out of the package's archive, unless it is there. Of several processes one installs, the others wait.
 * @returns the engine's directory
 * @throws DeepviewError `unsupported-machine`, `archive-damaged`, `archive-hostile`, `disk-full`, `no-permission`,
 *   `cancelled`, and those of `download`
 */
export async function installWebgpu(options: WebgpuInstallOptions): Promise<string> {
  const { paths, env, context, source, machine = thisMachine(), archive = dawnPackage, free } = options;
  const library = options.library ?? dawnFor(machine);
  if ('unsupported' in library) {
    throw new DeepviewError('unsupported-machine', `No WebGPU engine: ${library.unsupported}`);
  }
  const directory = webgpuDirectory(paths, machine);
  await makeDirectory(paths.engines);
  return withLock(`${directory}.lock`, { label: 'installing the webgpu engine', context }, async () => {
    if (await isInstalled(directory, library)) return directory;
    const downloads = join(paths.engines, 'downloads');
    const published = npmArchive(archive, env);
    const path = source ?? join(downloads, published.file);
    if (source === undefined) {
      await makeDirectory(downloads);
      await ensureSpace(downloads, library.bytes + archive.bytes - (await bytesLoaded(path)), free);
      await download({
        source: published.source,
        destination: path,
        checksum: npmChecksum(archive.checksum),
        size: archive.bytes,
        label: `downloading ${archive.name} ${archive.version}`,
        context,
        env,
        free,
      });
    }
    const content = await libraryIn(path, library, context);
    await writeDirectory(directory, (draft) => writeFile(dawnIn(draft), content, { flush: true }));
    if (source === undefined) await rm(path, { force: true });
    return directory;
  });
}

/** @throws DeepviewError `archive-damaged` unless the archive has exactly this library */
async function libraryIn(
  path: string,
  { entry, bytes, sha256 }: DawnLibrary,
  { signal, onProgress }: StepContext,
): Promise<Buffer> {
  const meter = new ProgressMeter({ label: 'unpacking WebGPU', unit: 'bytes', onProgress });
  const wanted = (name: string): number | undefined => (name === entry ? bytes : undefined);
  const onRead = (done: number, total: number): void => meter.startAt(done, total);
  for await (const { content } of readTar(path, { wanted, bounds, signal, onRead })) {
    if (createHash('sha256').update(content).digest('hex') !== sha256) break;
    meter.finish();
    return content;
  }
  throw unreadable(
    'archive-damaged',
    `${printable(basename(path))} does not have the library that this program works with`,
    `Name the archive of npm's ${dawnPackage.name} ${dawnPackage.version}.`,
  );
}
