import { nearest } from '../base/nearest.ts';
import { printable } from '../base/printable.ts';
import { ImpossibleLayer } from './impossible-layer.ts';
import { definitionOf } from './layers/index.ts';
import type { NetworkSpecification } from './specification.ts';

/** What the images are called where a layer says where its input comes from. */
export const imagesName = 'input';

/** In the place of a layer's position: the images. */
export const images = -1;

/** A layer's name and where its input comes from: positions in the list of layers, or `images`. */
export interface Wired {
  name: string;
  from: readonly number[];
}

/**
 * Names every layer (what has no name of its own is counted by kind) and finds its inputs.
 * @throws ImpossibleLayer for a name used twice, an unknown or later input, a wrong number of inputs, and a layer that
 * no other uses, but for the last
 */
export function wiringOf(network: Pick<NetworkSpecification, 'name' | 'layers'>): Wired[] {
  const { layers } = network;
  const counts = new Map<string, number>();
  const places = new Map<string, number>([[imagesName, images]]);
  const used = new Set<number>();
  const wired = layers.map((layer, position): Wired => {
    const definition = definitionOf(layer);
    const { prefix } = definition;
    const joins = 'join' in definition;
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    const name = layer.name ?? `${prefix}${count}`;
    const fail = (problem: string, hint: string, field: 'name' | 'from'): never => {
      throw new ImpossibleLayer(network, position, problem, { hint, field });
    };
    if (places.has(name)) {
      fail(`is called "${printable(name)}", as one before it`, 'Give each layer a name of its own.', 'name');
    }
    const from = layer.from?.map((wanted) => {
      const place = places.get(wanted);
      if (place !== undefined) return place;
      const likely = nearest(wanted, [...places.keys()]);
      const hint = `${likely === undefined ? '' : `Did you mean "${likely}"? `}Name ${imagesName} or a layer further up.`;
      return fail(`takes its input from "${printable(wanted)}", which no layer before it is called`, hint, 'from');
    }) ?? [position - 1];
    if (joins !== from.length > 1) {
      const takes = joins ? 'two or more inputs' : 'one input';
      fail(
        `takes ${takes}, not ${from.length}`,
        joins ? 'Name them: "from": ["conv1", "relu2"].' : 'Use add or concatenate to bring several together.',
        'from',
      );
    }
    from.forEach((place) => used.add(place));
    places.set(name, position);
    return { name, from };
  });
  const idle = layers.findIndex((_, position) => position < layers.length - 1 && !used.has(position));
  if (idle >= 0) {
    throw new ImpossibleLayer(network, idle, `is used by no layer after it`, {
      hint: 'Take it out, or name it in the "from" of another layer.',
    });
  }
  return wired;
}
