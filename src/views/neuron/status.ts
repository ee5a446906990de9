import { formatFixed } from '../../imaging/charts/axis.ts';
import { distributionsOf, epochOf, neuronOf, patchesOf, valueOf } from '../layer/explored.ts';
import { knownText, metricToken, metricWords, recordName } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { grouped, percent } from '../text/numbers.ts';
import { muted, shrunk, span, type Line } from '../text/spans.ts';
import { activationDecimals, activationRange, classCursor, quantilesOf } from './distributions.ts';
import {
  classCounts,
  className,
  facetNumber,
  layerOf,
  listedPatches,
  patchCursor,
  patchPart,
  selectedFacet,
  shownFacets,
} from './scene.ts';

function activationsLine(state: ScreenState): Line {
  const epoch = epochOf(state);
  if (epoch === undefined) return [];
  const { ascii } = state.theme;
  const run = shownRun(state);
  const place = [
    span(recordName(run, epoch), 'title'),
    muted(`  ${metricWords(run, state.metric).symbol} `),
    span(knownText(valueOf(state, neuronOf(state)), 3, 0, ascii), metricToken(run, state.metric)),
  ];
  const distributions = distributionsOf(state);
  const { label } = classCursor(state);
  if (!distributions || label === undefined) return place;
  const quantiles = quantilesOf(distributions, label);
  const decimals = activationDecimals(activationRange(distributions) ?? [0, 1]);
  const at = (share: number): string =>
    formatFixed(quantiles[Math.round(share * (quantiles.length - 1))] ?? NaN, decimals, 0, ascii);
  return [
    ...place,
    span(`   ${className(state, label)}`, 'title', 1),
    ...[muted('  median ', 1), span(at(0.5), undefined, 1)],
    ...[muted('  half of them ', 2), span(`${at(0.25)} to ${at(0.75)}`, undefined, 2)],
    ...[muted('  all ', 3), span(`${at(0)} to ${at(1)}`, undefined, 3)],
  ];
}

function facetLine(state: ScreenState): Line {
  const facets = shownFacets(state);
  const facet = selectedFacet(state);
  if (!facets) return [];
  if (facet === undefined) {
    return [
      muted(`${facets.facets.length} facets`),
      muted(` of ${grouped(facets.labels.length)} patches`, 2),
      muted('; arrows'),
      muted(' or a number', 1),
      muted(' select one'),
      muted(', + and - change how many', 2),
    ];
  }
  const members = facets.facets[facet];
  const size = members?.size ?? 0;
  const activations = Array.from(
    members?.patches ?? [],
    (patch) => patchesOf(state)?.patches[patch]?.activation ?? NaN,
  );
  const mean = activations.reduce((sum, value) => sum + value, 0) / Math.max(1, activations.length);
  const classes = classCounts(state)
    .slice(0, 3)
    .map(({ label, share }) => `${className(state, label)} ${percent(share, 0)}`)
    .join(', ');
  return [
    span(`facet ${facetNumber(facet)}`, 'title'),
    span(`  ${size} ${size === 1 ? 'patch' : 'patches'}`),
    ...(classes ? [span(`  ${classes}`, undefined, 1)] : []),
    ...[muted('  mean activation ', 2), span(formatFixed(mean, 2, 0, state.theme.ascii), undefined, 2)],
  ];
}

function patchLine(state: ScreenState): Line {
  const index = listedPatches(state)[patchCursor(state)];
  const patch = patchesOf(state)?.patches[index];
  if (!patch) return [];
  const field = layerOf(state)?.receptiveField.size;
  const label = shownFacets(state)?.labels[index];
  return [
    span(`patch ${index + 1}`, 'title'),
    ...(patch.label >= 0 ? [span(`  ${className(state, patch.label)}`, undefined, 1)] : []),
    ...[muted('  activation ', 1), span(formatFixed(patch.activation, 3, 0, state.theme.ascii), undefined, 1)],
    ...(label === undefined ? [] : [muted(`  facet ${facetNumber(label)}`, 2)]),
    muted(`  ${patchPart(state)} image ${patch.image} at (${patch.x}, ${patch.y})`, 3),
    ...(field === undefined ? [] : [muted(`  ${field} x ${field} pixels`, 4)]),
  ];
}

const lines = { activations: activationsLine, facets: facetLine, patches: patchLine };

/** What the focused pane's cursor stands on. */
export const neuronCursorLine = (state: ScreenState, columns: number): Line =>
  shrunk(lines[state.panes.neuron](state), columns);
