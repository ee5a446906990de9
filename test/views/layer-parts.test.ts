import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rectangle, Size } from '../../src/imaging/cells/cells.ts';
import { attachBoxes, attachLargest } from '../../src/views/frame/placement.ts';
import { layerLayout } from '../../src/views/layer/layout.ts';
import { levelsAt, rowOfLevel } from '../../src/views/layer/levels.ts';
import { strengthOf } from '../../src/views/layer/strength.ts';
import { minimumSize } from '../../src/views/frame/layout.ts';
import {
  bordersOf,
  bucketCounts,
  bucketOf,
  bucketRange,
  fullestLevel,
  membersOfBucket,
} from '../../src/views/layer/buckets.ts';
import { spreadLabels } from '../../src/views/layer/lines.ts';
import { panesOf } from '../../src/views/keys/toggles.ts';
import { fakeEvolution } from './fake-layer.ts';

const inside = (box: Rectangle, { rows, columns }: Size): boolean =>
  box.row >= 0 && box.column >= 0 && box.row + box.rows <= rows && box.column + box.columns <= columns;

const overlap = (one: Rectangle, other: Rectangle): boolean =>
  one.row < other.row + other.rows &&
  other.row < one.row + one.rows &&
  one.column < other.column + other.columns &&
  other.column < one.column + one.columns;

const pairs = <T>(list: readonly T[]): [T, T][] =>
  list.flatMap((one, at) => list.slice(at + 1).map((other): [T, T] => [one, other]));

describe('labels at the ends of lines', () => {
  it('have a row each, inside, in the order of their lines; only what finds no room is left out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 45, noNaN: true }), { maxLength: 30 }),
        fc.nat(40),
        (wanted, rows) => {
          const found = spreadLabels(wanted, rows);
          const shown = found.flatMap((row, label) => (row === undefined ? [] : [{ row, label }]));
          expect(shown).toHaveLength(Math.min(rows, wanted.length));
          expect(new Set(shown.map(({ row }) => row)).size).toBe(shown.length);
          for (const { row } of shown) expect(row >= 0 && row < rows).toBe(true);
          for (const [one, other] of pairs(shown)) {
            const [a, b] = [wanted[one.label] ?? 0, wanted[other.label] ?? 0];
            if (a < b) expect(one.row).toBeLessThan(other.row);
            if (a > b) expect(one.row).toBeGreaterThan(other.row);
          }
        },
      ),
    );
  });

  it('stand where they want to where nothing hinders them, and give way evenly where something does', () => {
    expect(spreadLabels([9, 2, 5], 12)).toEqual([9, 2, 5]);
    expect(spreadLabels([5, 5, 5], 12)).toEqual([4, 5, 6]);
    expect(spreadLabels([0, 0], 12)).toEqual([0, 1]);
    expect(spreadLabels([11, 11, 11], 12)).toEqual([9, 10, 11]);
  });
});

describe('pictures beside their clusters', () => {
  const scene = fc.record({
    rows: fc.integer({ min: 1, max: 26 }),
    columns: fc.integer({ min: 1, max: 70 }),
    places: fc.array(fc.tuple(fc.nat(25), fc.nat(69)), { maxLength: 12 }),
    height: fc.integer({ min: 1, max: 7 }),
  });

  it('hide neither each other nor a centre, and stay inside', () => {
    fc.assert(
      fc.property(scene, ({ rows, columns, places, height }) => {
        const area = { rows, columns };
        const anchors = places.map(([row, column]) => ({ row: row % rows, column: column % columns }));
        const boxes = attachBoxes(anchors, { rows: height, columns: 2 * height }, area, {
          marks: anchors,
          kept: anchors,
        });
        expect(boxes).toHaveLength(anchors.length);
        const placed = boxes.filter((box) => box !== undefined);
        for (const box of placed) {
          expect(inside(box, area)).toBe(true);
          for (const { row, column } of anchors) expect(overlap(box, { row, column, rows: 1, columns: 1 })).toBe(false);
        }
        for (const [one, other] of pairs(placed)) expect(overlap(one, other)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('are as large as leaves room for all, and are left out one by one only at the smallest', () => {
    const anchors = [
      { row: 5, column: 10 },
      { row: 5, column: 40 },
    ];
    const sizes = [6, 3, 1].map((rows) => ({ rows, columns: 2 * rows }));
    const roomy = attachLargest(anchors, sizes, { rows: 12, columns: 60 }, { marks: [], kept: anchors });
    expect(roomy.size.rows).toBe(6);
    const near = [3, 16].map((column) => ({ row: 5, column }));
    const narrow = attachLargest(near, sizes, { rows: 6, columns: 20 }, { marks: [], kept: near });
    expect(narrow.size.rows).toBeLessThan(6);
    expect(narrow.boxes.every((box) => box !== undefined)).toBe(true);
    const none = attachLargest(anchors, sizes, { rows: 1, columns: 1 }, { marks: [], kept: [] });
    expect(none.boxes).toEqual([undefined, undefined]);
  });

  it('stand at their own anchor where nothing is in the way', () => {
    const [box] = attachBoxes(
      [{ row: 10, column: 30 }],
      { rows: 3, columns: 6 },
      { rows: 20, columns: 60 },
      {
        marks: [],
        kept: [{ row: 10, column: 30 }],
      },
    );
    expect(box && Math.abs(box.row - 10) <= 4 && Math.abs(box.column - 30) <= 8).toBe(true);
  });
});

describe('levels', () => {
  const evolution = fakeEvolution(7, 9, 33);

  it('hold every neuron once at every epoch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.constantFrom('discriminability', 'density'), (levels, metric) => {
        const counts = bucketCounts(evolution, metric, levels);
        for (let epoch = 0; epoch < 9; epoch++) {
          const own = Array.from(counts.subarray(epoch * levels, (epoch + 1) * levels));
          expect(own.reduce((sum, count) => sum + count, 0)).toBe(33);
          const members = own.flatMap((_, level) =>
            membersOfBucket(evolution, metric as 'density', levels, epoch, level),
          );
          expect(members.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 33 }, (__, neuron) => neuron));
          expect(own[fullestLevel(evolution, metric as 'density', levels, epoch)]).toBe(Math.max(...own));
        }
      }),
    );
  });

  it('hold the values between their borders', () => {
    const range = bucketRange(evolution, 'discriminability');
    for (const value of evolution.metrics.discriminability) {
      const level = bucketOf(value, range, 20);
      const [low, high] = bordersOf(level, range, 20);
      expect(value).toBeGreaterThanOrEqual(low - 1e-9);
      expect(value).toBeLessThanOrEqual(high + 1e-9);
    }
  });

  it('count a value on the top border among the highest, and one on a border in between in the level above it', () => {
    const density = Float64Array.of(1, 0.95, 0.5, 0);
    const full = {
      ...evolution,
      epochs: [1],
      neurons: 4,
      metrics: { density },
      declared: { density: [0, 1] as const },
    };
    expect(bucketRange(full, 'density')).toEqual([0, 1]);
    expect(Array.from(density, (value) => bucketOf(value, [0, 1], 20))).toEqual([19, 19, 10, 0]);
    expect([1.001, -0.001].map((value) => bucketOf(value, [0, 1], 20))).toEqual([19, 0]);
    expect(membersOfBucket(full, 'density', 20, 0, 19)).toEqual([0, 1]);
    expect(Array.from(bucketCounts(full, 'density', 20)).reduce((sum, count) => sum + count)).toBe(4);
  });

  it('leave out what is not finite, and survive a layer of constants', () => {
    const constant = { ...evolution, metrics: { discriminability: evolution.metrics.discriminability.map(() => 0) } };
    expect(bucketRange(constant, 'discriminability')).toEqual([0, 1]);
    expect(bucketOf(Number.NaN, [0, 1], 20)).toBe(-1);
    const lost = {
      ...evolution,
      metrics: { discriminability: evolution.metrics.discriminability.map(() => Number.NaN) },
    };
    expect(bucketCounts(lost, 'discriminability', 20).every((count) => count === 0)).toBe(true);
  });

  it('cover the plot from top to bottom without a gap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 80 }), (levels, parts) => {
        const covered = new Set<number>();
        let before = levels;
        for (let part = 0; part < parts; part++) {
          const [first, end] = levelsAt(part, parts, levels);
          expect(first).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(levels);
          expect(end).toBeGreaterThan(first);
          expect(first).toBeLessThanOrEqual(before);
          before = first;
          for (let level = first; level < end; level++) covered.add(level);
        }
        if (parts >= levels) expect(covered.size).toBe(levels);
        expect(covered.has(0) || parts < levels).toBe(true);
      }),
    );
    expect(rowOfLevel(0, 10, 20)).toBe(9);
    expect(rowOfLevel(19, 10, 20)).toBe(0);
  });

  it('are stronger the more neurons they hold', () => {
    expect(strengthOf(0, 0.5, 8)).toBe(0);
    expect(strengthOf(0.0001, 0.5, 8)).toBe(1);
    expect(strengthOf(0.5, 0.5, 8)).toBe(8);
    for (let step = 1; step < 50; step++) {
      expect(strengthOf(step / 100, 0.5, 8)).toBeLessThanOrEqual(strengthOf((step + 1) / 100, 0.5, 8));
    }
  });
});

it('the layer view puts its parts side by side inside the screen', () => {
  const sizes = fc.record({
    columns: fc.integer({ min: minimumSize.columns, max: 260 }),
    rows: fc.integer({ min: minimumSize.rows, max: 90 }),
  });
  fc.assert(
    fc.property(
      sizes,
      fc.constantFrom(...panesOf.layer),
      fc.boolean(),
      fc.nat(900),
      fc.nat(900),
      (size, pane, pictures, epochs, planned) => {
        const {
          header,
          about,
          tabs,
          evolution,
          map,
          neurons,
          status,
          footer,
          epochs: slots,
        } = layerLayout(size, {
          pane,
          pictures,
          epochs,
          planned,
        });
        const parts = [
          header,
          about,
          tabs,
          ...(evolution ? [evolution.title, evolution.numbers, evolution.plot, evolution.ends, evolution.axis] : []),
          ...(map ? [map.title, map.area, map.tree] : []),
          ...(neurons ? [neurons.title, neurons.headings, neurons.rows] : []),
          status,
          footer,
        ].filter((part) => part !== undefined);
        for (const part of parts) expect(inside(part, size)).toBe(true);
        for (const [one, other] of pairs(parts)) expect(overlap(one, other)).toBe(false);
        expect({ evolution, map, neurons }[pane]).toBeDefined();
        expect(slots.slots).toBeGreaterThan(0);
        if (neurons) expect(neurons.pictures * (neurons.pictureColumns + 1)).toBeLessThanOrEqual(size.columns);
      },
    ),
  );
});
