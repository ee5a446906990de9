import './polyfill.ts';
import { renderToString } from 'ink';
import type { CellGrid, Rectangle } from '../../imaging/cells/cells.ts';
import { compose } from '../../imaging/cells/grid.ts';
import { cutOut, overlap } from '../../imaging/pictures/placing.ts';
import { frameCells, pictureCells } from '../frame/frame.ts';
import { VirtualScreen } from '../../imaging/terminal/virtual-screen.ts';
import type { ScreenState } from '../model/state.ts';
import { Clicks } from './clicks.tsx';
import type { Drawing } from './render-frame.ts';
import { Screen } from './screen.tsx';
import { dataView } from './view.ts';

/**
 * What is on the screen in a state, as Ink and the painter draw it together, without a terminal. Pictures under a
 * dialog are among the cells, made of characters, for the dialog to cover.
 * @returns also what a dialog lies over
 */
export function renderScreen(state: ScreenState): Drawing & { cover: Rectangle | undefined } {
  const { size, theme } = state;
  const frame = dataView(state);
  if (frame && !state.dialog) {
    return { cells: frameCells({ ...frame, pictures: [] }, theme), pictures: frame.pictures ?? [], cover: undefined };
  }
  let cover: Rectangle | undefined;
  const onCover = (area: Rectangle | undefined): void => {
    cover ??= area;
  };
  const screen = new VirtualScreen(size);
  screen.write(renderToString(<Screen state={state} clicks={new Clicks()} onCover={onCover} />, size));
  const pictures = frame?.pictures ?? [];
  const isCovered = (area: Rectangle): boolean => cover !== undefined && overlap(area, cover);
  const canvas = frame && {
    ...{ row: 0, column: 0, ...size },
    cells: frameCells({ ...frame, pictures: pictures.filter(isCovered) }, theme),
  };
  const canvases = canvas ? (cover ? cutOut(canvas, cover) : [canvas]) : [];
  return {
    cells: compose(screen.cells, canvases),
    pictures: pictures.filter((picture) => !isCovered(picture)),
    cover,
  };
}

/** The same as cells alone: pictures are made of characters. */
export function renderCells(state: ScreenState): CellGrid {
  const { cells, pictures } = renderScreen(state);
  return compose(
    cells,
    pictures.map((picture) => pictureCells(picture, state.theme)),
  );
}
