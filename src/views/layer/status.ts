import { metricSpans, recordName } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { firstFitting, muted, shrunk, span, type Line } from '../text/spans.ts';
import { bucketLine } from './evolution.ts';
import { epochOf, mapOf, neuronMetrics, neuronOf, openLayerOf, outlierOf, valueOf } from './explored.ts';
import { clusterMark, clusterSizes, clusterStyle, outlierMarks } from './marks.ts';

/** The selected cluster and what it holds. */
function clusterLine(state: ScreenState, columns: number): Line | undefined {
  const map = mapOf(state);
  if (!map) return undefined;
  const { cluster } = state.exploration;
  const line: Line = [
    span(`cluster ${cluster + 1} `, 'title'),
    { text: clusterMark(cluster, state.theme), style: clusterStyle(cluster, state.theme) },
    muted(`  ${clusterSizes(map)[cluster] ?? 0} of ${map.labels.length}`),
    muted(' neurons', 2),
    span('  around', undefined, 1),
    span(' neuron', undefined, 2),
    span(` ${map.medoids[cluster] ?? 0}`, undefined, 1),
    muted(`  ${recordName(shownRun(state), map.epoch)}`, 3),
  ];
  return shrunk(line, columns);
}

/** The selected neuron, its values, and why it is an outlier. */
function neuronLine(state: ScreenState, columns: number): Line | undefined {
  const layer = openLayerOf(state);
  const epoch = epochOf(state);
  if (!layer || epoch === undefined) return undefined;
  const neuron = neuronOf(state);
  const outlier = outlierOf(state, neuron);
  const run = shownRun(state);
  const which = span(`neuron ${neuron}`, 'title');
  const at = span(`, ${recordName(run, epoch)}`);
  const told = (metrics: readonly string[]): Line =>
    metricSpans(state, metrics, (metric) => valueOf(state, neuron, metric), 4);
  const values = told(neuronMetrics(state));
  const mark = outlier ? [span(`  ${outlierMarks[outlier.kind].letter}`, outlierMarks[outlier.kind].token)] : [];
  const why = outlier ? [...mark, span(` ${outlier.reason}`)] : [];
  return firstFitting(
    [
      [which, at, ...values, ...why],
      [which, ...values, ...why],
      [which, at, ...values, ...mark],
      [which, ...values, ...mark],
      [which, ...told([state.metric]), ...mark],
    ],
    columns,
  );
}

/** What the focused pane's cursor stands on. */
export const layerCursorLine = (state: ScreenState, columns: number): Line | undefined =>
  ({ evolution: bucketLine, map: clusterLine, neurons: neuronLine })[state.panes.layer](state, columns);
