import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { NumericArray } from '../../arrays/array-source.ts';
import { encodeSafetensors, openSafetensors, type TensorToWrite } from '../../arrays/safetensors.ts';
import { DeepviewError, systemCode } from '../../base/errors.ts';
import { makeDirectoryInside, writeFileAtomically } from '../../base/write-files.ts';
import { runFiles, runFolders } from '../../run/layout.ts';
import { LruCache } from './lru-cache.ts';

/** What was kept: arrays by name, and texts. */
export interface KeptResult {
  arrays: ReadonlyMap<string, NumericArray>;
  texts: ReadonlyMap<string, string>;
}

/** Bytes that a run's cache may take. */
const mostBytes = 128 * 2 ** 20;
/** Results written between two looks at the cache's size. */
const lookEvery = 64;
/** Results that are kept in memory where they cannot be written. */
const mostInMemory = 64;
/** A kept result larger than this is not ours. */
const mostBytesOfResult = 16 * 2 ** 20;

/**
 * Results that took long, kept in the run's `cache/` folder. It only saves time: what is missing, damaged or made from
 * other data is computed again, and a folder that cannot be written is left alone.
 */
export class ResultCache {
  readonly #directory: string;
  readonly #limit: number;
  /** What could not be written: the run may only be read, or a link has the cache's place. */
  readonly #unwritten = new LruCache<KeptResult & { source: string }>(mostInMemory);
  #written = 0;

  /** @param directory of the run */
  constructor(directory: string, limit = mostBytes) {
    this.#directory = directory;
    this.#limit = limit;
  }

  /** What was kept under a name, if it was computed from `source`. */
  async read(epoch: number, name: string, source: string): Promise<KeptResult | undefined> {
    const path = this.#path(epoch, name);
    const unwritten = this.#unwritten.get(path);
    if (unwritten?.source === source) return unwritten;
    try {
      if ((await stat(path)).size > mostBytesOfResult) return undefined;
      const file = await openSafetensors(path);
      try {
        if (file.metadata.get('source') !== source) return undefined;
        const arrays = new Map<string, NumericArray>();
        for (const key of file.tensors.keys()) arrays.set(key, await file.read(key));
        return { arrays, texts: file.metadata };
      } finally {
        await file.close();
      }
    } catch (thrown) {
      if (isExpected(thrown)) return undefined;
      throw thrown;
    }
  }

  async write(
    epoch: number,
    name: string,
    source: string,
    arrays: Readonly<Record<string, TensorToWrite>>,
    texts: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const path = this.#path(epoch, name);
    try {
      await makeDirectoryInside(this.#directory, runFolders.cache, basename(dirname(path)));
      const content = encodeSafetensors(new Map(Object.entries(arrays)), { ...texts, source });
      await writeFileAtomically(path, content, { durable: false });
      if (this.#written++ % lookEvery === 0) await this.#shrink();
    } catch (thrown) {
      if (!isExpected(thrown)) throw thrown;
      const kept = Object.entries(arrays).map(([key, { type, shape, data }]): [string, NumericArray] => [
        key,
        { type, shape: [...shape], data },
      ]);
      this.#unwritten.set(path, { source, arrays: new Map(kept), texts: new Map(Object.entries(texts)) });
    }
  }

  #path(epoch: number, name: string): string {
    return join(runFiles.cacheFolder(this.#directory, epoch), `${name}.safetensors`);
  }

  /** Removes the oldest results until the rest fits. */
  async #shrink(): Promise<void> {
    const root = join(this.#directory, runFolders.cache);
    const files: { path: string; bytes: number; time: number }[] = [];
    for (const folder of await readdir(root, { withFileTypes: true })) {
      // What a link leads to is not of this run.
      if (!folder.isDirectory()) continue;
      for (const name of await readdir(join(root, folder.name))) {
        const path = join(root, folder.name, name);
        const { size, mtimeMs } = await lstat(path);
        files.push({ path, bytes: size, time: mtimeMs });
      }
    }
    let total = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const { path, bytes } of files.sort((a, b) => a.time - b.time)) {
      if (total <= this.#limit) return;
      await rm(path, { force: true });
      total -= bytes;
    }
  }
}

/** What disks, other processes and damage do; anything else is a defect and is not hidden. */
const isExpected = (thrown: unknown): boolean => thrown instanceof DeepviewError || systemCode(thrown) !== undefined;
