import { readFile, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { DeepviewError } from '../../src/engine/base/errors.ts';
import { Random } from '../../src/engine/base/random.ts';
import { UnreadableImage } from '../../src/engine/data/folder/decode-image.ts';
import { damage, pick } from './mutate.ts';

/**
 * What a case came to: an error that the user can act on; the same as of what is sound; something else that was said;
 * something else that nobody could have noticed.
 */
export type Verdict = 'refused' | 'same' | 'said' | 'other';

export interface Target {
  name: string;
  cases: number;
  /** Makes what the cases need in a directory of their own. @returns one case; what it throws is a defect */
  prepare: (directory: string) => Promise<(random: Random) => Promise<Verdict>>;
}

/** A sound file, and how it is read where it lies. */
export interface Sound {
  path: string;
  read: () => Promise<Reading>;
}

export interface Reading {
  value: unknown;
  /** What is told of damage. */
  said?: readonly string[];
}

/** Damage that must be refused, be said or have no effect: any, where there are checksums; a lost end; none. */
export type Telling = 'any' | 'cut' | 'none';

/** Damages one file a case, and reads it. */
export const damaging = (
  name: string,
  cases: number,
  telling: Telling,
  make: (directory: string) => Promise<readonly Sound[]>,
): Target => ({
  name,
  cases,
  async prepare(directory) {
    const files = await Promise.all(
      (await make(directory)).map(async ({ path, read }) => ({ path, read, bytes: await readFile(path) })),
    );
    const wholes: string[] = [];
    for (const { read } of files) wholes.push(digest((await read()).value));
    return async (random) => {
      const at = random.next() % files.length;
      const { path, read, bytes } = files[at];
      const damaged = damage(bytes, random);
      await writeFile(path, damaged.bytes);
      try {
        return await verdictOf(async () => {
          const { value, said = [] } = await read();
          if (digest(value) === wholes[at]) return 'same';
          if (said.length > 0) return 'said';
          if (telling === 'any' || (telling === 'cut' && damaged.isCut)) {
            throw new Error(`${path}: damage passed without a word`);
          }
          return 'other';
        });
      } finally {
        await writeFile(path, bytes);
      }
    };
  },
});

/** An error of the program's own is an answer; every other is a defect. */
export async function verdictOf(work: () => Promise<Verdict> | Verdict): Promise<Verdict> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof UnreadableImage) return 'refused';
    if (thrown instanceof DeepviewError && thrown.code !== 'internal' && thrown.message !== '') return 'refused';
    throw thrown;
  }
}

/** Anything as a short text that tells it from others. */
function digest(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (ArrayBuffer.isView(each)) {
      const { buffer, byteOffset, byteLength } = each;
      return `${each.constructor.name} ${byteLength} ${crc32(new Uint8Array(buffer, byteOffset, byteLength))}`;
    }
    if (each instanceof Map) return [...(each as Map<unknown, unknown>)];
    return typeof each === 'bigint' || (typeof each === 'number' && !Number.isFinite(each)) ? String(each) : each;
  });
}

/** Milliseconds after which a case hangs. */
const patience = 20_000;

/** A case by its name: `npy:1:77`. */
export interface CaseName {
  base: number;
  number: number;
}

/**
 * Runs cases of a target.
 * @returns how often each verdict came, and the cases that showed a defect, as what to run to see it again
 */
export async function runCases(
  { name, prepare }: Target,
  directory: string,
  cases: Iterable<CaseName>,
): Promise<{ counts: Record<Verdict, number>; defects: string[] }> {
  const once = await prepare(directory);
  const counts: Record<Verdict, number> = { refused: 0, same: 0, said: 0, other: 0 };
  const defects: string[] = [];
  for (const { base, number } of cases) {
    let timer: NodeJS.Timeout | undefined;
    const hanging = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it hangs: nothing came of it in ${patience / 1000} s`)), patience);
    });
    try {
      counts[await Promise.race([once(new Random(base, name, number)), hanging])]++;
    } catch (thrown) {
      const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      defects.push(`DEEPVIEW_FUZZ=${name}:${base}:${number}\n${what.slice(0, 1500)}`);
    } finally {
      clearTimeout(timer);
    }
    if (defects.length === 5) break;
  }
  return { counts, defects };
}

/** Sound files that are copied from elsewhere, read in one way. */
export async function copies(
  directory: string,
  from: readonly string[],
  read: (path: string) => Promise<Reading>,
): Promise<Sound[]> {
  return Promise.all(
    from.map(async (source, at) => {
      const path = `${directory}/${at}-${source.slice(source.lastIndexOf('/') + 1)}`;
      await writeFile(path, await readFile(source));
      return { path, read: () => read(path) };
    }),
  );
}

export { pick };
