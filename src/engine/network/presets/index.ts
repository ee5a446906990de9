import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { printable } from '../../base/printable.ts';
import { definitionOf } from '../layers/index.ts';
import type { LayerSpecification, NetworkSpecification } from '../specification.ts';
import { lenetFamily } from './lenet-family.ts';
import { nin, ninBn } from './nin.ts';

export { cifarShape } from './parts.ts';

const family = new Map(lenetFamily.map((network) => [network.name, network]));
const known = (name: string): NetworkSpecification => family.get(name)!;

/** The paper's networks, in its order, then the batch-normalised ones that it names without accuracies. */
export const presets: readonly NetworkSpecification[] = [
  ...['shallow', 'lenet', 'lenet-w', 'lenet-d', 'lenet-w-bn', 'lenet-sig1', 'lenet-sig4', 'lenet-sig4-bn'].map(known),
  nin,
  ...['lenet-bn', 'shallow-bn'].map(known),
  ninBn,
];

/**
 * A network by its name; upper and lower case are the same.
 * @throws DeepviewError `unknown-network` (exit code 2), suggesting the nearest name
 */
export function findPreset(name: string): NetworkSpecification {
  const wanted = name.trim().toLowerCase();
  const found = presets.find((network) => network.name === wanted);
  if (found) return found;
  const likely = nearest(
    wanted,
    presets.map((network) => network.name),
  );
  throw new DeepviewError('unknown-network', `there is no network called "${printable(name, 60)}"`, {
    hint: `${likely ? `Did you mean "${likely}"? ` : ''}\`deepview-tui networks\` lists them.`,
    exitCode: exitCodes.usage,
  });
}

/**
 * A preset with as many outputs as there are classes: its last convolution or dense layer is widened or narrowed. The
 * paper's networks tell ten classes apart; people's images have as many as they have.
 */
export function forClasses(preset: NetworkSpecification, classes: number): NetworkSpecification {
  const last = preset.layers.findLastIndex((layer) => definitionOf(layer).neurons !== undefined);
  const layers = preset.layers.map((layer, at): LayerSpecification => {
    return at === last ? { ...layer, [definitionOf(layer).neurons!]: classes } : layer;
  });
  return { ...preset, layers };
}

/**
 * Top-1 accuracies on CIFAR-10's test images that the paper states (its Fig. 4), 0..1, by preset. It states none for
 * the networks with batch normalisation after every convolution.
 */
export const paperAccuracies: ReadonlyMap<string, number> = new Map([
  ['shallow', 0.7491],
  ['lenet', 0.8024],
  ['lenet-w', 0.778],
  ['lenet-d', 0.7971],
  ['lenet-w-bn', 0.824],
  ['lenet-sig1', 0.7457],
  ['lenet-sig4', 0.8007],
  ['lenet-sig4-bn', 0.8236],
  ['nin', 0.8916],
]);
