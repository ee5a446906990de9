import type { Cell, Rgb } from '../cells/cells.ts';

/** The terminal's own colours in a picture. */
export interface PictureTheme {
  foreground: Rgb;
  background: Rgb;
}

export const darkPicture: PictureTheme = { foreground: [216, 216, 216], background: [17, 19, 24] };
export const lightPicture: PictureTheme = { foreground: [36, 41, 47], background: [255, 255, 255] };

/** `share` of the way from one colour to another. */
export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2): number => Math.round(from[index] + (to[index] - from[index]) * share);
  return [channel(0), channel(1), channel(2)];
}

/** Ink and paper of a cell: defaults filled in, inverse swapped, dim half way to the paper. */
export function inkAndPaper(cell: Cell, theme: PictureTheme): { ink: Rgb; paper: Rgb } {
  let ink = cell.foreground ?? theme.foreground;
  let paper = cell.background ?? theme.background;
  if (cell.inverse) [ink, paper] = [paper, ink];
  return { ink: cell.dim ? mix(ink, paper, 0.45) : ink, paper };
}
