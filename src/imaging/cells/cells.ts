/** [red, green, blue], 0..255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** What the terminal can show; `none` also for NO_COLOR. */
export type ColourDepth = 'truecolour' | '256' | '16' | 'none';

/** One character cell. Absent colours are the terminal's own. */
export interface Cell {
  /** One grapheme; a wide one is followed by a cell whose `text` is empty. */
  text: string;
  foreground?: Rgb;
  background?: Rgb;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  inverse?: boolean;
  /** The number 0..255 of kitty's picture that the text stands for a part of; sent in place of a text colour. */
  imageId?: number;
  /** The picture that the terminal itself draws over this cell. */
  stamp?: Stamp;
}

/** A rectangle of the screen, in cells, from the top left corner (0, 0). */
export interface Rectangle {
  row: number;
  column: number;
  rows: number;
  columns: number;
}

/** A picture that the terminal itself draws, in pixels, over cells kept blank for it. */
export interface Stamp extends Rectangle {
  /** Draws it; the cursor stands on its top left cell. */
  draw: string;
  /** Takes it away, where text does not do that. */
  erase?: string;
}

/** A picture made of cells: [rows][columns]. */
export type CellGrid = Cell[][];

/** A picture and its place on the screen, painted over what Ink left empty there. */
export interface Overlay extends Rectangle {
  cells: CellGrid;
}

export interface Size {
  columns: number;
  rows: number;
}

/** A picture made of pixels, 0..255: [height, width, channels] row-major, 1 (grey) or 3 (colour) channels. */
export interface Raster {
  height: number;
  width: number;
  channels: number;
  pixels: Uint8Array;
}

/**
 * A raster and its place on the screen. It is fitted into the rectangle with its proportions kept, from the top left;
 * the terminal's picture protocol draws it, or block characters where there is none.
 */
export interface Picture extends Rectangle {
  raster: Raster;
  /** Names the pixels: the same key means the same raster, so that nothing is sent twice. */
  key: string;
}
