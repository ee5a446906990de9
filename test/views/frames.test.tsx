import '../../src/views/screen/polyfill.ts';
import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import { parseAnsi } from '../../src/imaging/cells/ansi.ts';
import type { Cell, CellGrid, Size } from '../../src/imaging/cells/cells.ts';
import { compose, gridToText, sameCell } from '../../src/imaging/cells/grid.ts';
import { cutOut } from '../../src/imaging/pictures/placing.ts';
import { commandAt, frameCells } from '../../src/views/frame/frame.ts';
import { FrameView } from '../../src/views/frame/frame-view.tsx';
import { type ScreenState, type ViewAction } from '../../src/views/model/state.ts';
import { view } from '../../src/views/screen/view.ts';
import { itKeepsFrames, stateOf } from './frame-files.ts';
import { fakeBatch, fakeEvents, press } from './fake-run.ts';

const events = (actions: Extract<ViewAction, { source: 'run' }>['events']): ViewAction => ({
  source: 'run',
  events: actions,
});
const live = events([...fakeEvents({ epochs: 12 }), fakeBatch(13)]);
const finished = events([...fakeEvents({ epochs: 45 }), { type: 'state', state: 'finished' }]);

/** What led to each picture. */
const scenes: Record<string, ViewAction[]> = {
  preparing: [
    events([
      { type: 'step', progress: { label: 'fetching the engine', done: 1, total: 1, unit: 'items' } },
      { type: 'notice', text: 'using wasm: no C++ compiler was found (install g++ for the faster engine)' },
      {
        type: 'step',
        progress: {
          label: 'downloading CIFAR-10',
          done: 62e6,
          total: 170.5e6,
          unit: 'bytes',
          rate: 31.2e6,
          secondsLeft: 4,
        },
      },
    ]),
  ],
  decomposing: [
    events([
      {
        type: 'step',
        progress: {
          label: 'finding the directions in which images vary',
          done: 4.2,
          unit: 'seconds',
          expected: 11.8,
        },
      },
    ]),
  ],
  'few classes': [events([...fakeEvents({ epochs: 12, classes: 4 }), fakeBatch(13)])],
  'first epoch': [events([...fakeEvents({ epochs: 0 }), fakeBatch(1)])],
  live: [live],
  density: [live, ...press('density', 'scale', 'down', 'down', 'left', 'left')],
  finished: [finished],
  playback: [finished, ...press('play'), ...Array.from({ length: 12 }, (): ViewAction => ({ source: 'playback' }))],
  frozen: [live, ...press('freeze'), events(fakeEvents({ epochs: 14 }).slice(-2))],
  'many layers': [events(fakeEvents({ epochs: 200, layers: 39, planned: 200 })), ...press('last-row', 'page-up')],
  'layer view': [live, ...press('down', 'down', 'open', 'left')],
  help: [live, ...press('help')],
  leave: [live, ...press('leave')],
  palette: [live, ...press('palette', 'next-choice')],
  find: [live, ...press('find')],
  failed: [
    live,
    events([
      {
        type: 'state',
        state: 'failed',
        error: {
          code: 'diverged',
          message: 'The loss became NaN at step 306 of epoch 13',
          hint: 'Everything before it is kept. Try a lower learning rate.',
        },
      },
    ]),
  ],
};

describe('frames', () => {
  itKeepsFrames(scenes);
});

/** Rows made equally long, blanks at the end. */
const padded = (grid: CellGrid, { columns, rows }: Size): CellGrid =>
  Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column) => grid[row]?.[column] ?? { text: ' ' }),
  );

/** A blank's weight and colour of letters cannot be seen. */
const visible = (cell: Cell): Cell =>
  cell.text === ' ' && !cell.inverse ? { text: ' ', ...(cell.background && { background: cell.background }) } : cell;

describe('Ink', () => {
  for (const name of ['live', 'help', 'layer view', 'preparing'] as const) {
    it(`draws the same cells: ${name}`, () => {
      const size = { columns: 80, rows: 24 };
      const state = stateOf(scenes[name] ?? [], size, 'truecolour');
      const frame = view(state);
      const drawn = renderToString(<FrameView frame={frame} theme={state.theme} />, { columns: size.columns });
      const shown = compose(padded(parseAnsi(drawn), size), frame.overlays);
      const wanted = frameCells(frame, state.theme);
      const different = wanted.flatMap((row, y) =>
        row.flatMap((cell, x) => {
          const found = shown[y]?.[x] ?? { text: '' };
          return sameCell(visible(found), visible(cell)) ? [] : [{ x, y, wanted: cell, found }];
        }),
      );
      expect(different).toEqual([]);
    });
  }
});

describe('clicks', () => {
  const size = { columns: 80, rows: 24 };
  const at = (state: ScreenState, text: string) => {
    const frame = view(state);
    const rows = gridToText(frameCells(frame, state.theme)).split('\n');
    const row = rows.findLastIndex((line) => line.includes(text));
    return commandAt(frame, row, rows[row]?.indexOf(text) ?? -1);
  };

  it('on a hint of the footer do what its key does', () => {
    const state = stateOf([live], size, 'none');
    expect(at(state, 'freeze')).toEqual({ id: 'freeze' });
    expect(at(state, '? help')).toEqual({ id: 'help' });
  });

  it('on a label or a cell choose them', () => {
    const state = stateOf([live], size, 'none');
    expect(at(state, 'conv5-64')).toEqual({ id: 'cell', layer: 6, epoch: undefined });
    expect(commandAt(view(state), 3, 17)).toEqual({ id: 'cell', layer: 0, epoch: 0 });
  });

  it('beside an open dialog do nothing, in it what it says', () => {
    const state = stateOf([live, ...press('leave')], size, 'none');
    expect(commandAt(view(state), 3, 17)).toBeUndefined();
    expect(at(state, 'training goes on')).toEqual({ id: 'detach' });
  });
});

it('an overlay is cut into the parts around a hole', () => {
  const cells: CellGrid = Array.from({ length: 4 }, (_, row) =>
    Array.from({ length: 6 }, (__, column) => ({ text: String.fromCharCode(97 + row * 6 + column) })),
  );
  const overlay = { row: 2, column: 3, rows: 4, columns: 6, cells };
  const hole = { row: 3, column: 5, rows: 2, columns: 2 };
  const blank = padded([], { columns: 12, rows: 8 });
  const parts = compose(blank, cutOut(overlay, hole));
  compose(blank, [overlay]).forEach((row, y) =>
    row.forEach((cell, x) => {
      const inside = y >= 3 && y < 5 && x >= 5 && x < 7;
      expect(parts[y]?.[x]?.text).toBe(inside ? ' ' : cell.text);
    }),
  );
  expect(cutOut(overlay, { row: 0, column: 0, rows: 1, columns: 1 })).toEqual([overlay]);
  expect(cutOut(overlay, { row: 0, column: 0, rows: 20, columns: 20 })).toEqual([]);
});
