import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DeepviewError } from '../../base/errors.ts';

const modules = createRequire(import.meta.url);

/** The C++ sources of the addon between Node and TensorFlow, and what they are compiled with. */
export interface Bindings {
  /** Of the package they come from. */
  version: string;
  sources: readonly string[];
  /** Directories of headers, TensorFlow's own excepted. */
  include: readonly string[];
}

/**
 * The bindings of @tensorflow/tfjs-node, with the headers of Node-API from a package of their own: the addon needs
 * nothing else of Node, so node-gyp, Python, make and the download of Node's headers are not needed either.
 * @throws DeepviewError `no-bindings` where the optional package was not installed
 */
export function tfjsNodeBindings(): Bindings {
  try {
    const root = dirname(modules.resolve('@tensorflow/tfjs-node/package.json'));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const binding = join(root, 'binding');
    return {
      version,
      sources: readdirSync(binding)
        .filter((name) => name.endsWith('.cc'))
        .map((name) => join(binding, name)),
      include: [root, join(dirname(modules.resolve('node-api-headers/package.json')), 'include')],
    };
  } catch (error) {
    throw new DeepviewError('no-bindings', 'The package @tensorflow/tfjs-node is not installed', {
      hint: 'Run npm install again, without --omit=optional.',
      cause: error,
    });
  }
}
