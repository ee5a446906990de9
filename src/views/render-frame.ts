import type { CellGrid, Size } from '../imaging/cells.ts';
import { frameCells } from './frame.ts';
import { reduce } from './model/reducer.ts';
import type { ScreenState } from './model/state.ts';
import type { Theme } from './theme.ts';
import { view } from './view.ts';

/**
 * What a state looks like, without a terminal and without Ink.
 * @param size instead of the state's own: scrolling and layout follow
 * @param theme parts of the theme to change, such as the depth of colour
 */
export function renderFrame(state: ScreenState, size: Size = state.size, theme: Partial<Theme> = {}): CellGrid {
  const sized = reduce({ ...state, theme: { ...state.theme, ...theme } }, { source: 'resize', size }).state;
  return frameCells(view(sized), sized.theme);
}
