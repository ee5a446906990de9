import { layerTable } from '../../network/layer-table.ts';
import type { NetworkSpecification } from '../../network/specification.ts';
import type { InputShape } from './forms.ts';

/** What goes into each layer of a network, by the layer's name; of several inputs the first. */
export function inputShapes(
  specification: Pick<NetworkSpecification, 'name' | 'inputShape' | 'layers'>,
): (layer: string) => InputShape | undefined {
  const table = layerTable(specification);
  const shapes = new Map(
    table.map(({ name, from }): [string, InputShape] => [name, table[from[0]]?.shape ?? specification.inputShape]),
  );
  return (layer) => shapes.get(layer);
}
