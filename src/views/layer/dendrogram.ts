import { BrailleCanvas } from '../../imaging/charts/braille.ts';
import type { Token } from '../theme/theme.ts';
import type { Line } from '../text/spans.ts';

/** The upper part of a tree of clusters: what {@link import('../../engine/analysis/questions/messages.ts').LayerMap} tells of it. */
export interface UpperTree {
  /** [merges], descending, finite, >= 0. */
  mergeHeights: Float64Array;
  /** [merges, 2]: the merges that each joins; -1 for a cluster of which no more is told. */
  mergeParts: Int32Array;
}

/** Dots of a cell, across and down. */
const across = 2;
const down = 4;

/** Where the stem of a merge, or of an end, stands, and how high. */
interface Joint {
  x: number;
  y: number;
}

/**
 * A dendrogram in braille: the last merge at the top, each joint as high as the distance it bridges, ends at the foot.
 * @param k clusters: a dotted line is drawn where the tree falls into that many
 * @returns a line a row, and the row of the cut; the joints above the cut are muted, below are the clusters
 */
export function dendrogram(
  tree: UpperTree,
  k: number,
  { columns, rows }: { columns: number; rows: number },
): { lines: Line[]; cutRow: number } {
  const { mergeHeights, mergeParts } = tree;
  const [width, height] = [columns * across, rows * down];
  const highest = mergeHeights[0] || 1;
  // Half way between the last merge that is not made and the first that is.
  const level = ((mergeHeights[k - 2] ?? highest) + (mergeHeights[k - 1] ?? 0)) / 2 / highest;
  const cut = k === 1 ? 0 : Math.round((1 - level) * (height - 1));
  const [upper, lower, dotted] = Array.from({ length: 3 }, () => new BrailleCanvas(columns, rows));
  for (let x = 0; x < width; x += 3) dotted.dot(x, cut);
  let ends = 0;
  // The ends lie side by side in the order in which no branches cross.
  const nextEnd = (): Joint => ({
    x: Math.round(((ends++ + 0.5) * width) / (mergeHeights.length + 1) - 0.5),
    y: height - 1,
  });
  const walk = (merge: number): Joint => {
    const parts = [mergeParts[2 * merge], mergeParts[2 * merge + 1]];
    const [left, right] = parts.map((part) => (part >= 0 ? walk(part) : nextEnd()));
    const y = Math.round((1 - mergeHeights[merge] / highest) * (height - 1));
    const canvas = merge < k - 1 ? upper : lower;
    [left, right].forEach(({ x, y: foot }, side) => {
      const part = parts[side];
      // A stem that crosses the cut changes its meaning there.
      const border = canvas === upper && (part < 0 || part >= k - 1) ? Math.min(foot, Math.max(y, cut)) : foot;
      canvas.line(x, y, x, border);
      if (border < foot) lower.line(x, border, x, foot);
    });
    canvas.line(left.x, y, right.x, y);
    return { x: Math.round((left.x + right.x) / 2), y };
  };
  walk(0);
  return { lines: linesOf(columns, rows, { upper, lower, dotted }), cutRow: Math.floor(cut / down) };
}

/** The canvases over each other: a cell has the look of the first that has dots there. */
function linesOf(columns: number, rows: number, canvases: Record<'upper' | 'lower' | 'dotted', BrailleCanvas>): Line[] {
  const blank = '\u2800';
  const layers: [Token, string[][]][] = (
    [
      ['series2', canvases.lower],
      ['muted', canvases.upper],
      ['cursor', canvases.dotted],
    ] as const
  ).map(([token, canvas]) => [
    token,
    canvas.toGrid().map((cells) => cells.map(({ text }) => (text === ' ' ? blank : text))),
  ]);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column) => {
      const found = layers.filter(([, cells]) => cells[row][column] !== blank);
      const bits = found.reduce((sum, [, cells]) => sum | (cells[row][column].charCodeAt(0) - 0x2800), 0);
      return bits === 0 ? { text: ' ' } : { text: String.fromCharCode(0x2800 + bits), token: found[0][0] };
    }),
  );
}
