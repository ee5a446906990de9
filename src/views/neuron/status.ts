import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { distributionsOf, epochOf, neuronOf, patchesOf, valueOf } from '../layer/explored.ts';
import { metricToken, metricWords, knownText, recordName } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { statusLine } from '../network/status.ts';
import { grouped, percent } from '../text/numbers.ts';
import { firstFitting, type Line, type Span } from '../text/spans.ts';
import { activationDecimals, activationRange, classCursor, quantilesOf } from './distributions.ts';
import {
  classCounts,
  className,
  facetNumber,
  layerOf,
  listedPatches,
  patchCursor,
  selectedFacet,
  shownFacets,
} from './scene.ts';

const muted = (text: string): Span => ({ text, token: 'muted' });

/** Ever shorter variants of what the focused pane's cursor stands on. */
function cursorLines(state: ScreenState): Line[] {
  switch (state.neuron.pane) {
    case 'activations':
      return activationsLines(state);
    case 'facets':
      return facetLines(state);
    case 'patches':
      return patchLines(state);
  }
}

function activationsLines(state: ScreenState): Line[] {
  const epoch = epochOf(state);
  if (epoch === undefined) return [];
  const { ascii } = state.theme;
  const run = shownRun(state);
  const value = knownText(valueOf(state, neuronOf(state)), 3, 0, ascii);
  const place: Line = [
    { text: recordName(run, epoch), token: 'title' },
    muted(`  ${metricWords(run, state.metric).symbol} `),
    { text: value, token: metricToken(run, state.metric) },
  ];
  const distributions = distributionsOf(state);
  const { label } = classCursor(state);
  if (!distributions || label === undefined) return [place];
  const quantiles = quantilesOf(distributions, label);
  const decimals = activationDecimals(activationRange(distributions) ?? [0, 1]);
  const at = (share: number): string =>
    formatFixed(quantiles[Math.round(share * (quantiles.length - 1))] ?? NaN, decimals, 0, ascii);
  const name: Line = [muted('   '), { text: className(state, label), token: 'title' }];
  const median: Line = [muted('  median '), { text: at(0.5) }];
  const half: Line = [muted('  half of them '), { text: `${at(0.25)} to ${at(0.75)}` }];
  const all: Line = [muted('  all '), { text: `${at(0)} to ${at(1)}` }];
  return [
    [...place, ...name, ...median, ...half, ...all],
    [...place, ...name, ...median, ...half],
    [...place, ...name, ...median],
    place,
  ];
}

function facetLines(state: ScreenState): Line[] {
  const facets = shownFacets(state);
  const facet = selectedFacet(state);
  if (!facets) return [];
  if (facet === undefined) {
    const count = facets.facets.length;
    return [
      [
        muted(
          `${count} facets of ${grouped(facets.labels.length)} patches; arrows or a number select one, + and - change how many`,
        ),
      ],
      [muted(`${count} facets; arrows or a number select one`)],
      [muted(`${count} facets; arrows select one`)],
    ];
  }
  const members = facets.facets[facet];
  const size = members?.size ?? 0;
  const title: Line = [
    { text: `facet ${facetNumber(facet)}`, token: 'title' },
    { text: `  ${size} ${size === 1 ? 'patch' : 'patches'}` },
  ];
  const activations = Array.from(
    members?.patches ?? [],
    (patch) => patchesOf(state)?.patches[patch]?.activation ?? NaN,
  );
  const mean = activations.reduce((sum, value) => sum + value, 0) / Math.max(1, activations.length);
  const strength: Line = [muted('  mean activation '), { text: formatFixed(mean, 2, 0, state.theme.ascii) }];
  const classes = classCounts(state)
    .slice(0, 3)
    .map(({ label, share }) => `${className(state, label)} ${percent(share, 0)}`)
    .join(', ');
  const named: Line = classes ? [muted('  '), { text: classes }] : [];
  return [[...title, ...named, ...strength], [...title, ...named], title];
}

function patchLines(state: ScreenState): Line[] {
  const patches = patchesOf(state);
  const facets = shownFacets(state);
  const listed = listedPatches(state);
  const place = patchCursor(state);
  const index = listed[place];
  const patch = patches?.patches[index];
  if (!patch) return [];
  const rank: Line = [{ text: `patch ${index + 1}`, token: 'title' }];
  const name: Line = patch.label >= 0 ? [{ text: `  ${className(state, patch.label)}` }] : [];
  const strength: Line = [muted('  activation '), { text: formatFixed(patch.activation, 3, 0, state.theme.ascii) }];
  const where: Line = [muted(`  validation image ${patch.image} at (${patch.x}, ${patch.y})`)];
  const field = layerOf(state)?.receptiveField.size;
  const sees: Line = field === undefined ? [] : [muted(`  ${field} x ${field} pixels`)];
  const label = facets?.labels[index];
  const facet: Line = label === undefined ? [] : [muted(`  facet ${facetNumber(label)}`)];
  return [
    [...rank, ...name, ...strength, ...facet, ...where, ...sees],
    [...rank, ...name, ...strength, ...facet, ...where],
    [...rank, ...name, ...strength, ...facet],
    [...rank, ...name, ...strength],
    rank,
  ];
}

/** One line: what was just said, else what is wrong, else what the cursor stands on. */
export function neuronStatus(state: ScreenState, area: Rectangle): TextBlock {
  if (state.message || shownRun(state).error) return { ...area, lines: [statusLine(state, area.columns)] };
  const mark: Line = [{ text: ` ${glyphsOf(state.theme).pointer} `, token: 'cursor' }];
  const lines = cursorLines(state).map((line) => [...mark, ...line]);
  return { ...area, lines: [lines.length > 0 ? firstFitting(lines, area.columns) : []] };
}
