import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridToText } from '../../src/imaging/cells/grid.ts';
import { widthOf } from '../../src/imaging/cells/graphemes.ts';
import { frameCells } from '../../src/views/frame/frame.ts';
import { fitsMinimum } from '../../src/views/frame/layout.ts';
import { epochColumns, slotStart, slotWidth } from '../../src/views/frame/records.ts';
import { headerBlock } from '../../src/views/network/header.ts';
import { networkLayout } from '../../src/views/network/layout.ts';
import { renderScreen } from '../../src/views/screen/render-screen.tsx';
import { initialState } from '../../src/views/model/state.ts';
import { lineWidth } from '../../src/views/text/spans.ts';
import { textOf, view } from './frame-files.ts';
import type { CommandId } from '../../src/views/keys/table.ts';
import { expectApart, within } from './areas.ts';
import { after, fakeBatch, fakeEvents, press } from './fake-run.ts';

const sizes = fc.record({ columns: fc.integer({ min: 20, max: 200 }), rows: fc.integer({ min: 5, max: 60 }) });
const usable = sizes.filter(fitsMinimum);

describe('the network view', () => {
  it('puts its parts side by side inside the screen, whatever its size and the run', () => {
    fc.assert(
      fc.property(usable, fc.nat(60), fc.nat(1200), fc.nat(1200), (size, layers, epochs, planned) => {
        const { header, marks, labels, cells, values, charts, axis, status, footer, ...rest } = networkLayout(
          size,
          layers,
          epochs,
          planned,
        );
        const chartAreas = charts.flatMap(({ label, plot, values: numbers }) => [label, plot, numbers]);
        const areas = [header, marks, labels, cells, values, ...chartAreas, axis, status, footer];
        expectApart(
          areas.filter((area) => area !== undefined),
          size,
        );
        expect(rest.visible.rows).toBeGreaterThan(0);
        expect(rest.visible.epochs).toBeGreaterThan(0);
        expect(rest.visible.rows * rest.layerRows).toBeLessThanOrEqual(cells.rows);
        expect(charts.every(({ plot }) => plot.rows >= 3)).toBe(true);
      }),
    );
  });

  it('draws two charts and all twelve layers of lenet in 80x24, and 45 epochs side by side', () => {
    const layout = networkLayout({ columns: 80, rows: 24 }, 12, 45, 45);
    expect(layout.visible).toEqual({ rows: 12, epochs: 45 });
    expect(layout.charts).toHaveLength(2);
    expect(layout.values).toBeDefined();
  });

  it('names the GPU that computes', () => {
    const machine = { cpu: 'Processor', cores: 8, threads: 8, gpu: 'NVIDIA H100' };
    const actions = fakeEvents({ epochs: 1 }).map((event) =>
      event.type === 'run' ? { ...event, header: { ...event.header, machine } } : event,
    );
    const state = after([{ source: 'run', events: actions }]);
    const [title] = headerBlock(state, { column: 0, row: 0, columns: 120, rows: 2 }).lines;
    expect(title.map(({ text }) => text).join('')).toContain('tensorflow NVIDIA H100');
  });
});

describe('epochs side by side', () => {
  it('fill the width with slots that differ by one cell at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(1200), fc.nat(1200), (width, epochs, planned) => {
        const columns = epochColumns(width, epochs, planned);
        const widths = Array.from({ length: columns.slots }, (_, index) => slotWidth(columns, index));
        expect(widths.reduce((sum, cells) => sum + cells, 0)).toBe(width);
        expect(Math.min(...widths)).toBeGreaterThanOrEqual(1);
        expect(Math.max(...widths) - Math.min(...widths)).toBeLessThanOrEqual(1);
        expect(columns.slots >= Math.min(width, epochs)).toBe(true);
        expect(slotStart(columns, columns.slots)).toBe(width);
      }),
    );
  });

  it('rarely move while epochs come', () => {
    const slots = Array.from({ length: 45 }, (_, index) => epochColumns(45, index + 1, 45).slots);
    expect(new Set(slots).size).toBeLessThanOrEqual(6);
    expect(slots.at(-1)).toBe(45);
  });
});

describe('every frame', () => {
  const keys = fc.constantFrom<CommandId[]>(
    [],
    ['help'],
    ['leave'],
    ['palette'],
    ['find'],
    ['open'],
    ['freeze'],
    ['next-metric', 'scale', 'left', 'down'],
  );

  it('keeps its text in its blocks, its blocks in the screen, and overlays off the text', () => {
    fc.assert(
      fc.property(sizes, fc.nat(45), fc.nat(60), keys, fc.boolean(), (size, layers, epochs, pressed, ascii) => {
        const state = after(
          [
            { source: 'resize', size },
            { source: 'run', events: [...fakeEvents({ layers, epochs, planned: 60 }), fakeBatch(epochs + 1)] },
            ...press(...pressed),
          ],
          { ...initialState, control: 'own', theme: { ...initialState.theme, ascii } },
        );
        const frame = view(state);
        expectApart(
          [...frame.blocks, ...frame.overlays].filter(({ rows, columns }) => rows > 0 && columns > 0),
          size,
        );
        for (const block of frame.blocks) {
          expect(within(block, size)).toBe(true);
          expect(block.lines.length).toBeLessThanOrEqual(block.rows);
          for (const line of block.lines) expect(lineWidth(line)).toBeLessThanOrEqual(block.columns);
        }
        for (const { rows, columns, cells } of frame.overlays) {
          expect(cells).toHaveLength(rows);
          expect(cells.every((row) => row.length === columns)).toBe(true);
        }
        expect(frame.targets.every((target) => within(target, size))).toBe(true);
        const { cells: grid, cover } = renderScreen(state);
        expect(cover !== undefined).toBe(state.dialog !== undefined && fitsMinimum(size));
        if (cover) {
          expect(within(cover, size)).toBe(true);
          const right = cover.column + cover.columns - 1;
          const bottom = cover.row + cover.rows - 1;
          const corners = [grid[cover.row]?.[cover.column], grid[cover.row]?.[right], grid[bottom]?.[cover.column]];
          const signs = [...corners, grid[bottom]?.[right]].map((cell) => cell?.text).join('');
          expect(signs).toBe(ascii ? '++++' : '╭╮╰╯');
        }
        expect(grid).toHaveLength(size.rows);
        expect(grid.every((row) => row.length === size.columns)).toBe(true);
        if (ascii) expect(gridToText(grid)).toMatch(/^[\n -~]*$/);
      }),
      { numRuns: 100 },
    );
  });
});

it('says in 20x5 what size there is and what is needed', () => {
  const state = after([{ source: 'resize', size: { columns: 20, rows: 5 } }]);
  expect(textOf(state).trim()).toBe('20x5<40x12');
  const wider = after([{ source: 'resize', size: { columns: 34, rows: 5 } }]);
  expect(textOf(wider).trim()).toBe('too small: 34x5, needs 40x12');
});

it('survives names of any script and length', () => {
  const events = fakeEvents();
  const run = events[0];
  if (run?.type !== 'run') throw new Error('a run begins with its header');
  const header = structuredClone(run.header);
  header.network.name = '网络'.repeat(100);
  header.dataset.name = '\u001b[31mred\u0007';
  header.network.layers.forEach((layer, index) => (layer.label = index % 2 ? '畳み込み層'.repeat(9) : 'x'.repeat(300)));
  const state = after([{ source: 'run', events: [{ ...run, header }, ...events.slice(1)] }]);
  const grid = frameCells(view(state), state.theme);
  for (const row of grid) {
    expect(row).toHaveLength(80);
    row.forEach((cell, column) => {
      // eslint-disable-next-line no-control-regex
      expect(cell.text).not.toMatch(/[\u0000-\u001f]/);
      if (cell.text !== '' && widthOf(cell.text) === 2) expect(row[column + 1]?.text).toBe('');
    });
  }
});
