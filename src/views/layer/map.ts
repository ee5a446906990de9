import type { LayerMap, PixelPicture } from '../../engine/analysis/questions/messages.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import { BrailleCanvas } from '../../imaging/charts/braille.ts';
import type { CellGrid, Picture, Rectangle, Size } from '../../imaging/cells/cells.ts';
import { cellsOf, putCell, putCells } from '../../imaging/cells/grid.ts';
import { contrastingColour } from '../../imaging/colour/oklab.ts';
import type { Target, TextBlock } from '../frame/frame.ts';
import { paneTitle, reasonBlock, type Part } from '../frame/pane.ts';
import { epochOf, mapOf, neuronOf, picturesOf, reasonFor } from './explored.ts';
import { recordName } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { mapToCells, type CellPoint } from '../frame/placement.ts';
import type { Line } from '../text/spans.ts';
import type { Theme } from '../theme/theme.ts';
import { attachLargest } from './attach.ts';
import { nameOf, type MapLayout } from './layout.ts';
import {
  outlierKinds,
  outlierMarks,
  outlierStyle,
  clusterColour,
  clusterMark,
  clusterSizes,
  clusterStyle,
} from './marks.ts';
import { memoize } from '../frame/memoize.ts';
import { treeBlock } from './tree.ts';

/** Where everything of a map stands, in the area's cells. */
interface MapPlaces {
  points: CellPoint[];
  sizes: number[];
  /** The cells' size of a picture; 0 rows where there are only captions. */
  picture: Size;
  /** A box a cluster: its picture, and under it its caption. */
  boxes: (Rectangle | undefined)[];
  /** Rings around the centres, and lines to the pictures. */
  rings: CellGrid;
}

const captionColumns = 8;
const pictureHeights = [6, 5, 4, 3, 2];

const rounded = ({ row, column }: CellPoint): CellPoint => ({ row: Math.round(row), column: Math.round(column) });

/** The caption of a cluster: its number, mark and size. */
const captionOf = (cluster: number, size: number, theme: Theme): string =>
  `${cluster + 1}${clusterMark(cluster, theme)}${size}`.slice(0, captionColumns);

const places = memoize(
  (map: LayerMap, hasPictures: boolean, rows: number, columns: number, theme: Theme): MapPlaces => {
    const area = { rows, columns };
    const margin = { rows: rows > 8 ? 1 : 0, columns: 2 };
    const points = mapToCells(map.positions, area, { margin, shape: 'true' }).map(rounded);
    const sizes = clusterSizes(map);
    const anchors = Array.from(map.medoids, (medoid) => points[medoid] ?? { row: 0, column: 0 });
    const caption: Size = { rows: 1, columns: captionColumns };
    // A picture may take a fifth of the map's height and an even share of half of it.
    const most = Math.max(2, Math.min(Math.floor(rows / 3), Math.floor(Math.sqrt((rows * columns) / (6 * map.k)))));
    const heights = hasPictures ? pictureHeights.filter((height) => height <= most) : [];
    const boxSizes = [
      ...heights.map((height) => ({ rows: height + 1, columns: Math.max(2 * height, captionColumns) })),
      caption,
    ];
    const { size, boxes } = attachLargest(anchors, boxSizes, area, { marks: points, kept: anchors });
    const picture = size.rows > 1 ? { rows: size.rows - 1, columns: 2 * (size.rows - 1) } : { rows: 0, columns: 0 };
    return { points, sizes, picture, boxes, rings: ringsOf(map, { anchors, sizes, boxes }, area, theme) };
  },
);

/** A circle around each centre, its radius as the root of its cluster's size, and a line from it to its box. */
function ringsOf(
  map: LayerMap,
  { anchors, sizes, boxes }: { anchors: CellPoint[]; sizes: number[]; boxes: (Rectangle | undefined)[] },
  { rows, columns }: Size,
  theme: Theme,
): CellGrid {
  const canvas = new BrailleCanvas(columns, rows);
  const largest = 0.16 * Math.min(columns * 2, rows * 4);
  anchors.forEach((anchor, cluster) => {
    const colour = clusterColour(cluster, theme);
    const x = anchor.column * 2 + 0.5;
    const y = anchor.row * 4 + 1.5;
    const radius = Math.max(3.2, Math.sqrt((sizes[cluster] ?? 0) / map.labels.length) * largest);
    const steps = Math.ceil(radius * 7);
    for (let step = 0; step < steps; step++) {
      const angle = (2 * Math.PI * step) / steps;
      canvas.dot(Math.round(x + radius * Math.cos(angle)), Math.round(y + radius * Math.sin(angle)), colour);
    }
    const box = boxes[cluster];
    if (!box) return;
    const toX = Math.max(box.column * 2 - 1, Math.min(x, (box.column + box.columns) * 2));
    const toY = Math.max(box.row * 4 - 1, Math.min(y, (box.row + box.rows) * 4));
    const length = Math.hypot(toX - x, toY - y);
    // Only outside of the ring.
    for (let step = Math.ceil(radius); step <= length; step += 2) {
      const share = step / length;
      canvas.dot(Math.round(x + share * (toX - x)), Math.round(y + share * (toY - y)), colour);
    }
  });
  const cells = canvas.toGrid();
  return theme.ascii
    ? cells.map((row) => row.map((cell) => (cell.text === ' ' ? cell : { ...cell, text: '.' })))
    : cells;
}

/** The neurons' marks over the rings: those that matter more lie over those that matter less. */
function marked(state: ScreenState, map: LayerMap, { points, rings, boxes, sizes, picture }: MapPlaces): CellGrid {
  const { theme } = state;
  const cells = rings.map((row) => [...row]);
  const put = ({ row, column }: CellPoint, text: string, style: object): void => {
    const line = cells[row];
    if (line) putCell(line, column, { ...style, text });
  };
  const selected = state.exploration.cluster;
  points.forEach((point, neuron) => {
    const cluster = map.labels[neuron] ?? 0;
    if (cluster !== selected) put(point, clusterMark(cluster, theme), clusterStyle(cluster, theme));
  });
  points.forEach((point, neuron) => {
    if (map.labels[neuron] !== selected) return;
    put(point, clusterMark(selected, theme), { ...clusterStyle(selected, theme), bold: true });
  });
  for (const [neuron, kinds] of outlierKinds(map)) {
    const [kind] = kinds;
    const point = points[neuron];
    if (point && kind) put(point, outlierMarks[kind].letter, outlierStyle(kind, theme));
  }
  const badge = (cluster: number): object => {
    const background = clusterColour(cluster, theme);
    return background
      ? { background, foreground: contrastingColour(background), bold: true }
      : { inverse: true, bold: true };
  };
  map.medoids.forEach((medoid, cluster) => {
    const point = points[medoid];
    const line = point && cells[point.row];
    if (line) putCells(cells, point.row, point.column, cellsOf(String(cluster + 1), badge(cluster)));
  });
  boxes.forEach((box, cluster) => {
    if (!box) return;
    const text = captionOf(cluster, sizes[cluster] ?? 0, theme);
    const style = cluster === selected ? badge(cluster) : clusterStyle(cluster, theme);
    const indent = Math.max(0, Math.floor((box.columns - text.length) / 2));
    putCells(cells, box.row + box.rows - 1, box.column + (picture.rows > 0 ? indent : 0), cellsOf(text, style));
  });
  const chosen = state.exploration.neuron === undefined ? undefined : points[neuronOf(state)];
  if (chosen) put(chosen, cells[chosen.row]?.[chosen.column]?.text ?? ' ', { inverse: true, bold: true });
  return cells;
}

/** The picture of a raster at a place. */
export const pictureAt = (area: Rectangle, raster: PixelPicture, key: string): Picture => ({ ...area, raster, key });

function clusterPictures(state: ScreenState, map: LayerMap, pane: MapLayout, { boxes, picture }: MapPlaces): Picture[] {
  const pictures = picturesOf(state);
  if (!pictures || picture.rows === 0) return [];
  const run = shownRun(state).header?.id ?? '';
  return boxes.flatMap((box, cluster) => {
    const raster = pictures.clusters[cluster];
    if (!box || !raster) return [];
    const key = `${run} ${map.layer} ${map.epoch} cluster ${map.linkage} ${map.k} ${cluster} ${pictures.epoch}`;
    const column = pane.area.column + box.column + Math.floor((box.columns - picture.columns) / 2);
    return [pictureAt({ row: pane.area.row + box.row, column, ...picture }, raster, key)];
  });
}

/** What the map is of, and how far it is. */
function titleBlock(state: ScreenState, area: Rectangle): TextBlock {
  const map = mapOf(state);
  const { k } = state.exploration.settings;
  const { linkage } = state.toggles;
  const epoch = epochOf(state);
  const named = { pane: 'map', name: nameOf(state, 'map') } as const;
  if (!map || reasonFor(state, 'map')) {
    const isWaiting = epoch !== undefined && !reasonFor(state, 'map');
    const waiting: Line = [{ text: '  measuring distances…', token: 'muted' }];
    return paneTitle(state, area, { ...named, rest: isWaiting ? [waiting] : [] });
  }
  const units = map.labels.length;
  const clusters: Line = [{ text: `  ${map.k} ${map.k === 1 ? 'cluster' : 'clusters'}`, token: 'series2' }];
  const joined: Line = [{ text: `  ${map.linkage} linkage`, token: 'muted' }];
  const stress: Line = [{ text: `  stress ${formatFixed(map.stress, 3, 0, state.theme.ascii)}`, token: 'muted' }];
  const isOld = (map.asked ?? map.epoch) !== epoch;
  const isOther = map.linkage !== linkage || map.k !== Math.min(k, units);
  const progress: Line = isOld
    ? [{ text: `  of ${recordName(shownRun(state), map.epoch)}; measuring distances…`, token: 'warning' }]
    : isOther
      ? [{ text: '  clustering…', token: 'warning' }]
      : map.settled
        ? map.epoch === epoch
          ? []
          : [{ text: `  of ${recordName(shownRun(state), map.epoch)}`, token: 'warning' }]
        : [{ text: '  settles…', token: 'warning' }];
  return paneTitle(state, area, {
    ...named,
    rest: [
      [...clusters, ...joined, ...stress, ...progress],
      [...clusters, ...joined, ...progress],
      [...clusters, ...progress],
      clusters,
    ],
  });
}

function targetsOf(pane: MapLayout, map: LayerMap, { points, boxes }: MapPlaces): Target[] {
  const { area } = pane;
  return [
    { ...pane.title, command: { id: 'pane', pane: 'map' } },
    { ...area, command: { id: 'pane', pane: 'map' } },
    ...points.map((point, neuron): Target => ({
      row: area.row + point.row,
      column: area.column + point.column,
      rows: 1,
      columns: 1,
      command: { id: 'neuron', neuron },
    })),
    ...Array.from(map.medoids, (medoid, cluster): Target => ({
      row: area.row + (points[medoid]?.row ?? 0),
      column: area.column + (points[medoid]?.column ?? 0),
      rows: 1,
      columns: 1,
      command: { id: 'cluster', cluster },
    })),
    ...boxes.flatMap((box, cluster): Target[] =>
      box
        ? [{ ...box, row: area.row + box.row, column: area.column + box.column, command: { id: 'cluster', cluster } }]
        : [],
    ),
  ];
}

/** The map's pane: neurons that answer alike lie together. */
export function mapPane(state: ScreenState, pane: MapLayout): Part {
  const map = mapOf(state);
  const title = titleBlock(state, pane.title);
  if (!map || pane.area.rows < 1) {
    const reason = reasonFor(state, 'map');
    return { blocks: reason ? [title, reasonBlock(pane.area, reason)] : [title] };
  }
  const hasPictures = reasonFor(state, 'pictures') === undefined && picturesOf(state) !== undefined;
  const found = places(map, hasPictures, pane.area.rows, pane.area.columns, state.theme);
  return {
    blocks: [title, ...(pane.tree ? [treeBlock(state, pane.tree)] : [])],
    overlays: [{ ...pane.area, cells: marked(state, map, found) }],
    pictures: clusterPictures(state, map, pane, found),
    targets: targetsOf(pane, map, found),
  };
}
