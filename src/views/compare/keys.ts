import { backKey } from '../keys/common.ts';
import { bindings, stepKeys } from '../keys/binding.ts';
import { pageKeys, rowKeys, type List } from '../keys/moving.ts';
import { metricWords } from '../model/metrics.ts';
import { say, type ScreenState } from '../model/state.ts';
import { clamp, cycled } from '../model/steps.ts';
import { chartsIn, compareLayoutOf } from './layout.ts';
import { settingLines } from './settings.ts';
import {
  chartsOf,
  comparedParts,
  comparedSides,
  comparisonIn,
  metricsOfComparison,
  rowsOf,
  slotsIn,
  type ComparisonState,
} from './state.ts';

const withComparison = (state: ScreenState, change: Partial<ComparisonState>): ScreenState =>
  settledComparison({ ...state, comparison: { ...comparisonIn(state), ...change } });

/** The last row that the cursor can be on; of charts and lines the last that can be the first shown. */
function lastRow(state: ScreenState): number {
  const { sides, other, part } = comparisonIn(state);
  const [a, b] = comparedSides(sides, other);
  const { body } = compareLayoutOf(state);
  switch (part) {
    case 'layers':
      return rowsOf(a, b, state.metric).length - 1;
    case 'similarity':
      return a.runs[0].header.network.layers.length - 1;
    case 'curves':
      return chartsOf(sides).length - chartsIn(body);
    case 'settings':
      return settingLines(state, body.columns).length - body.rows;
  }
}

/** Cursor and window where they can be, after anything changed: size, part, side. */
export function settledComparison(state: ScreenState): ScreenState {
  if (!state.comparison) return state;
  const { comparison } = state;
  const { visible, width } = compareLayoutOf(state);
  const last = lastRow(state);
  const row = clamp(comparison.row, 0, last);
  const slots = slotsIn(comparison, width, state.byShare);
  const first = row < comparison.offset ? row : Math.max(comparison.offset, row - visible + 1);
  const columns = comparedSides(comparison.sides, comparison.other)[1].runs[0].header.network.layers.length;
  return {
    ...state,
    comparison: {
      ...comparison,
      row,
      offset: clamp(first, 0, Math.max(0, last + 1 - visible)),
      slot: clamp(comparison.slot, 0, slots.count - 1),
      column: clamp(comparison.column, 0, columns - 1),
    },
  };
}

const rows: List = {
  place: 'compare',
  row: 'layer',
  move: (state, by) => withComparison(state, { row: comparisonIn(state).row + by }),
  page: (state) => Math.max(1, compareLayoutOf(state).visible - 1),
};

/** Along the records, or over the other side's layers. */
function aside(state: ScreenState, by: number): ScreenState {
  const { part, slot, column } = comparisonIn(state);
  return withComparison(state, part === 'similarity' ? { column: column + by } : { slot: slot + by });
}

const stepPart = (state: ScreenState, by: number): ScreenState =>
  withComparison(state, { part: cycled(comparedParts, comparisonIn(state).part, by) ?? 'layers', row: 0, offset: 0 });

function switchAxis(state: ScreenState): ScreenState {
  const next = withComparison({ ...state, byShare: !state.byShare }, { slot: Infinity });
  return say(next, next.byShare ? 'By the share of each training.' : 'By number.');
}

function nextMetric(state: ScreenState): ScreenState {
  const metric = cycled(metricsOfComparison(comparisonIn(state).sides), state.metric, 1) ?? state.metric;
  if (metric !== state.metric) return withComparison({ ...state, metric }, {});
  return say(state, `The only metric of these runs is ${metricWords(state.run, metric).label}.`);
}

const hasMore = ({ comparison }: ScreenState): boolean => (comparison?.sides.length ?? 0) > 2;

function nextSide(state: ScreenState): ScreenState {
  const { sides, other } = comparisonIn(state);
  const { exploration } = state;
  // Why one run is not comparable says nothing of the next.
  const unavailable = { ...exploration.unavailable, similarities: undefined };
  const next = { ...state, exploration: { ...exploration, unavailable } };
  return withComparison(next, { other: other + 1 < sides.length ? other + 1 : 1 });
}

export const compareKeys = [
  ...rowKeys(rows),
  ...stepKeys(['compare'], aside, [
    { command: 'left', keys: ['left', 'h'], label: 'to the left', by: -1, hint: ['←→', 'epoch'], keyOnly: true },
    { command: 'right', keys: ['right', 'l'], label: 'to the right', by: 1, keyOnly: true },
    { command: 'first-epoch', keys: ['home'], label: 'first epoch', by: -Infinity },
    { command: 'last-epoch', keys: ['end'], label: 'last epoch', by: Infinity },
  ]),
  ...stepKeys(['compare'], stepPart, [
    {
      command: 'next-pane',
      keys: ['tab'],
      label: 'layers, similarity, curves or settings',
      by: 1,
      hint: ['tab', 'part'],
    },
    { command: 'previous-pane', keys: ['shift+tab'], label: 'the part before', by: -1, keyOnly: true },
  ]),
  ...bindings(
    ['compare'],
    [
      { command: 'axis', keys: ['x'], label: 'epochs by number or by share', hint: ['x', 'axis'], run: switchAxis },
      { command: 'next-metric', keys: ['m'], label: 'next metric', hint: ['m', 'metric'], run: nextMetric },
      {
        command: 'next-side',
        keys: ['o'],
        label: 'compare with the next run',
        hint: ['o', 'other'],
        isOffered: hasMore,
        run: nextSide,
      },
      backKey,
    ],
  ),
  ...pageKeys(rows),
];
