import type { LayerRecord } from '../../run/format.ts';

/** Two layers that stand for each other, by their places in their networks, from 0. */
export interface LayerPair {
  a: number;
  b: number;
}

/** Which layers of two networks belong together, and which belong to none. */
export interface LayerMatches {
  /** In the order of the first network. */
  pairs: LayerPair[];
  onlyA: number[];
  onlyB: number[];
}

type Named = Pick<LayerRecord, 'name' | 'kind'>;

/**
 * The layers of two networks that belong together: those of one name and kind; of the others the first of a kind with
 * the first of that kind, the second with the second, and so on.
 */
export function matchLayers(a: readonly Named[], b: readonly Named[]): LayerMatches {
  const partners = new Map<number, number>();
  const free = new Set(b.keys());
  const take = (one: number, other: number): void => {
    partners.set(one, other);
    free.delete(other);
  };
  const byName = new Map(b.map(({ name }, place) => [name, place]));
  a.forEach(({ name, kind }, place) => {
    const other = byName.get(name);
    if (other !== undefined && b[other].kind === kind) take(place, other);
  });
  a.forEach(({ kind }, place) => {
    if (partners.has(place)) return;
    const other = [...free].find((one) => b[one].kind === kind);
    if (other !== undefined) take(place, other);
  });
  return {
    pairs: [...a.keys()].flatMap((one) => {
      const other = partners.get(one);
      return other === undefined ? [] : [{ a: one, b: other }];
    }),
    onlyA: [...a.keys()].filter((place) => !partners.has(place)),
    onlyB: [...free],
  };
}
