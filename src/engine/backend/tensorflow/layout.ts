import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepviewError } from '../../base/errors.ts';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import { tensorflowVersion, type Machine, type Variant } from './release.ts';
import { readText } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';

/**
 * An installed engine: a directory that is complete from the moment it has its name.
 * The addon finds the libraries by its run path `$ORIGIN/../../deps/lib`.
 */
export const layout = {
  manifest: 'engine.json',
  addon: join('lib', 'napi-v8', 'tfjs_binding.node'),
  libraries: join('deps', 'lib'),
  libraryNames: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  parts: join('deps', 'nvidia'),
} as const;

export interface Manifest {
  format: 1;
  version: string;
  variant: Variant;
  /** Of the bindings that were compiled: @tensorflow/tfjs-node. */
  bindings: string;
  /** The wheels it was made of. */
  wheels: { filename: string; sha256: string }[];
  compiler: string;
  /** ISO 8601. */
  date: string;
  /** Relative path -> bytes, of everything that is loaded. */
  files: Record<string, number>;
}

/** One directory for each build that can be told apart, so that checkouts of different ages can share a machine. */
export function engineDirectory(paths: Paths, variant: Variant, { platform, arch }: Machine): string {
  return join(paths.engines, `tensorflow-${tensorflowVersion}-${variant}-${platform}-${arch}`);
}

/** The library of an engine that has TensorFlow's own loader of libraries for a GPU. */
export const frameworkIn = (directory: string): string => join(directory, layout.libraries, layout.libraryNames[1]);

export type Installed = { manifest: Manifest; bytes: number } | { missing: string };

/** The engine in a directory, or why it cannot be used. Cheap: compares sizes, reads no library. */
export async function inspect(directory: string, bindings: string): Promise<Installed> {
  let text: string;
  try {
    text = await readText(join(directory, layout.manifest), limits.jsonBytes);
  } catch {
    return { missing: 'not installed' };
  }
  const manifest = parse(text);
  if (manifest === undefined) return { missing: `its ${layout.manifest} is damaged` };
  if (manifest.bindings !== bindings) return { missing: `built for tfjs-node ${manifest.bindings}, not ${bindings}` };
  let bytes = 0;
  for (const [path, expected] of Object.entries(manifest.files)) {
    const found = await stat(join(directory, path)).catch(() => undefined);
    if (found?.size !== expected) return { missing: `${path} is missing or damaged` };
    bytes += expected;
  }
  return { manifest, bytes };
}

function parse(text: string): Manifest | undefined {
  try {
    const value = JSON.parse(text) as Partial<Manifest>;
    const right =
      value.format === 1 &&
      typeof value.version === 'string' &&
      typeof value.bindings === 'string' &&
      typeof value.files === 'object' &&
      value.files[layout.addon] !== undefined;
    return right ? (value as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** Failures that the next start would meet again, after the same long wait. */
const lasting = new Set(['compilation', 'engine-broken']);

const noteOf = (directory: string): string => `${directory}.failed.json`;

/** Notes a failure that lies with this machine, so that not every start tries again. */
export async function rememberFailure(directory: string, bindings: string, error: unknown): Promise<void> {
  if (!(error instanceof DeepviewError) || !lasting.has(error.code)) return;
  const note = JSON.stringify({ bindings, message: error.message, date: new Date().toISOString() });
  // On a full disk the next start tries again, which does no harm.
  await writeFile(noteOf(directory), note).catch(() => undefined);
}

/** What went wrong the last time, if nothing has changed since. */
export async function recallFailure(directory: string, bindings: string): Promise<string | undefined> {
  try {
    const note = JSON.parse(await readText(noteOf(directory), limits.textBytes)) as {
      bindings?: unknown;
      message?: unknown;
    };
    return note.bindings === bindings && typeof note.message === 'string' ? printable(note.message, 500) : undefined;
  } catch {
    return undefined;
  }
}

export async function forgetFailure(directory: string): Promise<void> {
  await rm(noteOf(directory), { force: true });
}
