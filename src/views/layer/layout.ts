import type { Rectangle, Size } from '../../imaging/cells/cells.ts';
import { chartAreas, type ChartAreas } from '../frame/chart.ts';
import { part, shellAreas, type Shell } from '../frame/layout.ts';
import { epochColumns, type EpochColumns } from '../frame/records.ts';
import type { LayerPane } from '../keys/toggles.ts';
import { extent, type ScreenState } from '../model/state.ts';
import { reasonFor } from './explored.ts';

/** Where the layer view puts its parts. Absent panes had no room. No two overlap, none leaves the screen. */
export interface LayerLayout extends Shell {
  /** What layer it is. */
  about: Rectangle;
  /** The panes' names, where only one of them is shown. */
  tabs: Rectangle | undefined;
  evolution: EvolutionLayout | undefined;
  map: MapLayout | undefined;
  neurons: NeuronsLayout | undefined;
  epochs: EpochColumns;
}

export interface EvolutionLayout extends ChartAreas {
  /** The lines' ends: neurons' numbers. */
  ends: Rectangle;
}

export interface MapLayout {
  title: Rectangle;
  /** The dendrogram's strip. */
  tree: Rectangle | undefined;
  area: Rectangle;
}

export interface NeuronsLayout {
  title: Rectangle;
  headings: Rectangle | undefined;
  rows: Rectangle;
  /** Of a neuron. */
  rowHeight: number;
  /** Neurons that the window holds. */
  visible: number;
  /** Cells across of a neuron's picture, the gap after it left out; 0 without pictures. */
  pictureColumns: number;
  /** Pictures a neuron: its average, then its patches. */
  pictures: number;
}

/** Panes stand side by side from here. */
const wideFrom = 100;

/** A pane's name for its title; where panes take turns the line of tabs says it. */
export const nameOf = ({ size }: ScreenState, pane: LayerPane): string => (size.columns < wideFrom ? '' : pane);

/** Columns of the axis numbers and of the lines' ends. */
const numberColumns = 8;
const endColumns = 5;
/** Columns of a neuron's numbers and trend; less where that leaves no room for pictures. */
export const neuronTextColumns = 38;
const mostPictures = 6;
/** Rows of a dendrogram with branches. */
export const branchRows = 5;
/** Rows below which the neurons have no room of their own under the other panes. */
const threePanesFrom = 15;

function evolutionLayout(area: Rectangle): EvolutionLayout {
  const areas = chartAreas(area, numberColumns, endColumns);
  return { ...areas, ends: part(areas.plot, 0, areas.plot.rows, areas.plot.columns, endColumns) };
}

function mapLayout(area: Rectangle): MapLayout {
  const { rows } = area;
  // Branches need five; less holds a bar a merge.
  const treeRows = rows >= 20 ? branchRows : rows >= 14 ? 2 : rows >= 8 ? 1 : 0;
  return {
    title: part(area, 0, 1),
    area: part(area, 1, rows - 1 - treeRows),
    tree: treeRows > 0 ? part(area, rows - treeRows, treeRows) : undefined,
  };
}

function neuronsLayout(area: Rectangle, pictures: boolean): NeuronsLayout {
  const { rows, columns } = area;
  const headed = rows >= 5 ? 1 : 0;
  const list = part(area, 1 + headed, rows - 1 - headed);
  const text = Math.min(neuronTextColumns, Math.floor(columns / 2));
  const wanted = list.rows >= 9 ? 3 : 2;
  // As high as leaves a few neurons in the window and all six pictures side by side.
  let rowHeight = pictures && list.rows >= 2 ? 2 : 1;
  while (
    rowHeight > 1 &&
    rowHeight < 6 &&
    Math.floor(list.rows / (rowHeight + 1)) >= wanted &&
    text + mostPictures * (2 * (rowHeight + 1) + 1) <= columns
  ) {
    rowHeight++;
  }
  const pictureColumns = rowHeight > 1 ? 2 * rowHeight : 0;
  return {
    title: part(area, 0, 1),
    headings: headed > 0 ? part(area, 1, 1) : undefined,
    rows: list,
    rowHeight,
    visible: Math.max(1, Math.floor(list.rows / rowHeight)),
    pictureColumns,
    pictures: pictureColumns > 0 ? Math.min(mostPictures, Math.floor((columns - text) / (pictureColumns + 1))) : 0,
  };
}

/** Each pane's area: as many as have room, the one with the focus among them. */
function paneAreas(area: Rectangle, pane: LayerPane): Partial<Record<LayerPane, Rectangle>> {
  const { rows, columns } = area;
  if (columns < wideFrom) return { [pane]: area };
  const below = rows >= threePanesFrom ? Math.max(6, Math.round(rows * 0.4)) : 0;
  const left = Math.ceil((columns - 1) / 2);
  const right = part(area, 0, rows - below, left + 1);
  const evolution = part(area, 0, rows - below, 0, left);
  if (below > 0) return { evolution, map: right, neurons: part(area, rows - below, below) };
  return { evolution, [pane === 'neurons' ? 'neurons' : 'map']: right };
}

/**
 * The layer view's rectangles.
 * @param pane the one with the focus: the only one that is shown where they do not fit side by side
 * @param pictures whether neurons have pictures, or may still get them
 */
export function layerLayout(
  size: Size,
  { pane, pictures, epochs, planned }: { pane: LayerPane; pictures: boolean; epochs: number; planned: number },
): LayerLayout {
  const { body, ...shell } = shellAreas(size, 1);
  const isNarrow = size.columns < wideFrom;
  const top = isNarrow ? 2 : 1;
  const areas = paneAreas(part(body, top, body.rows - top), pane);
  const evolution = evolutionLayout(areas.evolution ?? body);
  return {
    ...shell,
    about: part(body, 0, 1),
    tabs: isNarrow ? part(body, 1, 1) : undefined,
    evolution: areas.evolution && evolution,
    map: areas.map && mapLayout(areas.map),
    neurons: areas.neurons && neuronsLayout(areas.neurons, pictures),
    epochs: epochColumns(evolution.plot.columns, epochs, planned),
  };
}

/** The rectangles of a state's layer view. */
export const layerLayoutOf = (state: ScreenState): LayerLayout =>
  layerLayout(state.size, {
    ...extent(state),
    pane: state.panes.layer,
    pictures: reasonFor(state, 'pictures') === undefined,
  });
