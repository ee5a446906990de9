import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapToCells, placeApart, type Placeable } from '../../src/views/frame/placement.ts';

const items: fc.Arbitrary<Placeable[]> = fc.array(
  fc.record({
    row: fc.double({ min: -10, max: 60 }),
    column: fc.double({ min: -10, max: 120 }),
    rows: fc.integer({ min: 1, max: 8 }),
    columns: fc.integer({ min: 1, max: 16 }),
  }),
  { maxLength: 25 },
);
const areas = fc.record({ rows: fc.integer({ min: 1, max: 40 }), columns: fc.integer({ min: 1, max: 100 }) });
const gaps = fc.record({ rows: fc.nat(2), columns: fc.nat(3) });

describe('pictures placed apart', () => {
  it('lie inside the area, with their sizes, a gap between any two', () => {
    fc.assert(
      fc.property(items, areas, gaps, (wanted, area, gap) => {
        const places = placeApart(wanted, area, gap);
        expect(places).toHaveLength(wanted.length);
        places.forEach((one, index) => {
          if (!one) return;
          expect([one.rows, one.columns]).toEqual([wanted[index]?.rows, wanted[index]?.columns]);
          expect(one.row).toBeGreaterThanOrEqual(0);
          expect(one.column).toBeGreaterThanOrEqual(0);
          expect(one.row + one.rows).toBeLessThanOrEqual(area.rows);
          expect(one.column + one.columns).toBeLessThanOrEqual(area.columns);
          for (const other of places.slice(index + 1)) {
            if (!other) continue;
            const apart =
              other.row >= one.row + one.rows + gap.rows ||
              one.row >= other.row + other.rows + gap.rows ||
              other.column >= one.column + one.columns + gap.columns ||
              one.column >= other.column + other.columns + gap.columns;
            expect(apart).toBe(true);
          }
        });
      }),
    );
  });

  it('are left out only where there is no free place for them, and else take the nearest', () => {
    fc.assert(
      fc.property(items, areas, (wanted, area) => {
        const places = placeApart(wanted, area, { rows: 0, columns: 0 });
        wanted.forEach((item, index) => {
          const before = places.slice(0, index).filter((place) => place !== undefined);
          const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, Math.round(value)));
          const target = {
            row: clamp(item.row - (item.rows - 1) / 2, area.rows - item.rows),
            column: clamp(item.column - (item.columns - 1) / 2, area.columns - item.columns),
          };
          const cost = (row: number, column: number): number =>
            (2 * (row - target.row)) ** 2 + (column - target.column) ** 2;
          let best = Infinity;
          for (let row = 0; row + item.rows <= area.rows; row++) {
            for (let column = 0; column + item.columns <= area.columns; column++) {
              const isFree = before.every(
                (other) =>
                  row >= other.row + other.rows ||
                  other.row >= row + item.rows ||
                  column >= other.column + other.columns ||
                  other.column >= column + item.columns,
              );
              if (isFree) best = Math.min(best, cost(row, column));
            }
          }
          const found = places[index];
          expect(found ? cost(found.row, found.column) : Infinity).toBe(best);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('stay where they belong when nothing is in the way', () => {
    const places = placeApart(
      [
        { row: 5, column: 10, rows: 3, columns: 7 },
        { row: 5, column: 30, rows: 3, columns: 7 },
      ],
      { rows: 20, columns: 60 },
    );
    expect(places).toEqual([
      { row: 4, column: 7, rows: 3, columns: 7 },
      { row: 4, column: 27, rows: 3, columns: 7 },
    ]);
  });

  it('find no room in an area smaller than they are', () => {
    expect(placeApart([{ row: 0, column: 0, rows: 3, columns: 3 }], { rows: 2, columns: 40 })).toEqual([undefined]);
  });
});

describe('a map in cells', () => {
  const corners = Float32Array.of(-1, -1, 1, -1, 1, 1, -1, 1);

  it('fills the area when stretched, y upwards', () => {
    expect(mapToCells(corners, { rows: 11, columns: 41 }, { shape: 'stretched' })).toEqual([
      { row: 10, column: 0 },
      { row: 10, column: 40 },
      { row: 0, column: 40 },
      { row: 0, column: 0 },
    ]);
  });

  it('keeps its proportions otherwise, a row counting as two columns', () => {
    expect(mapToCells(corners, { rows: 11, columns: 41 }).slice(0, 2)).toEqual([
      { row: 10, column: 10 },
      { row: 10, column: 30 },
    ]);
  });

  it('keeps every point inside its margins, whatever the points', () => {
    const anything = fc.array(fc.oneof(fc.double(), fc.constant(NaN), fc.constant(Infinity)), { maxLength: 40 });
    fc.assert(
      fc.property(anything, fc.constantFrom('stretched', 'true'), (positions, shape) => {
        const finite = positions.filter((value) => Math.abs(value) < 1e150 || !Number.isFinite(value));
        const margin = { rows: 2, columns: 5 };
        for (const { row, column } of mapToCells(finite, { rows: 20, columns: 60 }, { margin, shape })) {
          expect(row).toBeGreaterThanOrEqual(2 - 1e-6);
          expect(row).toBeLessThanOrEqual(17 + 1e-6);
          expect(column).toBeGreaterThanOrEqual(5 - 1e-6);
          expect(column).toBeLessThanOrEqual(54 + 1e-6);
        }
      }),
    );
  });

  it('takes a map that is endlessly longer one way than the other', () => {
    const [long, short] = [1e140, 1e-200];
    const area = { rows: 11, columns: 41 };
    expect(mapToCells([0, 0, short, long], area)).toEqual([
      { row: 10, column: 20 },
      { row: 0, column: 20 },
    ]);
    expect(mapToCells([0, 0, long, short], area)).toEqual([
      { row: 5, column: 0 },
      { row: 5, column: 40 },
    ]);
  });

  it('puts a single point, and points all alike, into the middle', () => {
    expect(mapToCells([3, 4], { rows: 11, columns: 41 })).toEqual([{ row: 5, column: 20 }]);
    expect(mapToCells([3, 4, 3, 4], { rows: 11, columns: 41 }, { shape: 'stretched' })).toEqual([
      { row: 5, column: 20 },
      { row: 5, column: 20 },
    ]);
  });
});
