import type { NeuronPatches, Patch } from '../../engine/analysis/questions/messages.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Overlay, Picture } from '../../imaging/cells/cells.ts';
import { blankGrid, putCells } from '../../imaging/cells/grid.ts';
import { lineCells, type Target, type TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { part } from '../frame/layout.ts';
import { epochOf, patchesOf } from '../layer/explored.ts';
import { clocked, recordName } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';
import { decimalsFor, grouped } from '../text/numbers.ts';
import { fit, muted, span, type Line } from '../text/spans.ts';
import { tileAt, type PatchesLayout, type SheetLayout } from './layout.ts';
import {
  className,
  facetNumber,
  listedPatches,
  ownClass,
  patchCursor,
  patchPart,
  pictureKey,
  picturesByPatch,
  selectedFacet,
} from './scene.ts';
import { sidePart } from './patch-classes.ts';
import { lackingBlock, paneTitle, plainBlock, type Part } from '../frame/pane.ts';

/** The first of the listed patches on the page with the cursor, and how many a page has. */
export function sheetPage(state: ScreenState, { across, down }: SheetLayout): { first: number; count: number } {
  const count = across * down;
  return { first: Math.floor(patchCursor(state) / count) * count, count };
}

function titleBlock(state: ScreenState, layout: PatchesLayout): TextBlock {
  const patches = patchesOf(state);
  const facet = selectedFacet(state);
  const total = listedPatches(state).length;
  const { first, count } = sheetPage(state, layout.sheet);
  const range = `  ${grouped(first + 1)}-${grouped(Math.min(total, first + count))} of ${grouped(total)}`;
  const rest = [
    ...(facet === undefined ? [] : [span(` of facet ${facetNumber(facet)}`, 'cursor', 1)]),
    ...(total > 0
      ? [muted(range, 1), muted(facet === undefined ? ', strongest first' : ', most typical first', 3)]
      : []),
    ...(patches && patches.epoch !== epochOf(state)
      ? [span(`  of ${recordName(shownRun(state), patches.epoch)}`, 'warning', 2)]
      : []),
  ];
  const name = facet === undefined ? 'strongest patches' : 'patches';
  return paneTitle(state, layout.title, { pane: 'patches', name, rest });
}

/** A patch's class and activation; a class that is not the neuron's own is marked. */
function caption(state: ScreenState, patch: Patch, columns: number, isCursor: boolean): Line {
  const own = ownClass(state);
  const isForeign = own !== undefined && patch.label >= 0 && patch.label !== own;
  const strongest = Math.abs(patchesOf(state)?.patches[0]?.activation ?? 1);
  const number = formatFixed(patch.activation, Math.min(3, decimalsFor(strongest)), 0, state.theme.ascii);
  const mark = isForeign ? glyphsOf(state.theme).differs : '';
  const room = Math.max(0, columns - number.length - 1 - mark.length);
  const name = fit(patch.label >= 0 ? className(state, patch.label) : '', room);
  if (isCursor) return [{ text: fit(`${mark}${name} ${number}`, columns), token: 'selected' }];
  return [{ text: mark, token: 'warning' }, span(name, isForeign ? 'warning' : undefined), muted(` ${number}`)];
}

interface Tile {
  /** An index into the neuron's patches. */
  patch: number;
  place: ReturnType<typeof tileAt>;
  isCursor: boolean;
}

function tilesOf(state: ScreenState, sheet: SheetLayout): Tile[] {
  const listed = listedPatches(state);
  const { first, count } = sheetPage(state, sheet);
  const shown = clamp(listed.length - first, 0, count);
  return Array.from({ length: shown }, (_, index) => ({
    patch: listed[first + index],
    place: tileAt(sheet, index),
    isCursor: state.panes.neuron === 'patches' && first + index === patchCursor(state),
  }));
}

function sheetOverlay(state: ScreenState, sheet: SheetLayout, patches: NeuronPatches, tiles: readonly Tile[]): Overlay {
  const cells = blankGrid(sheet);
  const pictures = picturesByPatch(patches);
  for (const { patch, place, isCursor } of tiles) {
    const entry = patches.patches[patch];
    if (!entry) continue;
    const row = place.row - sheet.row;
    const column = place.column - sheet.column;
    const text = caption(state, entry, place.columns, isCursor);
    putCells(cells, row + place.rows - 1, column, lineCells(text, place.columns, state.theme));
    if (pictures.has(patch)) continue;
    const missing: Line = [{ text: `#${entry.image}`, token: 'muted' }];
    putCells(cells, row + Math.floor((place.rows - 1) / 2), column, lineCells(missing, place.columns, state.theme));
  }
  return { ...part(sheet, 0, sheet.rows), cells };
}

function sheetPictures(
  state: ScreenState,
  sheet: SheetLayout,
  patches: NeuronPatches,
  tiles: readonly Tile[],
): Picture[] {
  const pictures = picturesByPatch(patches);
  return tiles.flatMap(({ patch, place }) => {
    const raster = pictures.get(patch);
    if (!raster || sheet.picture.rows < 1) return [];
    const key = pictureKey(state, patches.epoch, `patch ${patch}`);
    return [{ ...place, ...sheet.picture, raster, key }];
  });
}

/** The neuron's strongest patches, or a facet's, as pictures with class and activation. */
export function patchParts(state: ScreenState, layout: PatchesLayout): Part {
  const patches = patchesOf(state);
  const { sheet } = layout;
  const title = titleBlock(state, layout);
  // Words take the whole pane.
  const whole = { ...sheet, column: layout.title.column, columns: layout.title.columns };
  if (!patches) {
    const words = ['Its strongest patches appear', 'Reading the strongest patches…'] as const;
    return { blocks: [title, lackingBlock(state, whole, ['patches'], words)] };
  }
  if (patches.patches.length === 0) {
    const words = `No ${patchPart(state)} image activates this neuron: it is dead at this epoch, and has no patches.`;
    return { blocks: [title, plainBlock(whole, clocked(shownRun(state), words))] };
  }
  const side = layout.side && sidePart(state, layout.side, patches);
  const tiles = tilesOf(state, sheet);
  const { first } = sheetPage(state, sheet);
  return {
    blocks: [title, ...(side?.blocks ?? [])],
    overlays: sheet.rows > 0 && sheet.columns > 0 ? [sheetOverlay(state, sheet, patches, tiles)] : [],
    pictures: [...(side?.pictures ?? []), ...sheetPictures(state, sheet, patches, tiles)],
    targets: tiles.map(({ place }, index): Target => ({ ...place, command: { id: 'patch', index: first + index } })),
  };
}
