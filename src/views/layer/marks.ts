import type { FlagKind, LayerMap } from '../../engine/analysis/questions/messages.ts';
import type { Rgb } from '../../imaging/cells/cells.ts';
import { categoryStyle } from '../../imaging/colour/palette.ts';
import { ansiColours } from '../../imaging/colour/terminal-colours.ts';
import type { Style, Theme, Token } from '../theme/theme.ts';

/** How each kind of outlier is marked: a letter, and a meaning that has a colour. */
export const outlierMarks: Readonly<Record<FlagKind, { letter: string; token: Token; word: string }>> = {
  dead: { letter: 'd', token: 'error', word: 'dead' },
  saturated: { letter: 's', token: 'warning', word: 'saturated' },
  duplicate: { letter: '=', token: 'progress', word: 'duplicate' },
  outlier: { letter: '!', token: 'outlier', word: 'outlying' },
};

const sixteen = [3, 6, 2, 5, 4, 1, 7] as const;

/** A cluster's colour; nothing without colour, where its mark alone tells it. */
export function clusterColour(cluster: number, { depth, background }: Theme): Rgb | undefined {
  if (depth === 'none') return undefined;
  if (depth === '16') return ansiColours[sixteen[cluster % sixteen.length] ?? 7];
  return categoryStyle(cluster, background === 'light').colour;
}

/** A cluster's mark. */
export function clusterMark(cluster: number, { ascii }: Theme): string {
  const { mark, asciiMark } = categoryStyle(cluster);
  return ascii ? asciiMark : mark;
}

export function clusterStyle(cluster: number, theme: Theme): Style {
  const foreground = clusterColour(cluster, theme);
  return foreground ? { foreground } : {};
}

/** Clusters' sizes, [k]. */
export function clusterSizes({ labels, k }: LayerMap): number[] {
  const sizes = new Array<number>(k).fill(0);
  for (const label of labels) if (label >= 0 && label < k) sizes[label]++;
  return sizes;
}
