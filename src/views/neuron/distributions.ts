import type { NeuronDistributions } from '../../engine/analysis/questions/messages.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Rgb } from '../../imaging/cells/cells.ts';
import { sample } from '../../imaging/colour/colour-maps.ts';
import { rangeOf, type Range } from '../../imaging/charts/heatmap.ts';
import { shownColour } from '../../imaging/colour/terminal-colours.ts';
import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { distributionsOf, epochOf } from '../layer/explored.ts';
import { recordName } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { decimalsFor } from '../text/numbers.ts';
import { fit, lineWidth, muted, span, type Line, type Span } from '../text/spans.ts';
import { medianColumns, nameColumns, type ActivationsLayout } from './layout.ts';
import { columnOf, numberAxis, ridge, shares } from './ridge.ts';
import { className, classesOf, ownClass } from './scene.ts';
import { lackingBlock, paneTitle, reasonBlock } from '../frame/pane.ts';

type ClassesLayout = ActivationsLayout['classes'];

/** A class's quantiles, 0 to 100 %. */
export function quantilesOf({ quantiles, quantileCount }: NeuronDistributions, label: number): Float64Array {
  return quantiles.subarray(label * quantileCount, (label + 1) * quantileCount);
}

/** The middle one of the quantiles; NaN for a class without activations. */
export const medianOf = (distributions: NeuronDistributions, label: number): number =>
  quantilesOf(distributions, label)[(distributions.quantileCount - 1) / 2] ?? NaN;

/** The classes in the order in which they are shown. */
export function classOrder(state: ScreenState): number[] {
  const distributions = distributionsOf(state);
  const labels = classesOf(state).map((_, label) => label);
  if (!distributions || state.toggles.order === 'class') return labels;
  const weight = (label: number): number => {
    const median = medianOf(distributions, label);
    return Number.isNaN(median) ? -Infinity : median;
  };
  // Medians are often equal (zero): then the mean of the quantiles tells.
  const mean = (label: number): number => {
    const values = quantilesOf(distributions, label);
    return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  };
  return labels.sort((one, other) => weight(other) - weight(one) || mean(other) - mean(one) || one - other);
}

/** The class under the cursor, and where it is among those shown. */
export function classCursor(state: ScreenState): { row: number; label: number | undefined } {
  const order = classOrder(state);
  const row = Math.max(0, order.indexOf(state.neuron.label));
  return { row, label: order[row] };
}

/** A colour from faint to strong: where the class's median lies among the medians. */
function strengthColour(state: ScreenState, median: number, [low, high]: Range): Rgb | undefined {
  const { colourMap, depth, background } = state.theme;
  if (depth === 'none' || !Number.isFinite(median)) return undefined;
  const share = high > low ? (median - low) / (high - low) : 0;
  // Strong is far from the background: bright on dark, dark on light; and no end of the map is too near to it.
  const place = background === 'light' ? 0.7 * (1 - share) : 0.3 + 0.65 * share;
  return shownColour(sample(colourMap, place), depth);
}

function classLines(
  state: ScreenState,
  distributions: NeuronDistributions,
  { label, range, medians, layout }: { label: number; range: Range; medians: Range; layout: ClassesLayout },
): Line[] {
  const { theme } = state;
  const glyphs = glyphsOf(theme);
  const width = Math.max(1, layout.rows.columns - nameColumns - medianColumns);
  const quantiles = quantilesOf(distributions, label);
  const median = medianOf(distributions, label);
  const isKnown = Number.isFinite(median);
  const texts = isKnown
    ? ridge(shares(quantiles, range, width), layout.rowsEach, theme.ascii)
    : Array.from({ length: layout.rowsEach }, () => ' '.repeat(width));
  const colour = strengthColour(state, median, medians);
  const style = colour ? { foreground: colour } : {};
  const at = isKnown ? columnOf(median, range, width) : -1;
  const isOwn = ownClass(state) === label;
  const isCursor = state.panes.neuron === 'activations' && classCursor(state).label === label;
  const name = fit(className(state, label), nameColumns - 2, 'right');
  return texts.map((text, row): Line => {
    const isLast = row === texts.length - 1;
    const signs = Array.from(text);
    const ridgeSpans: Span[] =
      at < 0
        ? [{ text }]
        : [
            { text: signs.slice(0, at).join(''), style },
            { text: theme.ascii ? '|' : '┃', token: 'cursor' },
            { text: signs.slice(at + 1).join(''), style },
          ];
    if (!isLast) return [{ text: ' '.repeat(nameColumns) }, ...ridgeSpans];
    return [
      { text: isOwn ? glyphs.pointer : ' ', token: 'cursor' },
      isCursor ? { text: name, token: 'selected' } : isOwn ? { text: name, token: 'cursor' } : { text: name },
      { text: ' ' },
      ...ridgeSpans,
      { text: formatFixed(median, activationDecimals(range), medianColumns, theme.ascii), token: 'muted' },
    ];
  });
}

/** The smallest and the largest activation for any class. */
export const activationRange = ({ quantiles }: NeuronDistributions): Range | undefined => rangeOf(quantiles);

/** Decimals with which activations of a range are written. */
export const activationDecimals = (range: Range): number =>
  Math.max(1, Math.min(3, decimalsFor(Math.max(Math.abs(range[0]), Math.abs(range[1])))));

/** How strongly each class activates the neuron: what it tells apart. @param isPart below the curve, whose title has the mark */
export function distributionBlocks(state: ScreenState, layout: ClassesLayout, isPart: boolean): TextBlock[] {
  const distributions = distributionsOf(state);
  const order = classOrder(state);
  const first = Math.floor(classCursor(state).row / layout.visible) * layout.visible;
  const shown = order.slice(first, first + layout.visible);
  const name = 'activations by class';
  const isLate = distributions && distributions.epoch !== epochOf(state);
  const left = [
    muted(state.toggles.order === 'median' ? '  by median' : '  as in the data', 1),
    ...(shown.length < order.length ? [muted(`  ${first + 1}-${first + shown.length} of ${order.length}`, 2)] : []),
    ...(isLate ? [span(`  of ${recordName(shownRun(state), distributions.epoch)}`, 'warning', 2)] : []),
  ];
  const heading = 'median';
  const gap = layout.rows.columns - 1 - name.length - lineWidth(left) - heading.length;
  const rest = gap > 0 ? [...left, muted(' '.repeat(gap) + heading, 3)] : left;
  const title = paneTitle(state, layout.title, { pane: 'activations', name, isPart, rest });
  if (order.length === 0) {
    const message = 'This run has no activations by class: its images have no labels.';
    return [title, reasonBlock(layout.rows, { message })];
  }
  const range = distributions && activationRange(distributions);
  if (!distributions || !range) {
    const words = ['Its activations by class appear', 'Reading the activations…'] as const;
    return [title, lackingBlock(state, layout.rows, ['distributions'], words)];
  }
  const medians = rangeOf(order.map((label) => medianOf(distributions, label))) ?? range;
  const lines = shown.flatMap((label) => classLines(state, distributions, { label, range, medians, layout }));
  const width = Math.max(1, layout.rows.columns - nameColumns - medianColumns);
  const axis = muted(fit('', nameColumns) + numberAxis(range, width, state.theme.ascii));
  return [
    title,
    { ...layout.rows, lines: lines.slice(0, layout.rows.rows) },
    { ...layout.axis, lines: layout.axis.rows > 0 ? [[axis]] : [] },
  ];
}
