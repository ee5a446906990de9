import { printable } from '../../engine/base/printable.ts';
import type { Frame } from '../frame/frame.ts';
import { frameOf, tabsPart, type Part } from '../frame/pane.ts';
import { neuronMetrics, neuronOf, outlierOf, valueOf, valuesAt } from '../layer/explored.ts';
import { metricSpans, metricToken } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { shellPart } from '../network/status.ts';
import { layerNames, nameColumns } from '../text/layer-names.ts';
import { percent } from '../text/numbers.ts';
import { firstFitting, muted, span, type Line } from '../text/spans.ts';
import { curvePart } from './curve.ts';
import { distributionBlocks } from './distributions.ts';
import { facetParts } from './facet-map.ts';
import { neuronLayoutOf, type ActivationsLayout } from './layout.ts';
import { patchParts } from './patch-sheet.ts';
import { classCounts, className, layerOf, neuronTitle, ownClass } from './scene.ts';
import { neuronCursorLine } from './status.ts';

/** Which neuron it is, its numbers at the cursor's epoch, and in the final layer whether it responds to its own class. */
function titleLine(state: ScreenState, columns: number): Line {
  const layer = layerOf(state);
  const run = shownRun(state);
  if (!layer) return [];
  const layers = run.header?.network.layers ?? [];
  const neuron = neuronOf(state);
  const name = [span(` ${neuronTitle(run.header, state.cursor.layer, neuron)}`, 'cursor'), muted(` of ${layer.units}`)];
  const place = [muted(`  layer ${layer.index} ${layerNames(layers, 'label', nameColumns)[state.cursor.layer]}`)];
  const told = (metrics: readonly string[]): Line =>
    valuesAt(state)
      ? metricSpans(state, metrics, (metric) => valueOf(state, neuron, metric), 3).map((span, index) =>
          index % 2 === 0 ? span : { ...span, token: metricToken(run, metrics[(index - 1) / 2] ?? '') },
        )
      : [];
  const numbers = told(neuronMetrics(state));
  const outlier = outlierOf(state, neuron);
  const outlying = outlier ? [span(`  ${printable(outlier.reason, 60)}`, 'warning')] : [];
  const verdict = verdictSpans(state);
  return firstFitting(
    [
      [...name, ...place, ...numbers, ...verdict, ...outlying],
      [...name, ...place, ...numbers, ...verdict],
      [...name, ...numbers, ...verdict],
      [...name, ...told([state.metric]), ...verdict],
      [...name, ...verdict],
      [...name, ...place],
      name,
    ],
    columns,
  );
}

/** What its strongest patches really are, for a neuron that stands for a class. */
function verdictSpans(state: ScreenState): Line {
  const own = ownClass(state);
  const [first] = classCounts(state);
  if (own === undefined || !first) return [];
  const words = `${className(state, first.label)} ${percent(first.share, 0)}`;
  return first.label === own
    ? [span('  responds to '), span(words, 'live')]
    : [span(`  responds rather to ${words}`, 'warning')];
}

function activationsPart(state: ScreenState, layout: ActivationsLayout): Part {
  const curve: Part = layout.curve ? curvePart(state, layout.curve) : { blocks: [] };
  return {
    ...curve,
    blocks: [...curve.blocks, ...distributionBlocks(state, layout.classes, layout.curve !== undefined)],
  };
}

/** One neuron: its activations by class, its facets, and the patches that activate it most. */
export function neuronView(state: ScreenState): Frame {
  const layout = neuronLayoutOf(state);
  const { title, tabs, activations, facets, patches } = layout;
  return frameOf(state.size, [
    activations && activationsPart(state, activations),
    facets && facetParts(state, facets),
    patches && patchParts(state, patches),
    tabs && tabsPart(state, tabs, 'neuron', layout),
    { blocks: [{ ...title, lines: [titleLine(state, title.columns)] }] },
    shellPart(state, layout, neuronCursorLine),
  ]);
}
