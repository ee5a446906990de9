import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { outlierOf, epochOf, mapOf, neuronOf, openLayerOf, valueOf } from './explored.ts';
import { metricSpans, metricsOfRun, recordName } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { statusBlock } from '../network/status.ts';
import { firstFitting, type Line } from '../text/spans.ts';
import { bucketLines } from './evolution.ts';
import { outlierMarks, clusterMark, clusterSizes, clusterStyle } from './marks.ts';

/** The selected cluster and what it holds. */
function clusterLines(state: ScreenState): Line[] | undefined {
  const map = mapOf(state);
  if (!map) return undefined;
  const { cluster } = state.exploration;
  const size = clusterSizes(map)[cluster] ?? 0;
  const which: Line = [
    { text: ` ${glyphsOf(state.theme).pointer} `, token: 'cursor' },
    { text: `cluster ${cluster + 1} `, token: 'title' },
    { text: clusterMark(cluster, state.theme), style: clusterStyle(cluster, state.theme) },
  ];
  const count: Line = [{ text: `  ${size} of ${map.labels.length} neurons`, token: 'muted' }];
  const middle = map.medoids[cluster] ?? 0;
  const around: Line = [{ text: `  around neuron ${middle}` }];
  const epoch: Line = [{ text: `  ${recordName(shownRun(state), map.epoch)}`, token: 'muted' }];
  return [
    [...which, ...count, ...around, ...epoch],
    [...which, ...count, ...around],
    [...which, { text: `  ${size} of ${map.labels.length}`, token: 'muted' }, { text: `  around ${middle}` }],
    [...which, ...count],
  ];
}

/** The selected neuron, its values, and why it is an outlier. */
function neuronLines(state: ScreenState): Line[] | undefined {
  const layer = openLayerOf(state);
  const epoch = epochOf(state);
  if (!layer || epoch === undefined) return undefined;
  const neuron = neuronOf(state);
  const outlier = outlierOf(state, neuron);
  const which: Line = [
    { text: ` ${glyphsOf(state.theme).pointer} `, token: 'cursor' },
    { text: `neuron ${neuron}`, token: 'title' },
  ];
  const at: Line = [{ text: `, ${recordName(shownRun(state), epoch)}` }];
  const run = shownRun(state);
  const values = metricSpans(state, metricsOfRun(run), (metric) => valueOf(state, neuron, metric), 4);
  const shown = metricSpans(state, [state.metric], (metric) => valueOf(state, neuron, metric), 4);
  const { letter, token } = outlier ? outlierMarks[outlier.kind] : { letter: '', token: undefined };
  const mark: Line = token ? [{ text: `  ${letter}`, token }] : [];
  const why: Line = outlier ? [...mark, { text: ` ${outlier.reason}` }] : [];
  return [
    [...which, ...at, ...values, ...why],
    [...which, ...values, ...why],
    [...which, ...at, ...values, ...mark],
    [...which, ...values, ...mark],
    [...which, ...shown, ...mark],
  ];
}

/** One line: what was just said or is wrong, else what the focused pane's cursor stands on. */
export function layerStatusBlock(state: ScreenState, area: Rectangle): TextBlock {
  if (state.message ?? shownRun(state).error) return statusBlock(state, area);
  const { pane } = state.exploration;
  const linesOf = { evolution: bucketLines, map: clusterLines, neurons: neuronLines }[pane];
  const lines = linesOf(state);
  return lines ? { ...area, lines: [firstFitting(lines, area.columns)] } : statusBlock(state, area);
}
