import type { CellGrid, ColourDepth, Picture, Rgb } from '../cells/cells.ts';
import { pngFile } from '../files/png-file.ts';
import { enlargedIndices, quantisedInTurns, type IndexedRaster } from './quantise.ts';
import { fitInCells, resized, type CellSize, type Fit, type PixelSize } from './fit.ts';
import { largestPlacement, placeholderCells, transmitForPlaceholders, transmitForPlacing } from './kitty.ts';
import type { PictureProtocol } from './protocol.ts';
import { sixelColours, sixelSequence } from './sixel.ts';
import { nextTurn } from './yield.ts';

/** How pictures are drawn on a terminal. */
export interface PictureMode {
  protocol: PictureProtocol;
  cell: CellSize;
  depth: ColourDepth;
  ascii: boolean;
  isLight: boolean;
  /** The terminal's own, for what sixel cannot leave out. */
  background: Rgb;
  /** Colours of a sixel picture, its background among them. */
  registers: number;
  /** Puts a sequence into what a multiplexer hands on to the terminal outside. */
  wrap: (sequence: string) => string;
}

/** Protocols that draw pixels. */
export type PixelProtocol = Exclude<PictureProtocol, 'blocks' | 'off'>;

/** A picture as it is sent: handed over once, or drawn each time. */
export interface EncodedPicture {
  columns: number;
  rows: number;
  /** Sent once, before it is shown. */
  handOver: string;
  /** Cells that show what was handed over. */
  cells?: CellGrid;
  /** Draws it at the cursor. */
  draw?: string;
}

/** Cells that a picture takes by a protocol: what its pixels touch. */
export function fitByProtocol(picture: Picture, protocol: PixelProtocol, cell: CellSize): Fit {
  const columns = Math.min(picture.columns, largestPlacement);
  const rows = Math.min(picture.rows, largestPlacement);
  const fit = fitInCells(picture.raster, { columns, rows }, cell);
  // Sixels come six rows at a time; the last must not reach the cell below.
  const least = Math.floor((rows * cell.height) / 6) * 6;
  if (protocol !== 'sixel' || fit.pixels.height <= least || least === 0) return fit;
  return fitInCells(picture.raster, { columns, rows: least / cell.height }, cell);
}

/** The picture in its final size, in at most that many colours. */
async function indexed({ raster }: Picture, { pixels }: Fit, colours: number): Promise<IndexedRaster> {
  const factor = pixels.width / raster.width;
  const isWhole = factor > 1 && Number.isInteger(factor) && factor === pixels.height / raster.height;
  // Few pixels are quicker to sort into colours than the many they become.
  if (isWhole) return enlargedIndices(await quantisedInTurns(raster, colours), factor);
  const size = resized(raster, pixels.width, pixels.height);
  // Each step takes a while for a large picture.
  if (size !== raster) await nextTurn();
  return quantisedInTurns(size, colours);
}

/**
 * A PNG of exactly `box` pixels with the picture at its top left, the rest transparent.
 * @param raster of at most 255 colours where the box is larger than it
 */
export function palettePng(raster: IndexedRaster, box: PixelSize): Promise<Buffer> {
  const { width, height, indices, palette } = raster;
  const isPadded = box.width > width || box.height > height;
  const scanlines = Buffer.alloc(box.height * (box.width + 1), isPadded ? palette.length : 0);
  for (let y = 0; y < box.height; y++) {
    const start = y * (box.width + 1);
    scanlines[start] = 0;
    if (y < height) scanlines.set(indices.subarray(y * width, (y + 1) * width), start + 1);
  }
  return pngFile({
    ...box,
    scanlines,
    palette: isPadded ? [...palette, [0, 0, 0]] : palette,
    ...(isPadded && { transparent: palette.length }),
  });
}

/**
 * The sequence by which iTerm2 and its like draw a picture at the cursor, over exactly these cells. Through term-img,
 * which knows some terminals by their environment and wraps for tmux; for those it does not know (over SSH, say) the
 * sequence is the same.
 */
async function iterm2Sequence(png: Uint8Array, { columns, rows }: { columns: number; rows: number }): Promise<string> {
  const { default: terminalImage } = await import('term-img');
  const ownSequence = (): string => {
    const data = Buffer.from(png);
    const size = `width=${columns};height=${rows};preserveAspectRatio=0;size=${data.length}`;
    return `\u001b]1337;File=inline=1;${size}:${data.toString('base64')}\u0007`;
  };
  return terminalImage(png, { width: columns, height: rows, preserveAspectRatio: false, fallback: ownSequence });
}

/**
 * A picture as a protocol wants it. What takes long runs beside the main thread or in steps.
 * @param id for kitty, see {@link import('./kitty.ts').imageNumber}
 */
export async function encodePicture(
  picture: Picture,
  protocol: PixelProtocol,
  mode: PictureMode,
  id: number,
): Promise<EncodedPicture> {
  const fit = fitByProtocol(picture, protocol, mode.cell);
  const columns = Math.ceil(fit.columns);
  const rows = Math.ceil(fit.rows);
  const place = { columns, rows };
  if (protocol === 'sixel') {
    const raster = await indexed(picture, fit, sixelColours(mode.registers));
    await nextTurn();
    return { ...place, handOver: '', draw: await sixelSequence(raster, mode.background) };
  }
  // Exactly the cells' pixels, so that nothing is stretched to them.
  const box = {
    width: Math.max(fit.pixels.width, Math.round(columns * mode.cell.width)),
    height: Math.max(fit.pixels.height, Math.round(rows * mode.cell.height)),
  };
  const raster = await indexed(picture, fit, 255);
  await nextTurn();
  const png = await palettePng(raster, box);
  if (protocol === 'iterm2') return { ...place, handOver: '', draw: await iterm2Sequence(png, place) };
  if (protocol === 'kitty-direct') return { ...place, handOver: transmitForPlacing(id, png, mode.wrap) };
  return {
    ...place,
    handOver: transmitForPlaceholders(id, png, place, mode.wrap),
    cells: placeholderCells(id, place),
  };
}
