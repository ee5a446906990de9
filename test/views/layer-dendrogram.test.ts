import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dendrogram } from '../../src/views/layer/dendrogram.ts';

const textOf = (lines: ReturnType<typeof dendrogram>['lines']): string[] =>
  lines.map((line) => line.map(({ text }) => text).join(''));
/** Inked dots, [row][column]. */
const dotsOf = (lines: ReturnType<typeof dendrogram>['lines']): boolean[][] => {
  const bits = [
    [0x01, 0x08],
    [0x02, 0x10],
    [0x04, 0x20],
    [0x40, 0x80],
  ];
  return textOf(lines).flatMap((line) =>
    bits.map((pair) =>
      Array.from(line).flatMap((sign) => pair.map((bit) => sign !== ' ' && (sign.charCodeAt(0) & bit) > 0)),
    ),
  );
};

describe('dendrogram', () => {
  it('joins two of three ends low and the third high, the cut between', () => {
    const tree = { mergeHeights: Float64Array.of(2, 1), mergeParts: Int32Array.of(1, -1, -1, -1) };
    const { lines, cutRow } = dendrogram(tree, 2, { columns: 6, rows: 2 });
    expect(cutRow).toBe(0);
    expect(dotsOf(lines).map((row) => row.map((dot) => (dot ? '#' : '.')).join(''))).toMatchInlineSnapshot(`
      [
        "....#######.",
        "....#.....#.",
        "#..##.#..##.",
        "....#.....#.",
        "..#####...#.",
        "..#...#...#.",
        "..#...#...#.",
        "..#...#...#.",
      ]
    `);
    expect(lines[1].filter(({ token }) => token).every(({ token }) => token === 'series2')).toBe(true);
  });

  it('has a stem a cluster just under the cut', () => {
    const shape = fc.array(fc.double({ min: 0.2, max: 0.9, noNaN: true }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(shape, fc.nat(), (steps, wanted) => {
        let height = 1;
        const mergeHeights = Float64Array.from(steps, (step) => (height *= step));
        const merges = steps.length;
        // A chain: every merge joins an end and the next merge.
        const mergeParts = Int32Array.from({ length: 2 * merges }, (_, at) =>
          at % 2 === 0 || at === 2 * merges - 1 ? -1 : (at + 1) / 2,
        );
        const k = 2 + (wanted % merges);
        const rows = 100;
        const dots = dotsOf(dendrogram({ mergeHeights, mergeParts }, k, { columns: 80, rows }).lines);
        const level = ((mergeHeights[k - 2] ?? 0) + (mergeHeights[k - 1] ?? 0)) / 2 / mergeHeights[0];
        const cut = Math.round((1 - level) * (4 * rows - 1));
        const next = Math.round((1 - (mergeHeights[k - 1] ?? 0) / mergeHeights[0]) * (4 * rows - 1));
        fc.pre(next > cut + 2);
        expect(dots[cut + 1].filter(Boolean)).toHaveLength(k);
      }),
      { numRuns: 50 },
    );
  });
});
