import type { ElementType } from '../../arrays/element-type.ts';
import { elementBytes } from '../../arrays/element-type.ts';
import type { Field } from './json-field.ts';
import { limits } from '../../base/limits.ts';

/** One array of weights, and where its bytes are in its group. */
export interface WeightEntry {
  /** As the file calls it, not safe to show: `conv2d_1/kernel`. */
  name: string;
  shape: number[];
  /** What its elements are in the file. */
  stored: ElementType;
  /** Of stored whole numbers: value = stored * scale + minimum. */
  scale?: number;
  minimum?: number;
  /** Whether it is an optimiser's, which is not used here. */
  ofOptimiser: boolean;
  /** Bytes from the group's beginning. */
  begin: number;
  bytes: number;
}

/** Arrays whose bytes follow one another without gaps, cut into files. */
export interface WeightGroup {
  /** Names of files beside model.json: no part of them leads out of its directory. */
  paths: string[];
  weights: WeightEntry[];
  /** Bytes of all its arrays: exactly what its files hold together. */
  bytes: number;
}

/** The format's types of arrays of which the sizes are known; text has no fixed size. */
const types = ['float32', 'float16', 'int32', 'uint8', 'uint16', 'bool'] as const;
const quantised = ['uint8', 'uint16', 'float16'] as const;

/**
 * Checks a weights manifest.
 * @throws DeepviewError `bad-keras-model` naming the field; among others for paths that lead elsewhere and for more
 *   bytes than `limits.arrayBytes`
 */
export function parseManifest(manifest: Field): WeightGroup[] {
  let values = 0;
  return manifest.list(65_536).map((group) => {
    const paths = group.get('paths').list(65_536).map(pathOf);
    let bytes = 0;
    const weights = group
      .get('weights')
      .list(65_536)
      .map((weight): WeightEntry => {
        const shape = weight
          .get('shape')
          .list(8)
          .map((side) => side.whole(0, 2 ** 31));
        const count = shape.reduce((product, side) => product * side, 1);
        values += count;
        // In memory every value takes four bytes, however few it has in the file.
        if (!(values * 4 <= limits.arrayBytes)) {
          weight
            .get('shape')
            .fail(`would bring the weights beyond the ${limits.arrayBytes / 2 ** 30} GiB that are read`);
        }
        const ofOptimiser = weight.get('group').value === 'optimizer';
        const entry = { name: weight.get('name').exactText(), shape, ...storageOf(weight), ofOptimiser, begin: bytes };
        const own = count * elementBytes(entry.stored);
        bytes += own;
        return { ...entry, bytes: own };
      });
    return { paths, weights, bytes };
  });
}

function storageOf(weight: Field): Pick<WeightEntry, 'stored' | 'scale' | 'minimum'> {
  const type = weight.get('dtype').oneOf(types);
  const quantisation = weight.get('quantization');
  if (!quantisation.present) return { stored: type };
  const stored = quantisation.get('dtype').oneOf(quantised);
  if (stored === 'float16') return { stored };
  return { stored, scale: quantisation.get('scale').number(), minimum: quantisation.get('min').number() };
}

function pathOf(field: Field): string {
  const path = field.exactText();
  const parts = path.split('/');
  // Backslashes and colons separate or root paths on other systems; no system has a NUL in them.
  const leadsAway =
    path.length > 1000 ||
    /[\\:]/.test(path) ||
    path.includes('\0') ||
    parts.some((part) => part === '..' || part === '');
  if (leadsAway) {
    field.fail(
      `is "${field.text()}", which is not the name of a file beside it`,
      'Put the files of weights beside model.json, and their plain names into its weightsManifest.',
    );
  }
  return path;
}
