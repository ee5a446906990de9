import type { CellGrid, Picture, Size } from '../../imaging/cells/cells.ts';
import { overlap } from '../../imaging/pictures/placing.ts';
import { frameCells, type Frame } from '../frame/frame.ts';
import { reduce } from '../model/reducer.ts';
import type { ScreenState } from '../model/state.ts';
import type { Theme } from '../theme/theme.ts';
import { view } from './view.ts';

/** A state's frame at a size and in a theme: scrolling and layout follow. */
function sizedFrame(state: ScreenState, size: Size, theme: Partial<Theme>): { frame: Frame; theme: Theme } {
  const sized = reduce({ ...state, theme: { ...state.theme, ...theme } }, { source: 'resize', size }).state;
  return { frame: view(sized), theme: sized.theme };
}

/**
 * What a state looks like, without a terminal and without Ink.
 * @param size instead of the state's own
 * @param theme parts of the theme to change, such as the depth of colour
 */
export function renderFrame(state: ScreenState, size: Size = state.size, theme: Partial<Theme> = {}): CellGrid {
  const sized = sizedFrame(state, size, theme);
  return frameCells(sized.frame, sized.theme);
}

/**
 * The same for a medium with pixels: what is to be drawn over the cells comes apart. Pictures under a dialog are among
 * the cells, made of characters, for the dialog to cover.
 */
export function renderPicture(
  state: ScreenState,
  size: Size = state.size,
  theme: Partial<Theme> = {},
): { cells: CellGrid; pictures: readonly Picture[] } {
  const sized = sizedFrame(state, size, theme);
  const { dialog, pictures = [] } = sized.frame;
  const isCovered = (picture: Picture): boolean => dialog !== undefined && overlap(picture, dialog);
  return {
    cells: frameCells({ ...sized.frame, pictures: pictures.filter(isCovered) }, sized.theme),
    pictures: pictures.filter((picture) => !isCovered(picture)),
  };
}
