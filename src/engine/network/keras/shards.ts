import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decodeElements } from '../../arrays/element-type.ts';
import { exitCodes, isAbsence } from '../../base/errors.ts';
import { fileError, openToRead } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import type { WeightEntry, WeightGroup } from './manifest.ts';
import { badModel } from './refusal.ts';

/** An array of weights by its name in the manifest, row-major as Keras has it. */
export interface KerasArray {
  name: string;
  shape: readonly number[];
  /** Finite, and read or converted when it is asked for. */
  read: () => Float32Array;
}

/**
 * Looks whether the files of weights beside a model.json hold what the manifest says, to the byte, before memory is taken
 * for them.
 * @returns the sizes of each group's files
 * @throws DeepviewError `bad-keras-model` naming the file that is missing, cut short or too long
 */
export async function requireShards(modelPath: string, groups: readonly WeightGroup[]): Promise<number[][]> {
  const sizes: number[][] = [];
  for (const group of groups) sizes.push(await sizesOf(modelPath, dirname(modelPath), group));
  return sizes;
}

/**
 * Reads the files of weights that lie beside a model.json.
 * @throws DeepviewError as `requireShards` does
 */
export async function readShards(modelPath: string, groups: readonly WeightGroup[]): Promise<KerasArray[]> {
  const sizes = await requireShards(modelPath, groups);
  const arrays: KerasArray[] = [];
  for (const [index, group] of groups.entries()) {
    const bytes = await contentOf(modelPath, dirname(modelPath), group, sizes[index]);
    for (const entry of group.weights.filter(({ ofOptimiser }) => !ofOptimiser)) {
      const { name, shape } = entry;
      arrays.push({ name, shape, read: () => valuesOf(entry, bytes, modelPath) });
    }
  }
  return arrays;
}

const again = 'Copy all files of the model again, or save it again.';

async function sizesOf(modelPath: string, directory: string, { paths, bytes }: WeightGroup): Promise<number[]> {
  const sizes: number[] = [];
  for (const path of paths) {
    const found = await stat(join(directory, path)).catch((thrown: unknown) => {
      if (!isAbsence(thrown)) throw fileError(thrown, 'read', join(directory, path), exitCodes.unreadable);
      throw badModel(
        modelPath,
        `its weights are to be in ${printable(path)}, and there is no such file`,
        again,
        thrown,
      );
    });
    if (!found.isFile()) throw badModel(modelPath, `its weights are to be in ${printable(path)}, which is not a file`);
    sizes.push(found.size);
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total === bytes) return sizes;
  const files =
    paths.length > 1
      ? `${printable(paths[0])} to ${printable(paths.at(-1)!)} hold`
      : `${printable(paths[0] ?? 'no file')} holds`;
  throw badModel(
    modelPath,
    `${files} ${total} bytes of weights, and the manifest needs ${bytes}: ${total < bytes ? 'cut short' : 'too many'}`,
    again,
  );
}

async function contentOf(
  modelPath: string,
  directory: string,
  { paths, bytes }: WeightGroup,
  sizes: readonly number[],
): Promise<Uint8Array> {
  let content: Uint8Array;
  try {
    content = new Uint8Array(bytes);
  } catch (thrown) {
    throw badModel(modelPath, `there is no memory for its ${bytes} bytes of weights`, 'Close other programs.', thrown);
  }
  let begin = 0;
  for (const [index, path] of paths.entries()) {
    const full = join(directory, path);
    try {
      const file = await openToRead(full);
      try {
        const end = begin + sizes[index];
        for (let at = begin; at < end;) {
          const { bytesRead } = await file.read(content, at, Math.min(end - at, 64 * 2 ** 20), at - begin);
          if (bytesRead === 0) throw badModel(modelPath, `${printable(path)} is cut short`, again);
          at += bytesRead;
        }
        begin = end;
      } finally {
        await file.close();
      }
    } catch (thrown) {
      throw fileError(thrown, 'read', full, exitCodes.unreadable);
    }
  }
  return content;
}

function valuesOf(entry: WeightEntry, content: Uint8Array, modelPath: string): Float32Array {
  const { name, stored, begin, bytes, scale, minimum } = entry;
  const called = `the weights "${printable(name)}"`;
  const elements = decodeElements(content.slice(begin, begin + bytes), stored, true);
  let values: Float32Array;
  if (scale !== undefined && minimum !== undefined) {
    values = Float32Array.from(elements as Uint8Array | Uint16Array, (value) => value * scale + minimum);
  } else if (elements instanceof Float32Array) values = elements;
  else throw badModel(modelPath, `${called} are of type ${stored}, not of numbers with fractions`);
  if (!values.every(Number.isFinite)) {
    throw badModel(
      modelPath,
      `${called} have values that are not finite`,
      'A training that went astray leaves such a model; save an earlier state.',
    );
  }
  return values;
}
