import { printable } from '../../engine/base/printable.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import { footerBlock } from '../frame/footer.ts';
import { targetsOf, type Frame, type TextBlock } from '../frame/frame.ts';
import { outlierOf, neuronOf, valuesAt } from '../layer/explored.ts';
import { neuronPanes, type NeuronPane } from './state.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { headerBlock } from '../network/header.ts';
import { percent } from '../text/numbers.ts';
import { firstFitting, lineWidth, type Line, type Span } from '../text/spans.ts';
import { curveParts } from './curve.ts';
import { distributionBlocks } from './distributions.ts';
import { facetParts, type FacetParts } from './facet-map.ts';
import { neuronLayout, type ActivationsLayout, type NeuronLayout } from './layout.ts';
import { patchParts } from './patch-sheet.ts';
import { classCounts, className, classesOf, layerOf, ownClass } from './scene.ts';
import { neuronStatus } from './status.ts';
import { neuronTitle } from './title.ts';

/** Which neuron it is, its numbers at the cursor's epoch, and in the final layer whether it responds to its own class. */
function titleLine(state: ScreenState, columns: number): Line {
  const layer = layerOf(state);
  const run = shownRun(state);
  if (!layer) return [];
  const neuron = neuronOf(state);
  const name: Line = [
    { text: ` ${neuronTitle(run.header, state.cursor.layer, neuron)}`, token: 'cursor' },
    { text: ` of ${layer.units}`, token: 'muted' },
  ];
  const place: Line = [{ text: `  layer ${layer.index} ${printable(layer.label, 24)}`, token: 'muted' }];
  const value = (metric: 'discriminability' | 'density'): string =>
    formatFixed(valuesAt(state, metric)?.[neuron] ?? NaN, 3, 0, state.theme.ascii);
  const numbers: Line = valuesAt(state)
    ? [
        { text: '  D ', token: 'muted' },
        { text: value('discriminability'), token: 'discriminability' },
        { text: '  DN ', token: 'muted' },
        { text: value('density'), token: 'density' },
      ]
    : [];
  const outlier = outlierOf(state, neuron);
  const outlying: Line = outlier ? [{ text: `  ${printable(outlier.reason, 60)}`, token: 'warning' }] : [];
  const verdict = verdictSpans(state);
  return firstFitting(
    [
      [...name, ...place, ...numbers, ...verdict, ...outlying],
      [...name, ...place, ...numbers, ...verdict],
      [...name, ...numbers, ...verdict],
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
    ? [{ text: '  responds to ' }, { text: words, token: 'live' }]
    : [
        { text: '  responds rather to ', token: 'warning' },
        { text: words, token: 'warning' },
      ];
}

const paneNames: Record<NeuronPane, string> = { activations: 'activations', facets: 'facets', patches: 'patches' };

/** The panes' names, the shown ones standing out; a click shows another. */
function tabsBlock(
  state: ScreenState,
  layout: NeuronLayout,
  area: Rectangle,
): { block: TextBlock; targets: Frame['targets'] } {
  const spans: Span[] = [];
  const targets: Frame['targets'][number][] = [];
  for (const pane of neuronPanes) {
    spans.push({ text: ' ' });
    const text = ` ${paneNames[pane]} `;
    const column = area.column + lineWidth(spans);
    targets.push({ row: area.row, column, rows: 1, columns: text.length, command: { id: 'neuron-pane', pane } });
    const isFocused = state.neuron.pane === pane;
    spans.push({ text, token: isFocused ? 'selected' : layout[pane] ? 'title' : 'muted' });
  }
  return { block: { ...area, lines: [spans] }, targets };
}

function activationsParts(state: ScreenState, layout: ActivationsLayout): FacetParts {
  const curve = layout.curve ? curveParts(state, layout.curve) : { blocks: [], overlays: [], targets: [] };
  return {
    blocks: [...curve.blocks, ...distributionBlocks(state, layout.classes, layout.curve !== undefined)],
    overlays: curve.overlays,
    pictures: [],
    targets: curve.targets,
  };
}

/** One neuron: its activations by class, its facets, and the patches that activate it most. */
export function neuronView(state: ScreenState): Frame {
  const { size } = state;
  const layout = neuronLayout(size, classesOf(state).length, state.neuron.pane);
  const tabs = layout.tabs && tabsBlock(state, layout, layout.tabs);
  const panes = [
    ...(layout.activations ? [activationsParts(state, layout.activations)] : []),
    ...(layout.facets ? [facetParts(state, layout.facets)] : []),
    ...(layout.patches ? [patchParts(state, layout.patches)] : []),
  ];
  const blocks = [
    headerBlock(state, layout.header),
    { ...layout.title, lines: [titleLine(state, size.columns)] },
    ...(tabs ? [tabs.block] : []),
    ...panes.flatMap((pane) => pane.blocks),
    neuronStatus(state, layout.status),
    footerBlock(state, layout.footer),
  ];
  return {
    size,
    blocks: blocks.filter(({ rows, columns }) => rows > 0 && columns > 0),
    overlays: panes.flatMap(({ overlays }) => overlays),
    pictures: panes.flatMap(({ pictures }) => pictures),
    targets: [...panes.flatMap(({ targets }) => targets), ...(tabs?.targets ?? []), ...blocks.flatMap(targetsOf)],
  };
}
