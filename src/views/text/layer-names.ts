import { printable } from '../../engine/base/printable.ts';
import type { LayerRecord } from '../../engine/run/format.ts';
import { graphemesOf } from '../../imaging/cells/graphemes.ts';
import { memoize } from '../frame/memoize.ts';
import { cut, textWidth } from './spans.ts';

/** A text cut to a width at its beginning. */
function cutLeft(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text;
  const graphemes = graphemesOf(text);
  let kept = '';
  for (let at = graphemes.length - 1; at >= 0 && textWidth(graphemes[at] + kept) < width; at--)
    kept = graphemes[at] + kept;
  return ellipsis + kept;
}

/** A path whose words, from the left, are shortened as far as it takes: `layer1.0.downsample.0` is `l1.0.down.0`. */
function shortWords(path: string, width: number): string {
  let over = textWidth(path) - width;
  return path.replaceAll(/\p{L}+/gu, (word) => {
    const letters = graphemesOf(word);
    const kept = letters.slice(0, Math.max(1, letters.length - Math.max(0, over))).join('');
    over -= textWidth(word) - textWidth(kept);
    return kept;
  });
}

/**
 * Names cut to a width so that they can be told apart where that is possible. What names of layers share is where they
 * begin (`layer1.0.conv2`), so a path loses its beginning; where that leaves it like another, its words are shortened.
 */
export function shortNames(names: readonly string[], width: number, ellipsis = '…'): string[] {
  const variants = names.map((name): string[] => {
    if (textWidth(name) <= width || width <= 0) return [cut(name, width, ellipsis)];
    const left = cutLeft(name, width, ellipsis);
    const right = cut(name, width, ellipsis);
    const words = cutLeft(shortWords(name, width), width, ellipsis);
    return name.includes('.') ? [left, words, right] : [right, left, words];
  });
  const times = new Map<string, number>();
  for (const variant of variants.flatMap((all) => [...new Set(all)])) times.set(variant, (times.get(variant) ?? 0) + 1);
  return variants.map((all) => all.find((variant) => times.get(variant) === 1) ?? all[0]);
}

/** Columns for a layer's name in a line of other things. */
export const nameColumns = 24;

/** What each layer of a network is called in that many columns. @param what its label, as views show it, or its name */
export const layerNames = memoize(
  (layers: readonly LayerRecord[], what: 'label' | 'name', width: number, ellipsis?: string): readonly string[] =>
    shortNames(
      layers.map((layer) => printable(layer[what])),
      width,
      ellipsis,
    ),
  6,
);
