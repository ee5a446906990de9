import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import type { Paths } from '../../base/paths.ts';
import type { StepContext } from '../../base/progress.ts';
import { ifFileError } from '../../base/files.ts';
import { type FreeBytes } from '../../base/write-files.ts';
import { withLock } from '../../base/lock.ts';
import { askGpu } from './ask-gpu.ts';
import { tfjsNodeBindings, type Bindings } from './bindings.ts';
import { buildAddon, probeAddon } from './build-addon.ts';
import { findCompiler, type Compiler } from './compiler.ts';
import {
  engineDirectory,
  forgetFailure,
  frameworkIn,
  inspect,
  layout,
  type Manifest,
  rememberFailure,
} from './layout.ts';
import { type Machine, type Release, releaseFor, thisMachine, type Variant } from './release.ts';
import { clearPieces, obtainPieces, type Piece } from './obtain.ts';

export interface InstallOptions {
  paths: Paths;
  env: NodeJS.ProcessEnv;
  context: StepContext;
  variant: Variant;
  /** A wheel on this machine, instead of the network. */
  source?: string | undefined;
  machine?: Machine;
  release?: Release;
  bindings?: Bindings;
  free?: FreeBytes;
}

/**
 * Installs the native engine into its directory unless it is there. Everything is put together beside that directory
 * and gets its name last, so an interrupted installation leaves nothing half done, and what was downloaded, or unpacked
 * of it, is kept for the next attempt. Of several processes one installs, the others wait for it.
 * @returns the engine's directory
 * @throws DeepviewError `unsupported-machine`, `no-compiler`, `disk-full`, `no-permission`, `no-wheel`,
 *   `wheel-damaged`, `wrong-version`, `compilation`, `engine-broken`, `cancelled`, and those of `download`
 */
export async function installTensorflow(options: InstallOptions): Promise<string> {
  const { paths, context, variant } = options;
  const machine = options.machine ?? thisMachine();
  const release = options.release ?? supportedRelease(variant, machine);
  const bindings = options.bindings ?? tfjsNodeBindings();
  const directory = engineDirectory(paths, variant, machine);
  return withLock(`${directory}.lock`, { label: 'installing the tensorflow engine', context }, async () => {
    if ('manifest' in (await inspect(directory, bindings.version))) {
      if (variant === 'cuda') await completeForGpu(directory, options);
      return directory;
    }
    await clearLeftovers(directory);
    // First: without a compiler the download would be for nothing.
    const compiler = await findCompiler(options.env, context.signal);
    const pieces: Piece[] = [];
    try {
      for await (const piece of obtainPieces(options, release, machine.arch)) {
        pieces.push(piece);
        // Before more is loaded: what does not work here shows with the first wheel.
        if (pieces.length === 1) await buildEngine(piece, { options, release, bindings, compiler });
      }
      const [{ directory: building }] = pieces as [Piece, ...Piece[]];
      if (variant === 'cuda') {
        await linkParts(pieces);
        await completeForGpu(building, options);
      }
      const addon = (await stat(join(building, layout.addon))).size;
      const manifest: Manifest = {
        format: 1,
        version: release.version,
        variant,
        bindings: bindings.version,
        wheels: pieces.map(({ filename, sha256 }) => ({ filename, sha256 })),
        compiler: compiler.version,
        date: new Date().toISOString(),
        files: Object.assign({}, ...pieces.map(({ files }) => files), { [layout.addon]: addon }) as Manifest['files'],
      };
      await writeFile(join(building, layout.manifest), `${JSON.stringify(manifest, undefined, 2)}\n`);
      await replace(directory, building);
      // Not earlier: a later attempt compiles the piece again.
      await rm(join(directory, 'include'), { recursive: true, force: true });
      await clearPieces(pieces);
      await forgetFailure(directory);
      return directory;
    } catch (error) {
      const told = ifFileError(error, 'install the engine in', paths.engines);
      await rememberFailure(directory, bindings.version, told);
      // A file of the user's is there to be unpacked again; what was loaded is kept.
      if (options.source !== undefined) await clearPieces(pieces.slice(0, 1));
      throw told;
    }
  });
}

/**
 * Compiles the addon among the libraries it belongs to, and loads it.
 * @throws DeepviewError `compilation`, `engine-broken`, `wrong-version`
 */
async function buildEngine(
  { directory }: Piece,
  {
    options: { context, env },
    release,
    bindings,
    compiler,
  }: { options: InstallOptions; release: Release; bindings: Bindings; compiler: Compiler },
): Promise<void> {
  await buildAddon({
    directory,
    libraries: layout.libraryNames.map((name) => join(directory, layout.libraries, name)),
    include: join(directory, 'include'),
    bindings,
    compiler,
    context,
    env,
  });
  const version = await probeAddon(directory, context, env);
  if (version !== release.version) throw wrongVersion(version, release);
}

/** Puts the libraries for a GPU beside the first piece's; theirs stay whole for another attempt. */
async function linkParts([engine, ...parts]: readonly Piece[]): Promise<void> {
  await rm(join(engine.directory, layout.parts), { recursive: true, force: true });
  for (const { directory, files } of parts) {
    for (const path of Object.keys(files)) {
      const target = join(engine.directory, path);
      await mkdir(dirname(target), { recursive: true });
      await link(join(directory, path), target);
    }
  }
}

/**
 * Puts the one library that is not on the run path of TensorFlow's loader where the loader looks (the path of its wheel
 * is in another of TensorFlow's libraries alone), and asks the loader for all.
 * @throws DeepviewError `engine-broken`
 */
async function completeForGpu(directory: string, { paths, env, context }: InstallOptions): Promise<void> {
  const place = join(directory, layout.parts, 'cusparse', 'lib');
  const link = join(place, 'libcusolver.so.11');
  await mkdir(place, { recursive: true });
  await rm(link, { force: true });
  await symlink('../../cusolver/lib/libcusolver.so.11', link);
  const { missing } = await askGpu({ paths, env, framework: frameworkIn(directory), signal: context.signal });
  if (missing.length === 0) return;
  throw new DeepviewError('engine-broken', `TensorFlow's loader does not find ${missing.join(', ')}`, {
    hint: `Delete ${engineDirectory(paths, 'cuda', thisMachine())} and try again; --no-cuda installs the engine without a GPU.`,
  });
}

function supportedRelease(variant: Variant, machine: Machine): Release {
  const release = releaseFor(variant, machine);
  if ('unsupported' in release)
    throw new DeepviewError('unsupported-machine', `No native engine: ${release.unsupported}`);
  return release;
}

/** Directories that an installation left when it was killed; no other process can be at work under the lock. */
async function clearLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(dirname(directory))) {
    if (name.startsWith(`${basename(directory)}.`) && name.endsWith('.partial')) {
      await rm(join(dirname(directory), name), { recursive: true, force: true });
    }
  }
}

/** Puts the finished directory in the place of what was there, if anything. */
async function replace(directory: string, building: string): Promise<void> {
  const aside = `${directory}.${randomUUID()}.partial`;
  const existed = await stat(directory).then(
    () => true,
    () => false,
  );
  if (existed) await rename(directory, aside);
  await rename(building, directory);
  await rm(aside, { recursive: true, force: true });
}

function wrongVersion(found: string, release: Release): DeepviewError {
  return new DeepviewError('wrong-version', `That is TensorFlow ${found}; this program works with ${release.version}`, {
    hint: `Name a wheel of TensorFlow ${release.version}, such as ${release.wheels[0]?.filename ?? 'tensorflow'}.`,
    exitCode: exitCodes.usage,
  });
}
