import { limits } from '../../base/limits.ts';
import type { NetworkSpecification } from '../specification.ts';
import { check } from './check.ts';
import { completeLayer } from './complete.ts';
import type { Form } from './forms.ts';
import type { Path } from './misfit.ts';
import { closeLayers } from './resolve.ts';
import { layersForm } from './table.ts';

/** What a run keeps of a network that it cannot find by name: all but how it is trained. */
export type StoredNetwork = Pick<NetworkSpecification, 'name' | 'description' | 'inputShape' | 'layers'>;

const text: Form = { form: 'text', maximum: limits.nameLength };
const side: Form = { form: 'whole', minimum: 1, maximum: 4096 };

const storedForm: Form = {
  form: 'object',
  fields: {
    name: { is: text, about: 'Its name.' },
    description: { is: text, about: 'One line for a person.' },
    inputShape: { is: { form: 'list', of: side, minimum: 3, maximum: 3 }, about: '[height, width, channels].' },
    layers: { is: layersForm, about: 'In order.' },
  },
};

/**
 * Checks a network that a run kept.
 * @param classes of the run
 * @throws Misfit
 */
export function parseStoredNetwork(value: unknown, path: Path, classes: number): StoredNetwork {
  const given = check(value, storedForm, path) as StoredNetwork & { layers: unknown[] };
  const layers = given.layers.map((layer, place) => completeLayer(layer, [...path, 'layers', place]));
  return { ...given, layers: closeLayers(layers, classes) };
}
