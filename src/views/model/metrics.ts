import { printable } from '../../engine/base/printable.ts';
import { describeMetric, layerMetric, metricsOf, type MetricDescription } from '../../engine/metrics/index.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Range } from '../../imaging/charts/heatmap.ts';
import type { Span } from '../text/spans.ts';
import type { Token } from '../theme/theme.ts';
import { isUnderWay, type RunModel } from './run-model.ts';
import { say, shownRun, type ScreenState } from './state.ts';
import { cycled } from './steps.ts';

/** The ids of the metrics that a run has so far, those of the catalogue first. */
export const metricsOfRun = ({ ranges }: RunModel): string[] => metricsOf([{ layers: Object.fromEntries(ranges) }]);

/** How a metric is called, fit for the screen: by the catalogue or by what the run says of it. */
export function metricWords(run: RunModel, id: string): MetricDescription {
  const description = describeMetric(id, run.header);
  const { symbol, label, unit } = description;
  return { ...description, symbol: printable(symbol, 4), label: printable(label, 24), unit: printable(unit, 12) };
}

const tokens: readonly Token[] = ['series1', 'series2', 'series3', 'series4'];

/** A metric's colour: that of its place among the run's. */
export const metricToken = (run: RunModel, id: string): Token =>
  tokens[Math.max(0, metricsOfRun(run).indexOf(id)) % tokens.length] ?? 'series1';

/** Why a run lacks a metric. */
function whyMissing(run: RunModel, id: string): string {
  const { label } = metricWords(run, id);
  const needs = layerMetric(id)?.needs;
  const labels = needs === 'labels' && run.header && !run.header.probe.labels;
  return `This run has no ${label}: ${labels ? 'its images have no labels' : 'it was not recorded'}.`;
}

/** The state with another metric shown; where the run lacks it, why it does. */
export function withMetric(state: ScreenState, id: string): ScreenState {
  const run = shownRun(state);
  const known = metricsOfRun(run);
  return known.length === 0 || known.includes(id)
    ? { ...state, metric: id }
    : say(state, whyMissing(run, id), 'warning');
}

/** The state with a metric that its run has: once there are some, another than was shown may have to be. */
export function withKnownMetric(state: ScreenState): ScreenState {
  const known = metricsOfRun(shownRun(state));
  return known.length === 0 || known.includes(state.metric) ? state : { ...state, metric: known[0] ?? state.metric };
}

/** Why no metric can be chosen. */
export function noMetrics(state: ScreenState): string {
  const { state: now, epochs } = shownRun(state);
  if (epochs.length > 0 || !isUnderWay(now)) return 'This run has no metrics of layers.';
  return 'There are no metrics before the first epoch is done.';
}

/** The metric that many places further among the run's, wrapping around. */
export function stepMetric(state: ScreenState, step: number): ScreenState {
  const run = shownRun(state);
  const known = metricsOfRun(run);
  const next = cycled(known, state.metric, step) ?? state.metric;
  if (known.length === 0) return say(state, noMetrics(state));
  if (next !== state.metric || known.length !== 1) return { ...state, metric: next };
  return say(state, `The run's only metric is ${metricWords(run, next).label}.`);
}

/** A value as text: blank where there is none, what is not finite as such. @param width 0 for as long as it is */
export function valueText(value: number | undefined, decimals: number, width = 0, ascii = false): string {
  if (value === undefined) return ' '.repeat(width);
  return Number.isNaN(value) ? 'NaN'.padStart(width) : formatFixed(value, decimals, width, ascii);
}

/** The same where a value is only not known yet, or not kept: a dash then. */
export const knownText = (value: number | undefined, decimals: number, width = 0, ascii = false): string =>
  value === undefined ? (ascii ? '-' : '–').padStart(width) : valueText(value, decimals, width, ascii);

/** The same right-aligned in a column of a table, whose first place stays free: no number touches the one before it. */
export const columnText = (value: number | undefined, decimals: number, width: number, ascii = false): string =>
  ` ${knownText(value, decimals, width - 1, ascii)}`;

/** Some metrics with their values, each behind its symbol: `  D 1.172  DN 0.286`. */
export function metricSpans(
  state: ScreenState,
  ids: readonly string[],
  value: (id: string) => number | undefined,
  decimals: number,
): Span[] {
  const run = shownRun(state);
  return ids.flatMap((id): Span[] => [
    { text: `  ${metricWords(run, id).symbol} `, token: 'muted' },
    { text: knownText(value(id), decimals, 0, state.theme.ascii) },
  ]);
}

/** Where a run itself says that a metric's values lie, of one of which the catalogue does not say it. */
export const declaredRange = ({ header }: Pick<RunModel, 'header'>, id: string): Range | undefined =>
  layerMetric(id)?.range || !header?.metrics || !Object.hasOwn(header.metrics, id)
    ? undefined
    : properRange(header.metrics[id].range);

/** A range that an axis can have; runs may say anything. */
export const properRange = (range: Range | undefined): Range | undefined =>
  range && range[0] < range[1] && range.every(Number.isFinite) ? range : undefined;

/** A text about epochs in the words of the run's clock. */
export const clocked = ({ header }: RunModel, text: string): string =>
  header?.clock === 'step' ? text.replaceAll('epoch', 'step') : text;

/** What numbers the records, with its number: `epoch 12`, `step 6000`. */
export const recordName = ({ header }: RunModel, number: number | string): string =>
  `${header?.clock ?? 'epoch'} ${number}`;
