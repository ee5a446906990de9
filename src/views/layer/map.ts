import type { LayerMap } from '../../engine/analysis/questions/messages.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import { BrailleCanvas } from '../../imaging/charts/braille.ts';
import type { CellGrid, Picture, Rectangle, Size } from '../../imaging/cells/cells.ts';
import { putCell, putText } from '../../imaging/cells/grid.ts';
import { contrastingColour } from '../../imaging/colour/oklab.ts';
import type { Target, TextBlock } from '../frame/frame.ts';
import { part } from '../frame/layout.ts';
import { memoize } from '../frame/memoize.ts';
import { lackingBlock, paneTitle, type Part } from '../frame/pane.ts';
import { attachLargest, mapToCells, type CellPoint } from '../frame/placement.ts';
import { recordName } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { muted, span, type Line } from '../text/spans.ts';
import { styleOf, type Style, type Theme } from '../theme/theme.ts';
import { epochOf, mapOf, neuronOf, picturesOf, reasonFor } from './explored.ts';
import { nameOf, type MapLayout } from './layout.ts';
import { clusterColour, clusterMark, clusterSizes, clusterStyle, outlierMarks } from './marks.ts';
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
  const selected = state.exploration.cluster;
  const cells = rings.map((row) => [...row]);
  const put = ({ row, column }: CellPoint, text: string, style: Style): void =>
    putText(cells, row, column, text, style);
  // A sign of one cell, of which there are many, need not be taken apart.
  const mark = ({ row, column }: CellPoint, text: string, style: Style): void => {
    if (cells[row]) putCell(cells[row], column, { ...style, text });
  };
  const ofCluster = (neuron: number): boolean => map.labels[neuron] === selected;
  const neurons = Array.from(points.keys()).sort((one, other) => Number(ofCluster(one)) - Number(ofCluster(other)));
  for (const neuron of neurons) {
    const cluster = map.labels[neuron] ?? 0;
    const style = clusterStyle(cluster, theme);
    mark(points[neuron], clusterMark(cluster, theme), cluster === selected ? { ...style, bold: true } : style);
  }
  // Of several marks of a neuron the first is the gravest.
  for (const { neuron, kind } of map.flags.toReversed()) {
    const { letter, token } = outlierMarks[kind];
    if (points[neuron]) mark(points[neuron], letter, styleOf(token, theme));
  }
  const badge = (cluster: number): Style => {
    const background = clusterColour(cluster, theme);
    return background
      ? { background, foreground: contrastingColour(background), bold: true }
      : { inverse: true, bold: true };
  };
  map.medoids.forEach((medoid, cluster) => {
    if (points[medoid]) put(points[medoid], String(cluster + 1), badge(cluster));
  });
  boxes.forEach((box, cluster) => {
    if (!box) return;
    const text = captionOf(cluster, sizes[cluster] ?? 0, theme);
    const style = cluster === selected ? badge(cluster) : clusterStyle(cluster, theme);
    const indent = picture.rows > 0 ? Math.max(0, Math.floor((box.columns - text.length) / 2)) : 0;
    put({ row: box.row + box.rows - 1, column: box.column + indent }, text, style);
  });
  const chosen = state.exploration.neuron === undefined ? undefined : points[neuronOf(state)];
  if (chosen) put(chosen, cells[chosen.row]?.[chosen.column]?.text ?? ' ', { inverse: true, bold: true });
  return cells;
}

function clusterPictures(state: ScreenState, map: LayerMap, pane: MapLayout, { boxes, picture }: MapPlaces): Picture[] {
  const pictures = picturesOf(state);
  if (!pictures || picture.rows === 0) return [];
  const run = shownRun(state).header?.id ?? '';
  return boxes.flatMap((box, cluster) => {
    const raster = pictures.clusters[cluster];
    if (!box || !raster) return [];
    const key = `${run} ${map.layer} ${map.epoch} cluster ${map.linkage} ${map.k} ${cluster} ${pictures.epoch}`;
    const column = box.column + Math.floor((box.columns - picture.columns) / 2);
    return [{ ...part(pane.area, box.row, picture.rows, column, picture.columns), raster, key }];
  });
}

/** What of the map is not yet, or not any more, as it was asked for. */
function progressOf(state: ScreenState, map: LayerMap): string {
  const epoch = epochOf(state);
  const of = `  of ${recordName(shownRun(state), map.epoch)}`;
  if ((map.asked ?? map.epoch) !== epoch) return `${of}; measuring distances…`;
  const isOther =
    map.linkage !== state.toggles.linkage || map.k !== Math.min(state.exploration.settings.clusters, map.labels.length);
  if (isOther) return '  clustering…';
  if (!map.settled) return '  settles…';
  return map.epoch === epoch ? '' : of;
}

/** What the map is of, and how far it is. */
function titleBlock(state: ScreenState, area: Rectangle): TextBlock {
  const map = mapOf(state);
  const named = { pane: 'map', name: nameOf(state, 'map') } as const;
  if (!map || reasonFor(state, 'map')) return paneTitle(state, area, { ...named, rest: [] });
  const rest: Line = [
    span(`  ${map.k} ${map.k === 1 ? 'cluster' : 'clusters'}`, 'series2', 1),
    muted(`  ${map.linkage} linkage`, 3),
    muted(`  stress ${formatFixed(map.stress, 3, 0, state.theme.ascii)}`, 4),
    span(progressOf(state, map), 'warning', 2),
  ];
  return paneTitle(state, area, { ...named, rest });
}

function targetsOf(pane: MapLayout, map: LayerMap, { points, boxes }: MapPlaces): Target[] {
  const { area } = pane;
  const cell = (point: CellPoint): Rectangle => part(area, point.row, 1, point.column, 1);
  return [
    ...[pane.title, area].map((place): Target => ({ ...place, command: { id: 'pane', pane: 'map' } })),
    ...points.map((point, neuron): Target => ({ ...cell(point), command: { id: 'neuron', neuron } })),
    ...Array.from(map.medoids, (medoid, cluster): Target => ({
      ...cell(points[medoid] ?? { row: 0, column: 0 }),
      command: { id: 'cluster', cluster },
    })),
    ...boxes.flatMap((box, cluster): Target[] =>
      box ? [{ ...part(area, box.row, box.rows, box.column, box.columns), command: { id: 'cluster', cluster } }] : [],
    ),
  ];
}

/** The map's pane: neurons with similar activations lie together. */
export function mapPane(state: ScreenState, pane: MapLayout): Part {
  const map = mapOf(state);
  const title = titleBlock(state, pane.title);
  if (!map || pane.area.rows < 1) {
    const words = ['The map of its neurons appears', 'measuring distances…'] as const;
    return { blocks: map ? [title] : [title, lackingBlock(state, pane.area, ['map'], words)] };
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
