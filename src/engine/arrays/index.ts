import { withFile } from '../base/files.ts';
import { arrayError } from './array-source.ts';
import { openNpy, openNpz, type ArrayFile } from './npy.ts';
import { openSafetensors } from './safetensors.ts';

export { arrayError, elementsOf, readArray, type ArraySource, type NumericArray } from './array-source.ts';
export { isFloat, type ElementArray, type ElementType } from './element-type.ts';
export { decodeFloat16, encodeFloat16 } from './float16.ts';
export { openNpz, type ArrayFile, type TextSource } from './npy.ts';
export { encodeNpy } from './npy-writer.ts';
export { encodeSafetensors, openSafetensors, type SafetensorsFile, type TensorToWrite } from './safetensors.ts';
export { spatialMeans, type Layout, type SpatialMeans } from './spatial-mean.ts';

/**
 * Opens a file of arrays: .npy, .npz or .safetensors, told apart by their first bytes; a name tells of what is damaged.
 * @throws DeepviewError exit code 4, naming the file and what is wrong with it, or the formats where it is none of them
 */
export async function openArrays(path: string): Promise<ArrayFile> {
  const start = await firstBytes(path);
  if (start.startsWith('PK')) return openNpz(path);
  if (start.startsWith('\x93NUMPY') || start.startsWith('\x80') || path.endsWith('.npy')) return openNpy(path);
  if (path.endsWith('.npz')) return openNpz(path);
  if (start !== '' && !path.endsWith('.safetensors')) {
    throw arrayError(
      path,
      'it is no .npy, .npz or .safetensors file, which are those that are read',
      'Write it with numpy; of a table of numbers: numpy.save("x.npy", numpy.loadtxt("x.csv", delimiter=",")).',
    );
  }
  const file = await openSafetensors(path);
  return { arrays: [...file.tensors.values()].map(file.source), close: file.close };
}

const firstBytes = (path: string): Promise<string> =>
  withFile(path, async (file) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    // A safetensors header's length may begin with any byte; the brace behind it tells.
    return bytesRead === 8 && buffer[7] === 0 && buffer[6] === 0 ? '' : buffer.toString('latin1', 0, bytesRead);
  });
