import type { NeuronFacets } from '../../engine/analysis/questions/messages.ts';
import { BrailleCanvas } from '../../imaging/charts/braille.ts';
import type { CellGrid, Picture, Rectangle, Size } from '../../imaging/cells/cells.ts';
import { blankGrid, putText } from '../../imaging/cells/grid.ts';
import type { TextBlock } from '../frame/frame.ts';
import { part } from '../frame/layout.ts';
import { memoize } from '../frame/memoize.ts';
import { lackingBlock, paneTitle, plainBlock, type Part } from '../frame/pane.ts';
import { patchesOf } from '../layer/explored.ts';
import type { ScreenState } from '../model/state.ts';
import { mapToCells, placeApart, type CellPoint } from '../frame/placement.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { asciiText } from '../text/ascii.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import { fit, muted, span } from '../text/spans.ts';
import { styleOf } from '../theme/theme.ts';
import type { FacetsLayout } from './layout.ts';
import { facetNumber, facetStyle, pictureKey, selectedFacet, shownFacets } from './scene.ts';

/** Steps of t-SNE after which the map is settled. */
const settledSteps = 1000;

/** A facet's picture on the map, its caption beneath it. */
export interface FacetPlace extends Rectangle {
  facet: number;
}

/** Rows that pictures may have, largest first; more would crowd out the map beneath. */
const pictureRows = [12, 10, 9, 8, 7, 6, 5, 4, 3, 2];
const mostCovered = 0.6;
const captionColumns = 7;

/**
 * Where the facets' pictures lie: as near to their centroids as leaves none hidden, at the largest size that has room
 * for all of them. Larger facets choose first.
 * @returns rectangles in the area's own coordinates, a row of each being the caption's; in the order of the facets
 */
export const facetPlaces = memoize(({ facets, positions, labels }: NeuronFacets, area: Size): FacetPlace[] => {
  const centroids = mapToCells(positions, area, { shape: 'stretched' }).slice(labels.length);
  const order = Array.from(facets.keys()).sort((a, b) => (facets[b]?.size ?? 0) - (facets[a]?.size ?? 0) || a - b);
  let most: FacetPlace[] = [];
  for (const rows of pictureRows) {
    const columns = Math.max(2 * rows, captionColumns);
    const covered = facets.length * (columns + 1) * (rows + 1);
    if (covered > mostCovered * area.columns * area.rows && rows > 2) continue;
    const wanted = order.map((facet) => ({
      row: centroids[facet]?.row ?? 0,
      column: centroids[facet]?.column ?? 0,
      rows: rows + 1,
      columns,
    }));
    const places = placeApart(wanted, area).flatMap((place, index) =>
      place ? [{ ...place, facet: order[index] }] : [],
    );
    if (places.length > most.length) most = places;
    if (most.length === facets.length) break;
  }
  return most.sort((one, other) => one.facet - other.facet);
});

/** Every patch as a dot of its facet's colour, and a line from a facet's picture to where it belongs. */
function dots(state: ScreenState, facets: NeuronFacets, places: readonly FacetPlace[], area: Size): CellGrid {
  const { positions, labels } = facets;
  const all = mapToCells(positions, area, { shape: 'stretched' });
  const points = all.slice(0, labels.length);
  const selected = selectedFacet(state);
  const colourOf = (label: number) =>
    selected !== undefined && label !== selected
      ? styleOf('border', state.theme).foreground
      : facetStyle(state, label).colour;
  if (state.theme.ascii) return asciiDots(state, points, labels, area);
  const canvas = new BrailleCanvas(area.columns, area.rows);
  // The selected facet's dots last: a cell has the colour of its last one.
  const order = Array.from(points.keys()).sort(
    (a, b) => Number(labels[a] === selected) - Number(labels[b] === selected),
  );
  for (const index of order) {
    const { row, column } = points[index];
    canvas.dot(Math.floor((column + 0.5) * 2), Math.floor((row + 0.5) * 4), colourOf(labels[index]));
  }
  for (const { facet, row, column, rows, columns } of places) {
    const centroid = all[labels.length + facet];
    if (!centroid) continue;
    const [x, y] = [Math.floor((centroid.column + 0.5) * 2), Math.floor((centroid.row + 0.5) * 4)];
    canvas.line(Math.floor((column + columns / 2) * 2), Math.floor((row + rows / 2) * 4), x, y, colourOf(facet));
  }
  return canvas.toGrid();
}

function asciiDots(state: ScreenState, points: readonly CellPoint[], labels: Int32Array, area: Size): CellGrid {
  const grid = blankGrid(area);
  const selected = selectedFacet(state);
  points.forEach(({ row, column }, index) => {
    const { colour, mark } = facetStyle(state, labels[index]);
    const style = colour ? { foreground: colour } : { dim: true };
    // Marks among pictures made of letters are hard to read: only the selected facet's have them.
    const sign = labels[index] === selected ? mark : '.';
    putText(grid, Math.round(row), Math.round(column), sign, style);
  });
  return grid;
}

function caption(state: ScreenState, facet: number, size: number, columns: number): string {
  const { mark } = facetStyle(state, facet);
  const number = facetNumber(facet);
  const full = `${mark} ${number} ${glyphsOf(state.theme).separator} ${size}`;
  return fit(full.length <= columns ? full : `${mark}${number} ${size}`, columns);
}

function titleBlock(state: ScreenState, layout: FacetsLayout): TextBlock {
  const facets = shownFacets(state);
  const { facets: wanted } = state.exploration.settings;
  const found = facets?.facets.length;
  const { k = 0, silhouette = 0 } = facets?.suggestion ?? {};
  const suggested = [
    muted('  suggested: ', 3),
    k > 1 ? span(String(k), k === found ? 'live' : 'cursor', 3) : muted('none', 3),
    ...(k > 1 ? [muted(` (silhouette ${formatFixed(silhouette, 2, 0, state.theme.ascii)})`, 4)] : []),
  ];
  const isMoving = facets && facets.steps < settledSteps;
  const rest = [
    span(`  ${found ?? wanted}`, 'title', 1),
    ...(found !== undefined && found !== wanted ? [muted(` of ${wanted} wanted`, 5)] : []),
    ...(facets?.suggestion ? suggested : []),
    ...(isMoving ? [span(`  map ${facets.steps}/${settledSteps}`, 'progress', 2)] : []),
  ];
  return paneTitle(state, layout.title, { pane: 'facets', name: 'facets', rest });
}

/** What the neuron responds to, each facet as the average of its most typical patches where t-SNE puts it. */
export function facetParts(state: ScreenState, layout: FacetsLayout): Part {
  const facets = shownFacets(state);
  const { map } = layout;
  const title = titleBlock(state, layout);
  if (!facets) {
    const words = ['Its facets appear', 'Grouping the strongest patches…'] as const;
    const isDead = patchesOf(state)?.patches.length === 0;
    const block = isDead
      ? plainBlock(map, 'No image activates this neuron: it has no facets.')
      : lackingBlock(state, map, ['facets', 'patches'], words);
    return { blocks: [title, block] };
  }
  if (map.rows < 1 || map.columns < 1) return { blocks: [title] };
  const places = facetPlaces(facets, map);
  const selected = selectedFacet(state);
  const cells = dots(state, facets, places, map);
  for (const { facet, row, column, rows, columns } of places) {
    const { colour } = facetStyle(state, facet);
    const text = caption(state, facet, facets.facets[facet]?.size ?? 0, columns);
    const coloured = colour ? { foreground: colour } : {};
    const style = facet === selected ? { ...coloured, bold: true, inverse: true } : { ...coloured, bold: true };
    putText(cells, row + rows - 1, column, state.theme.ascii ? asciiText(text) : text, style);
    // What shows beside a picture narrower than its place is not the map.
    for (let y = row; y < row + rows - 1; y++) putText(cells, y, column, ' '.repeat(columns));
  }
  return {
    blocks: [title],
    overlays: [{ ...map, cells }],
    pictures: places.map(({ facet, row, column, rows, columns }): Picture => ({
      ...part(map, row, rows - 1, column, Math.min(columns, 2 * (rows - 1))),
      raster: facets.facets[facet].average,
      key: pictureKey(state, facets.epoch, `facet ${facet} of ${facets.facets.length}`),
    })),
    targets: places.map(({ facet, row, column, rows, columns }) => ({
      ...part(map, row, rows, column, columns),
      command: { id: 'facet', facet },
    })),
  };
}
