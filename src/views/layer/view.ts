import type { LayerRecord } from '../../engine/run/format.ts';
import type { Frame } from '../frame/frame.ts';
import { frameOf, tabsPart } from '../frame/pane.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { shellPart } from '../network/status.ts';
import { layerNames } from '../text/layer-names.ts';
import { lineWidth, muted, shrunk, span, spread, type Line } from '../text/spans.ts';
import { evolutionPane } from './evolution.ts';
import { mapOf } from './explored.ts';
import { layerLayoutOf } from './layout.ts';
import { mapPane } from './map.ts';
import { outlierMarks } from './marks.ts';
import { neuronsPane } from './neurons.ts';
import { layerCursorLine } from './status.ts';

function describe(layers: readonly LayerRecord[], layer: LayerRecord, columns: number): Line {
  const { size, stride } = layer.receptiveField;
  const place = muted(` layer ${layer.index} of ${layers.length}  `);
  const [label, name] = (['label', 'name'] as const).map(
    (what) => layerNames(layers, what, Math.max(1, columns - lineWidth([place])))[layer.index - 1],
  );
  return [
    place,
    span(label, 'cursor'),
    muted(layer.name === layer.label ? '' : `  ${name}`, 4),
    span(`  ${layer.units} ${layer.units === 1 ? 'neuron' : 'neurons'}`, undefined, 1),
    muted(`  output ${layer.shape.join(' x ')}`, 2),
    muted(`  sees ${size} x ${size} pixels, ${stride} apart`, 3),
    ...(layer.parameters > 0 ? [muted(`  ${layer.parameters} parameters`, 4)] : []),
  ];
}

/** How many outliers there are, by why: `d 2 dead`, or `d2` where room is short. */
function outliersLine(state: ScreenState, isShort: boolean): Line {
  const map = mapOf(state);
  if (!map) return [];
  return (['dead', 'saturated', 'duplicate', 'outlier'] as const).flatMap((kind): Line => {
    const count = map.flags.filter((entry) => entry.kind === kind).length;
    const { letter, token, word } = outlierMarks[kind];
    if (count === 0) return [];
    return [
      { text: ` ${letter}`, token, command: 'next-outlier' },
      { text: isShort ? String(count) : ` ${count} ${word} `, token: 'muted', command: 'next-outlier' },
    ];
  });
}

/** What layer it is, and how many outliers it has. */
function aboutLine(state: ScreenState, columns: number): Line {
  const layers = shownRun(state).header?.network.layers ?? [];
  const layer = layers[state.cursor.layer];
  if (!layer) return [];
  const outliers = outliersLine(state, columns < 72);
  const room = columns - lineWidth(outliers) - 1;
  return spread(shrunk(describe(layers, layer, room), room), outliers, columns);
}

/** One layer: how its neurons evolve, how they group, and what they respond to. */
export function layerView(state: ScreenState): Frame {
  const layout = layerLayoutOf(state);
  const { about, tabs, evolution, map, neurons } = layout;
  return frameOf(state.size, [
    tabs && tabsPart(state, tabs, 'layer', layout),
    evolution && evolutionPane(state, layout, evolution),
    map && mapPane(state, map),
    neurons && neuronsPane(state, neurons),
    { blocks: [{ ...about, lines: [aboutLine(state, about.columns)] }] },
    shellPart(state, layout, layerCursorLine),
  ]);
}
