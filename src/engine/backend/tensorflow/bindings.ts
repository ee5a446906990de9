import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tfjsNode from '@tensorflow/tfjs-node/package.json' with { type: 'json' };
import { builtFile } from '../../base/program-files.ts';

/** The C++ sources of the addon between Node and TensorFlow, and what they are compiled with. */
export interface Bindings {
  /** Of the package they come from. */
  version: string;
  sources: readonly string[];
  /** Directories of headers, TensorFlow's own excepted. */
  include: readonly string[];
}

/**
 * The bindings of @tensorflow/tfjs-node, which the build lays beside the program with the headers of Node-API: the addon
 * needs nothing else of Node, so node-gyp, Python, make and the download of Node's headers are not needed either.
 */
export function tfjsNodeBindings(): Bindings {
  const binding = fileURLToPath(builtFile('tensorflow/'));
  return {
    version: tfjsNode.version,
    sources: readdirSync(binding)
      .filter((name) => name.endsWith('.cc'))
      .map((name) => join(binding, name)),
    include: [binding],
  };
}
