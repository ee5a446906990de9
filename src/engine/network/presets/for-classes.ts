import type { NetworkSpecification } from '../specification.ts';

/**
 * A preset with as many outputs as there are classes: its last convolution or dense layer is widened or narrowed. The
 * paper's networks tell ten classes apart; people's images have as many as they have.
 */
export function forClasses(preset: NetworkSpecification, classes: number): NetworkSpecification {
  const last = preset.layers.findLastIndex(({ kind }) => kind === 'convolution' || kind === 'dense');
  const layers = preset.layers.map((layer, at) => {
    if (at !== last) return layer;
    if (layer.kind === 'convolution') return { ...layer, channels: classes };
    return layer.kind === 'dense' ? { ...layer, units: classes } : layer;
  });
  return { ...preset, layers };
}
