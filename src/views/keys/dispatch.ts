import type { Command, Place } from './binding.ts';
import { neuronPanes } from './places.ts';
import { bindingsAt } from './table.ts';

/** Whether text is typed there. */
const takesText = (place: Place): boolean => place === 'palette' || place === 'find';

/** What a key does at a place; nothing for keys without a meaning there. */
export function commandFor(key: string, place: Place): Command | undefined {
  const binding = bindingsAt(place).find(({ keys }) => keys.includes(key));
  if (binding?.command === 'number') return numbered(Number(key), place);
  if (binding) return { id: binding.command };
  if (takesText(place) && Array.from(key).length === 1) return { id: 'type', text: key };
  return undefined;
}

/** What a digit chooses: a cluster in the layer view, a facet in the neuron view, where 0 is none of them. */
function numbered(digit: number, place: Place): Command {
  const isFacet = (neuronPanes as readonly Place[]).includes(place);
  return isFacet ? { id: 'facet', facet: digit === 0 ? undefined : digit - 1 } : { id: 'cluster', cluster: digit - 1 };
}
