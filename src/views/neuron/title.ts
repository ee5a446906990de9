import { printable } from '../../engine/base/printable.ts';
import type { RunHeader } from '../../engine/run/format.ts';

type Named = Pick<RunHeader, 'network' | 'dataset'>;

/** The position of the final layer among the network's: the last with as many neurons as there are classes. */
export function finalLayer({ network, dataset }: Named): number | undefined {
  const place = network.layers.findLastIndex(({ units }) => units === dataset.classes.length);
  return place < 0 ? undefined : place;
}

/**
 * The class that a neuron stands for: those of the final layer do, in the order of the classes.
 * @param layer the layer's position, from 0
 */
export function classOfNeuron(header: Named | undefined, layer: number, neuron: number): number | undefined {
  return header && finalLayer(header) === layer && neuron < header.dataset.classes.length ? neuron : undefined;
}

/** `neuron 3`, in the final layer `neuron 3 = cat`. @param layer the layer's position, from 0 */
export function neuronTitle(header: Named | undefined, layer: number, neuron: number): string {
  const label = classOfNeuron(header, layer, neuron);
  const name = label === undefined ? undefined : header?.dataset.classes[label];
  return name === undefined ? `neuron ${neuron}` : `neuron ${neuron} = ${printable(name, 24)}`;
}
