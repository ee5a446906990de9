import { formatFixed } from '../../imaging/axis.ts';
import type { Rectangle } from '../../imaging/cells.ts';
import type { TextBlock } from '../frame.ts';
import { glyphsOf } from '../glyphs.ts';
import { attentionTo, epochOf, mapOf, neuronOf, openLayerOf, valuesAt } from '../model/explored.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { statusBlock } from '../network/status.ts';
import { cutLine, type Line } from '../text/spans.ts';
import { bucketLine } from './evolution.ts';
import { attentionMarks, clusterMark, clusterSizes, clusterStyle } from './marks.ts';

/** The selected cluster and what it holds. */
function clusterLine(state: ScreenState): Line | undefined {
  const map = mapOf(state);
  if (!map) return undefined;
  const { cluster } = state.exploration;
  const size = clusterSizes(map)[cluster] ?? 0;
  return [
    { text: ` ${glyphsOf(state.theme).pointer} `, token: 'cursor' },
    { text: `cluster ${cluster + 1} `, token: 'title' },
    { text: clusterMark(cluster, state.theme), style: clusterStyle(cluster, state.theme) },
    { text: `  ${size} of ${map.labels.length} neurons`, token: 'muted' },
    { text: `  around neuron ${map.medoids[cluster] ?? 0}` },
    { text: `  epoch ${map.epoch}`, token: 'muted' },
  ];
}

/** The selected neuron, its values, and why it deserves a look. */
function neuronLine(state: ScreenState): Line | undefined {
  const layer = openLayerOf(state);
  const epoch = epochOf(state);
  if (!layer || epoch === undefined) return undefined;
  const neuron = neuronOf(state);
  const number = (metric: 'discriminability' | 'density'): string =>
    formatFixed(valuesAt(state, metric)?.[neuron] ?? Number.NaN, 4, 0, state.theme.ascii);
  const attention = attentionTo(state, neuron);
  return [
    { text: ` ${glyphsOf(state.theme).pointer} `, token: 'cursor' },
    { text: `neuron ${neuron}`, token: 'title' },
    { text: `, epoch ${epoch}` },
    { text: '  D ', token: 'muted' },
    { text: number('discriminability') },
    { text: '  DN ', token: 'muted' },
    { text: number('density') },
    ...(attention
      ? ([
          { text: `  ${attentionMarks[attention.kind].letter} `, token: attentionMarks[attention.kind].token },
          { text: attention.reason },
        ] as const)
      : []),
  ];
}

/** One line: what was just said or is wrong, else what the focused pane's cursor stands on. */
export function layerStatusBlock(state: ScreenState, area: Rectangle): TextBlock {
  if (state.message ?? shownRun(state).error) return statusBlock(state, area);
  const { pane } = state.exploration;
  const line = pane === 'evolution' ? bucketLine(state) : pane === 'map' ? clusterLine(state) : neuronLine(state);
  return line ? { ...area, lines: [cutLine(line, area.columns)] } : statusBlock(state, area);
}
