import { describe, expect, it } from 'vitest';
import type { CellGrid, Size } from '../../src/imaging/cells/cells.ts';
import { compose } from '../../src/imaging/cells/grid.ts';
import { cutOut } from '../../src/imaging/pictures/placing.ts';
import type { ViewAction } from '../../src/views/model/state.ts';
import { itKeepsFrames } from './frame-files.ts';
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
  density: [live, ...press('next-metric', 'scale', 'down', 'down', 'left', 'left')],
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
