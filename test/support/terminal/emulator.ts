import type { IBufferCell, Terminal as TerminalType } from '@xterm/headless';
import xterm from '@xterm/headless';
import type { Cell, CellGrid, Rgb, Size } from '../../../src/imaging/cells/cells.ts';
import { xtermColours } from '../../../src/imaging/colour/terminal-colours.ts';

/** A terminal emulator without a window (xterm.js); what it shows can be read as cells. */
export class Emulator {
  readonly terminal: TerminalType;

  constructor({ columns, rows }: Size) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
  }

  /** Resolves when the bytes have been carried out. */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.terminal.write(data, resolve);
    });
  }

  /** Changes the window's size. */
  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
  }

  get size(): Size {
    return { columns: this.terminal.cols, rows: this.terminal.rows };
  }

  /** Whether the alternate screen is shown. */
  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate';
  }

  /** Where the cursor is, from 0. */
  get cursor(): { row: number; column: number } {
    const { cursorX, cursorY } = this.terminal.buffer.active;
    return { row: cursorY, column: cursorX };
  }

  /** What is on the screen now. Theme colours are the arrays of `ansiColours`; default colours are absent. */
  screen(): CellGrid {
    const buffer = this.terminal.buffer.active;
    return Array.from({ length: this.terminal.rows }, (_, row) => {
      const line = buffer.getLine(buffer.viewportY + row)!;
      return Array.from({ length: this.terminal.cols }, (__, column) => cellOf(line.getCell(column)!));
    });
  }

  dispose(): void {
    this.terminal.dispose();
  }
}

function colourOf(isDefault: boolean, isRgb: boolean, value: number): Rgb | undefined {
  if (isDefault) return undefined;
  return isRgb ? [value >> 16, (value >> 8) & 255, value & 255] : xtermColours[value];
}

function cellOf(cell: IBufferCell): Cell {
  const foreground = colourOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor());
  const background = colourOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor());
  return {
    text: cell.getWidth() === 0 ? '' : cell.getChars() || ' ',
    ...(foreground && { foreground }),
    ...(background && { background }),
    ...(cell.isBold() && { bold: true }),
    ...(cell.isDim() && { dim: true }),
    ...(cell.isItalic() && { italic: true }),
    ...(cell.isUnderline() && { underline: true }),
    ...(cell.isInverse() && { inverse: true }),
  };
}
