import type { TextBlock } from '../frame/frame.ts';
import { memoize } from '../frame/memoize.ts';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import { levelCells } from '../../imaging/charts/heatmap.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import { printable } from '../../engine/base/printable.ts';
import { toldName } from '../../engine/run/format.ts';
import { bar, glyphsOf } from '../theme/glyphs.ts';
import { metricWords, recordName } from '../model/metrics.ts';
import { cursorRow, numbersOf, telling, type Row } from '../model/layer-rows.ts';
import { emptyRange, type RunModel, type ValueRange } from '../model/run-model.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { clock, decimalsFor, grouped, percent } from '../text/numbers.ts';
import { lineWidth, muted, span, spread, type Line, type Span } from '../text/spans.ts';
import type { Token } from '../theme/theme.ts';

/** What is trained: network, data and engine, ever shorter. */
function subject(state: ScreenState): Line[] {
  const { header, begun } = state.run;
  const { network: name, dataset: data } = begun ?? {};
  if (!header && name === undefined) return [[{ text: ' deepview-tui', token: 'title' }]];
  const dot = ` ${glyphsOf(state.theme).separator} `;
  const network: Span = { text: ` ${printable(header?.network.name ?? name ?? '')}`, token: 'title' };
  const told = (...names: (string | undefined)[]): Span =>
    muted(names.map((name) => (name === undefined ? '' : dot + printable(name))).join(''));
  if (!header) return [[network, told(data)], [network]];
  const { dataset, engine, machine } = header;
  const computed = toldName(engine) && `${engine.name} ${machine?.gpu ?? engine.device}`;
  return [[network, told(toldName(dataset), computed)], [network, told(toldName(dataset))], [network]];
}

/** How far training is. Every number has a width of its own, so that nothing moves when one gains a digit. */
function progress(state: ScreenState): Line[] {
  const { run } = state;
  const glyphs = glyphsOf(state.theme);
  const planned = run.header?.training.epochs;
  if (planned === undefined) return [[]];
  const live = run.batch && run.state !== 'finished';
  const last = run.epochs.at(-1)?.number ?? 0;
  const digits = String(planned).length;
  const number = live && run.batch ? run.batch.epoch : last;
  // Of steps it is not known how many there will be.
  const count: Span =
    run.header?.clock === 'step'
      ? { text: recordName(run, last), token: 'title' }
      : { text: `epoch ${String(number).padStart(digits)}${planned > 0 ? `/${planned}` : ''}`, token: 'title' };
  if (!run.batch || !live) {
    const seconds = run.epochs.flatMap((record) => record.seconds ?? []);
    if (seconds.length === 0) return [[count]];
    const all = seconds.reduce((sum, one) => sum + one);
    return [[count, { text: `  in ${clock(all)}`, token: 'muted' }], [count]];
  }
  const { batch, batches, phase, imagesPerSecond, secondsLeft } = run.batch;
  const share = batches > 0 ? batch / batches : 0;
  const meter = (width: number): Span[] => [
    { text: ' ' },
    { text: bar(share, width, glyphs), token: 'progress' },
    { text: ` ${String(Math.floor(100 * share)).padStart(3)} %` },
  ];
  const speed = Number.isFinite(imagesPerSecond) ? `${grouped(imagesPerSecond).padStart(6)} img/s` : '';
  const doing = phase === 'training' ? speed : phase.padStart(12);
  const rate: Span = { text: ` ${doing}`, token: 'muted' };
  const time = Number.isFinite(secondsLeft) ? ` ${clock(secondsLeft).padStart(5)}` : '';
  const left: Span = { text: time && `${time} left` };
  const shortLeft: Span = { text: time };
  return [
    [count, ...meter(20), rate, left],
    [count, ...meter(10), rate, left],
    [count, ...meter(8), rate, shortLeft],
    [count, ...meter(8), shortLeft],
    [count, ...meter(6)],
    [count],
  ];
}

const states: Record<
  RunModel['state'],
  { sign: 'live' | 'paused' | 'finished' | 'failed'; word: string; token: Token }
> = {
  preparing: { sign: 'live', word: 'preparing', token: 'live' },
  running: { sign: 'live', word: 'live', token: 'live' },
  paused: { sign: 'paused', word: 'paused', token: 'paused' },
  finished: { sign: 'finished', word: 'finished', token: 'finished' },
  stopped: { sign: 'finished', word: 'stopped', token: 'warning' },
  failed: { sign: 'failed', word: 'failed', token: 'error' },
  diverged: { sign: 'failed', word: 'diverged', token: 'error' },
  crashed: { sign: 'failed', word: 'crashed', token: 'error' },
  silent: { sign: 'paused', word: 'silent', token: 'warning' },
};

/** The state of a run, by default of the one shown, as a sign and a word; playback matters more. */
export function stateSpan(state: ScreenState, runState?: RunModel['state']): Span {
  if (state.playback && !runState) return { text: `${glyphsOf(state.theme).playing} playing`, token: 'live' };
  const { sign, word, token } = states[runState ?? state.run.state];
  return { text: `${glyphsOf(state.theme)[sign]} ${word}`, token };
}

function stateLines(state: ScreenState): Line[] {
  const { run, frozen, control } = state;
  const now = stateSpan(state);
  if (frozen) {
    const at = recordName(run, frozen.epochs.at(-1)?.number ?? 0);
    const long = ` FROZEN at ${at}, ${run.epochs.length - frozen.epochs.length} newer `;
    return [long, ' FROZEN '].map((text) => [span(text, 'frozen'), span(' '), now]);
  }
  const share = run.epochs.at(-1)?.monitoringShare;
  const cost = muted(share === undefined ? '' : `monitoring ${percent(share)}  `);
  if (state.playback) {
    const rate = muted(`${state.playbackRate}/s  `);
    return [[cost, rate, now], [rate, now], [now]];
  }
  const watched = muted(control === 'other' && run.state === 'running' ? 'watching  ' : '');
  const stopping = span(run.ending ? 'stopping  ' : '', 'warning');
  return [
    [watched, cost, stopping, now],
    [cost, stopping, now],
    [stopping, now],
  ];
}

const rangeOver = (run: RunModel, metric: string, layers: Pick<Row, 'first' | 'count'>): ValueRange =>
  telling(run, metric, layers).reduce((all, layer) => {
    const { low, high } = run.ranges.get(metric)?.[layer] ?? emptyRange;
    return { low: Math.min(all.low, low), high: Math.max(all.high, high) };
  }, emptyRange);

const commonRange = memoize((run: RunModel, metric: string) =>
  rangeOver(run, metric, { first: 0, count: run.ranges.get(metric)?.length ?? 0 }),
);

/** The range that the colours of a row stand for: of its own layers, or of all. */
export const colourRange = (state: ScreenState, row: Row): ValueRange =>
  state.toggles.scale === 'layer'
    ? rangeOver(shownRun(state), state.metric, row)
    : commonRange(shownRun(state), state.metric);

/** The metric, its colours and the numbers at both of their ends. */
function legend(state: ScreenState): Line[] {
  const run = shownRun(state);
  if (!run.header) return [[{ text: ' getting ready', token: 'muted' }]];
  const row = cursorRow(state);
  const { low, high } = colourRange(state, row);
  const decimals = decimalsFor(Math.max(Math.abs(low), Math.abs(high)));
  const number = (value: number): string =>
    low > high ? '    –' : formatFixed(value, Math.min(3, decimals), 5, state.theme.ascii);
  const cells = levelCells(state.theme.colourMap, state.theme.depth, state.theme.ascii);
  const most = 10;
  const colours = Array.from({ length: Math.min(most, cells.length) }, (_, index): Span => {
    const cell = cells[Math.round((index * (cells.length - 1)) / Math.max(1, Math.min(most, cells.length) - 1))];
    return cell ? { text: cell.text, style: cell } : { text: ' ' };
  });
  const { label, symbol } = metricWords(run, state.metric);
  const metric: Span = { text: ` ${label.padEnd(16)}`, token: 'title' };
  const scale: Span = {
    text: state.toggles.scale === 'layer' ? `  ${row.count > 1 ? 'layers' : 'layer'} ${numbersOf(row)}` : '  common',
    token: 'muted',
  };
  const ends = [{ text: ` ${number(low)} ` }, ...colours, { text: ` ${number(high).trim()}` }];
  const short: Span = { text: ` ${symbol.padEnd(2)}`, token: 'title' };
  return [[metric, ...ends, scale], [metric, ...ends], [short, ...ends], [short]];
}

/** The two lines at the top. */
export function headerBlock(state: ScreenState, area: Rectangle): TextBlock {
  const { columns, rows } = area;
  if (rows > 1) {
    const first = headLine(subject(state), progress(state), columns);
    return { ...area, lines: [first, headLine(legend(state), stateLines(state), columns)] };
  }
  const sign: Span[] = [{ text: '  ' }, stateSpan(state)];
  const withState = progress(state).map((variant) => [...variant, ...sign]);
  return { ...area, lines: [headLine(subject(state), [...withState, [stateSpan(state)]], columns)] };
}

/**
 * Both sides in the longest variants that fit together. What is trained is
 * given up last.
 */
function headLine(left: readonly Line[], right: readonly Line[], columns: number): Line {
  const pairs = left.flatMap((one, first) =>
    right.map((other, second) => ({ one, other, cost: 3 * first + second, first })),
  );
  pairs.sort((one, other) => one.cost - other.cost || one.first - other.first);
  const shortest = pairs.at(-1) ?? { one: [], other: [] };
  const { one, other } = pairs.find((pair) => lineWidth(pair.one) + lineWidth(pair.other) + 2 <= columns) ?? shortest;
  return spread(one, [...other, { text: ' ' }], columns);
}
