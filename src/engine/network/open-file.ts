import { extname, resolve } from 'node:path';
import { readText } from '../base/files.ts';
import { limits } from '../base/limits.ts';
import { ValidationError } from '../base/schema/index.ts';
import { parseStoredNetwork, readNetworkFile, type NetworkFile, type StoredNetwork } from './file/index.ts';
import { notAsThere } from './keras/builder.ts';
import { isKerasModel, openKerasModel } from './keras/index.ts';
import { unsupported } from './keras/refusal.ts';

/** A network that a file describes. */
export interface OpenedNetwork {
  file: NetworkFile;
  /** The file with the weights that it brings along, absolute; a network file has none. */
  weights?: string;
  /** What a person should know before training it. */
  notices: readonly string[];
}

/**
 * Reads a network from a network file or from a Keras model saved for TensorFlow.js (a model.json), told apart by their
 * content.
 * @param source the file, as it was named
 * @param options as `readNetworkFile` takes them
 * @throws DeepviewError what reading either throws
 */
export async function openNetworkFile(
  source: string,
  options: { cwd: string; allowModule: boolean },
): Promise<OpenedNetwork> {
  const path = resolve(options.cwd, source);
  if (!(await isKerasFile(path))) return { file: await readNetworkFile(source, options), notices: [] };
  const { specification, notices } = await openKerasModel(path);
  const { name, description, inputShape, layers, training } = specification;
  requireKeepable(path, { name, description, inputShape, layers });
  return { file: { source, name, description, input: inputShape, layers, training }, weights: path, notices };
}

/** A run keeps its network, and must be able to read it again. */
function requireKeepable(path: string, network: StoredNetwork): void {
  try {
    parseStoredNetwork(network, [], 1);
  } catch (thrown) {
    if (!(thrown instanceof ValidationError)) throw thrown;
    throw unsupported(path, `as a network of this program, ${thrown.message}`, thrown.hint ?? notAsThere);
  }
}

/** What is wrong with one that cannot be read or is no JSON is said when it is opened next. */
async function isKerasFile(path: string): Promise<boolean> {
  if (extname(path).toLowerCase() !== '.json') return false;
  try {
    const text = await readText(path, limits.jsonBytes);
    return text.includes('"modelTopology"') && isKerasModel(JSON.parse(text));
  } catch {
    return false;
  }
}
