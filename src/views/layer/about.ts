import { printable } from '../../engine/base/printable.ts';
import type { LayerRecord } from '../../engine/run/format.ts';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { mapOf } from './explored.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { firstFitting, lineWidth, spread, type Line } from '../text/spans.ts';
import { outlierMarks } from './marks.ts';

function describe(layer: LayerRecord, count: number, columns: number): Line {
  const { size, stride } = layer.receptiveField;
  const place: Line = [
    { text: ` layer ${layer.index} of ${count}  `, token: 'muted' },
    { text: printable(layer.label), token: 'cursor' },
  ];
  const named: Line = [{ text: `  ${printable(layer.name)}`, token: 'muted' }];
  const units: Line = [{ text: `  ${layer.units} ${layer.units === 1 ? 'neuron' : 'neurons'}` }];
  const shape: Line = [{ text: `  output ${layer.shape.join(' x ')}`, token: 'muted' }];
  const field: Line = [{ text: `  sees ${size} x ${size} pixels, ${stride} apart`, token: 'muted' }];
  const parameters: Line = layer.parameters > 0 ? [{ text: `  ${layer.parameters} parameters`, token: 'muted' }] : [];
  return firstFitting(
    [
      [...place, ...named, ...units, ...shape, ...field, ...parameters],
      [...place, ...units, ...shape, ...field],
      [...place, ...units, ...shape],
      [...place, ...units],
      place,
    ],
    columns,
  );
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
export function aboutBlock(state: ScreenState, area: Rectangle): TextBlock {
  const layers = shownRun(state).header?.network.layers ?? [];
  const layer = layers[state.cursor.layer];
  if (!layer) return { ...area, lines: [] };
  const outliers = outliersLine(state, area.columns < 72);
  const left = describe(layer, layers.length, area.columns - lineWidth(outliers) - 1);
  return { ...area, lines: [spread(left, outliers, area.columns)] };
}
