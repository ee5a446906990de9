import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { printable } from '../../base/printable.ts';
import type { NetworkSpecification } from '../specification.ts';
import { lenetFamily } from './lenet-family.ts';
import { nin, ninBn } from './nin.ts';

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
