import { limits } from '../../base/limits.ts';
import { check, needed, object, text, triple, whole, type Path } from '../../base/schema/index.ts';
import type { NetworkSpecification } from '../specification.ts';
import { completeLayer } from './complete.ts';
import { closeLayers } from './resolve.ts';
import { layersForm } from './table.ts';

/** What a run keeps of a network that it cannot find by name: all but how it is trained. */
export type StoredNetwork = Pick<NetworkSpecification, 'name' | 'description' | 'inputShape' | 'layers'>;

const storedForm = object({
  name: needed(text(limits.nameLength), 'Its name.'),
  description: needed(text(limits.nameLength), 'One line for a person.'),
  inputShape: needed(triple(whole(1, 4096)), '[height, width, channels].'),
  layers: needed(layersForm, 'In order.'),
});

/**
 * Checks a network that a run kept.
 * @param classes of the run
 * @throws ValidationError
 */
export function parseStoredNetwork(value: unknown, path: Path, classes: number): StoredNetwork {
  const given = check(storedForm, value, path);
  const layers = given.layers.map((layer, place) => completeLayer(layer, [...path, 'layers', place]));
  return { ...given, layers: closeLayers(layers, classes) };
}
