import type { CellGrid, Picture, Size } from '../../imaging/cells/cells.ts';
import { frameCells, type Frame } from '../frame/frame.ts';
import { reduce } from '../model/reducer.ts';
import type { ScreenState } from '../model/state.ts';
import type { Theme } from '../theme/theme.ts';
import { dataView } from './view.ts';

/** What there is to see, without a terminal: cells, and what a medium with pixels draws over them. */
export interface Drawing {
  cells: CellGrid;
  pictures: readonly Picture[];
}

/** The state at a size and in a theme: scrolling and layout follow. */
export const sizedState = (state: ScreenState, size: Size, theme: Partial<Theme> = {}): ScreenState =>
  reduce({ ...state, theme: { ...state.theme, ...theme } }, { source: 'resize', size }).state;

function frameAt(state: ScreenState, size: Size): { frame: Frame; theme: Theme } {
  const sized = sizedState(state, size);
  const frame = dataView(sized);
  if (!frame) throw new Error('the home screen shows no run');
  return { frame, theme: sized.theme };
}

/**
 * What a state shows of a run, without loading Ink: the same frame that Ink and the painter share on the screen, all of
 * it as cells. Pictures are made of characters.
 */
export function renderFrame(state: ScreenState, size: Size): CellGrid {
  const { frame, theme } = frameAt(state, size);
  return frameCells(frame, theme);
}

/** The same for a medium with pixels: what is to be drawn over the cells comes apart. */
export function renderPicture(state: ScreenState, size: Size): Drawing {
  const { frame, theme } = frameAt(state, size);
  return { cells: frameCells({ ...frame, pictures: [] }, theme), pictures: frame.pictures ?? [] };
}
