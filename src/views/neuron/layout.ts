import type { Rectangle, Size } from '../../imaging/cells/cells.ts';
import { chartAreas, type ChartAreas } from '../frame/chart.ts';
import { part, shellAreas, type Shell } from '../frame/layout.ts';
import type { NeuronPane } from '../keys/toggles.ts';
import type { ScreenState } from '../model/state.ts';
import { classesOf } from './scene.ts';

/** From this width on panes stand side by side. */
const wideColumns = 100;
/** From this height on a wide screen holds all three. */
const highRows = 30;

/** Where the neuron view puts its parts. A pane without a rectangle is not on the screen. */
export interface NeuronLayout extends Shell {
  title: Rectangle;
  /** The panes' names, where not all are on the screen. */
  tabs: Rectangle | undefined;
  activations: ActivationsLayout | undefined;
  facets: FacetsLayout | undefined;
  patches: PatchesLayout | undefined;
}

export interface ActivationsLayout {
  curve: ChartAreas | undefined;
  classes: { title: Rectangle; rows: Rectangle; axis: Rectangle; rowsEach: number; visible: number };
}

export interface FacetsLayout {
  title: Rectangle;
  map: Rectangle;
}

export interface PatchesLayout {
  title: Rectangle;
  /** The average image and the classes of the patches. */
  side: Rectangle | undefined;
  sheet: SheetLayout;
}

/** Tiles in rows, each a picture with a line of text under it. */
export interface SheetLayout extends Rectangle {
  tile: Size;
  /** Of the picture in a tile. */
  picture: Size;
  /** Tiles across and down. */
  across: number;
  down: number;
}

/** The rectangles of a state's neuron view. */
export const neuronLayoutOf = (state: ScreenState): NeuronLayout =>
  neuronLayout(state.size, classesOf(state).length, state.panes.neuron);

/** @param classes of the data set @param pane the one that has the focus */
export function neuronLayout(size: Size, classes: number, pane: NeuronPane): NeuronLayout {
  const wide = size.columns >= wideColumns;
  const high = size.rows >= highRows;
  const hasTabs = !wide || !high;
  const { body, ...shell } = shellAreas(size, 1);
  const top = hasTabs ? 2 : 1;
  const room = part(body, top, body.rows - top);
  const areas = wide ? besideEachOther(room, pane, high) : { [pane]: room };
  return {
    ...shell,
    title: part(body, 0, 1),
    tabs: hasTabs ? part(body, 1, 1) : undefined,
    activations: areas.activations && activationsLayout(areas.activations, classes),
    facets: areas.facets && { title: part(areas.facets, 0, 1), map: part(areas.facets, 1, areas.facets.rows - 1) },
    patches: areas.patches && patchesLayout(areas.patches),
  };
}

type Areas = Partial<Record<NeuronPane, Rectangle>>;

/** Left what activates the neuron, right its facets, below the patches; without the height for that two of the three. */
function besideEachOther(body: Rectangle, pane: NeuronPane, high: boolean): Areas {
  const left = Math.floor((body.columns - 2) * 0.46);
  const right = { column: left + 2, columns: body.columns - left - 2 };
  if (!high) {
    const second = pane === 'patches' ? 'patches' : 'facets';
    return {
      activations: part(body, 0, body.rows, 0, left),
      [second]: part(body, 0, body.rows, right.column, right.columns),
    };
  }
  const upper = Math.ceil(body.rows * 0.6);
  return {
    activations: part(body, 0, upper, 0, left),
    facets: part(body, 0, upper, right.column, right.columns),
    patches: part(body, upper + 1, body.rows - upper - 1),
  };
}

/** Columns of names left of the distributions, and of medians right of them. */
export const nameColumns = 12;
export const medianColumns = 9;
/** Columns of axis numbers left of the curve. */
const numberColumns = 9;

function activationsLayout(area: Rectangle, classes: number): ActivationsLayout {
  const fixed = 2;
  const curveLeast = 5;
  // Without classes there are some words on why.
  const wanted = classes > 0 ? classes : 3;
  const withCurve = area.rows - fixed - Math.min(wanted, 5) >= curveLeast + 1;
  const room = area.rows - fixed - (withCurve ? curveLeast + 1 : 0);
  const rowsEach = room >= 2 * wanted + 2 ? 2 : 1;
  const rows = Math.max(1, Math.min(wanted * rowsEach, room));
  const curveRows = withCurve ? area.rows - fixed - rows - 1 : 0;
  const from = withCurve ? curveRows + 1 : 0;
  return {
    curve: withCurve ? chartAreas(part(area, 0, curveRows), numberColumns, 1) : undefined,
    classes: {
      title: part(area, from, 1),
      rows: part(area, from + 1, rows, 0, area.columns - 1),
      axis: part(area, from + 1 + rows, Math.min(1, area.rows - from - 1 - rows)),
      rowsEach,
      visible: Math.max(1, Math.floor(rows / rowsEach)),
    },
  };
}

const sideColumns = 28;

function patchesLayout(area: Rectangle): PatchesLayout {
  const hasSide = area.columns >= 2 * sideColumns && area.rows >= 6;
  const from = hasSide ? sideColumns + 2 : 1;
  return {
    title: part(area, 0, 1),
    side: hasSide ? part(area, 1, area.rows - 1, 1, sideColumns) : undefined,
    sheet: sheetLayout(part(area, 1, area.rows - 1, from)),
  };
}

/** Pictures as high as leaves room for some of them, whatever their number on smaller screens. */
function sheetLayout(area: Rectangle): SheetLayout {
  const enough = 10;
  // Room for most classes' names beside an activation, where there is much of it.
  const captionColumns = area.columns >= 80 ? 13 : 11;
  let best: SheetLayout | undefined;
  for (let rows = 8; rows >= 2; rows--) {
    const picture = { columns: 2 * rows, rows };
    const tile = { columns: Math.max(2 * rows, captionColumns) + 1, rows: rows + 1 };
    const across = Math.max(1, Math.floor((area.columns + 1) / tile.columns));
    const down = Math.max(0, Math.floor(area.rows / tile.rows));
    if (down < 1) continue;
    const one: SheetLayout = { ...area, tile, picture, across, down };
    if (across * down >= enough) return one;
    if (!best || across * down > best.across * best.down) best = one;
  }
  const rows = Math.max(0, area.rows - 1);
  const picture = { columns: Math.min(area.columns, 2 * rows), rows };
  return (
    best ?? { ...area, tile: { columns: Math.min(area.columns, 12), rows: area.rows }, picture, across: 1, down: 1 }
  );
}

/** Where a tile of the sheet is. @param index from 0, the top left one */
export function tileAt(sheet: SheetLayout, index: number): Rectangle {
  return {
    row: sheet.row + Math.floor(index / sheet.across) * sheet.tile.rows,
    column: sheet.column + (index % sheet.across) * sheet.tile.columns,
    rows: sheet.tile.rows,
    // The last column of a tile is the gap to the next.
    columns: Math.min(sheet.tile.columns - 1, sheet.columns),
  };
}
