import type { Rectangle, Size } from '../../imaging/cells/cells.ts';
import { epochColumns, type EpochColumns } from '../frame/layout.ts';
import type { Pane } from './state.ts';
import { reasonFor } from './explored.ts';
import type { ScreenState } from '../model/state.ts';

/** Where the layer view puts its parts. Absent panes had no room. No two overlap, none leaves the screen. */
export interface LayerLayout {
  header: Rectangle;
  /** What layer it is. */
  about: Rectangle;
  /** The panes' names, where only one of them is shown. */
  tabs: Rectangle | undefined;
  evolution: EvolutionLayout | undefined;
  map: MapLayout | undefined;
  neurons: NeuronsLayout | undefined;
  status: Rectangle;
  footer: Rectangle;
  epochs: EpochColumns;
}

export interface EvolutionLayout {
  title: Rectangle;
  numbers: Rectangle;
  /** Levels over epochs: Ink leaves it empty. */
  plot: Rectangle;
  /** The lines' ends: neurons' numbers. */
  ends: Rectangle;
  axis: Rectangle;
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
export const nameOf = ({ size }: ScreenState, pane: Pane): string => (size.columns < wideFrom ? '' : pane);

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

function evolutionLayout({ row, column, rows, columns }: Rectangle): EvolutionLayout {
  const plotColumns = columns - numberColumns - endColumns;
  const plotRows = Math.max(0, rows - 2);
  return {
    title: { row, column, rows: 1, columns },
    numbers: { row: row + 1, column, rows: plotRows, columns: numberColumns },
    plot: { row: row + 1, column: column + numberColumns, rows: plotRows, columns: plotColumns },
    ends: { row: row + 1, column: column + numberColumns + plotColumns, rows: plotRows, columns: endColumns },
    axis: { row: row + rows - 1, column, rows: 1, columns },
  };
}

function mapLayout({ row, column, rows, columns }: Rectangle): MapLayout {
  // Branches need five; less holds a bar a merge.
  const treeRows = rows >= 20 ? branchRows : rows >= 14 ? 2 : rows >= 8 ? 1 : 0;
  return {
    title: { row, column, rows: 1, columns },
    area: { row: row + 1, column, rows: rows - 1 - treeRows, columns },
    tree: treeRows > 0 ? { row: row + rows - treeRows, column, rows: treeRows, columns } : undefined,
  };
}

function neuronsLayout({ row, column, rows, columns }: Rectangle, pictures: boolean): NeuronsLayout {
  const title = { row, column, rows: 1, columns };
  const headed = rows >= 5 ? 1 : 0;
  const list = { row: row + 1 + headed, column, rows: Math.max(0, rows - 1 - headed), columns };
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
    title,
    headings: headed > 0 ? { row: row + 1, column, rows: 1, columns } : undefined,
    rows: list,
    rowHeight,
    visible: Math.max(1, Math.floor(list.rows / rowHeight)),
    pictureColumns,
    pictures: pictureColumns > 0 ? Math.min(mostPictures, Math.floor((columns - text) / (pictureColumns + 1))) : 0,
  };
}

/**
 * The layer view's rectangles.
 * @param pane the one with the focus: the only one that is shown where they do not fit side by side
 * @param pictures whether neurons have pictures, or may still get them
 */
export function layerLayout(
  size: Size,
  { pane, pictures, epochs, planned }: { pane: Pane; pictures: boolean; epochs: number; planned: number },
): LayerLayout {
  const { columns, rows } = size;
  const across = (row: number): Rectangle => ({ row, column: 0, rows: 1, columns });
  const shell = { header: across(0), about: across(1), status: across(rows - 2), footer: across(rows - 1) };
  if (columns < wideFrom) {
    const body = { row: 3, column: 0, rows: rows - 5, columns };
    const evolution = evolutionLayout(body);
    return {
      ...shell,
      tabs: across(2),
      evolution: pane === 'evolution' ? evolution : undefined,
      map: pane === 'map' ? mapLayout(body) : undefined,
      neurons: pane === 'neurons' ? neuronsLayout(body, pictures) : undefined,
      epochs: epochColumns(evolution.plot.columns, epochs, planned),
    };
  }
  const body = rows - 4;
  const below = body >= threePanesFrom ? Math.max(6, Math.round(body * 0.4)) : 0;
  const left = Math.ceil((columns - 1) / 2);
  const top = body - below;
  const evolution = evolutionLayout({ row: 2, column: 0, rows: top, columns: left });
  const right = { row: 2, column: left + 1, rows: top, columns: columns - left - 1 };
  const neuronsAside = below === 0 && pane === 'neurons';
  const under = { row: 2 + top, column: 0, rows: below, columns };
  return {
    ...shell,
    tabs: undefined,
    evolution,
    map: neuronsAside ? undefined : mapLayout(right),
    neurons: below > 0 ? neuronsLayout(under, pictures) : neuronsAside ? neuronsLayout(right, pictures) : undefined,
    epochs: epochColumns(evolution.plot.columns, epochs, planned),
  };
}

/** The rectangles of a state's layer view. */
export const layerLayoutOf = (state: ScreenState, epochs: number, planned: number): LayerLayout =>
  layerLayout(state.size, {
    pane: state.exploration.pane,
    pictures: reasonFor(state, 'pictures') === undefined,
    epochs,
    planned,
  });
