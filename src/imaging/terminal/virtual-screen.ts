import type { Cell, CellGrid, Size } from '../cells/cells.ts';
import { graphemesOf, widthOf } from '../cells/graphemes.ts';
import { blankCell, blankGrid, putCell, sameStyle, type CellStyle } from '../cells/grid.ts';
import { applySgr } from '../cells/sgr.ts';

// A control sequence, a string (OSC, DCS, APC, ...), another escape, a control character, or text up to the next one.
const token =
  // eslint-disable-next-line no-control-regex
  /\u001b\[([<-?]?)([0-9;:]*)([ -/]*)([@-~])|\u001b[\]P_^X][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-~]|[\u0000-\u001f\u007f]|[^\u0000-\u001f\u007f\u001b]+/g;

/**
 * The screen as Ink believes it to be: what it writes is carried out here instead of on the terminal. Understands what
 * Ink and its helpers emit (text, SGR, cursor moves, erasing, the alternate screen); text is cut at the right edge and
 * the screen never scrolls but for a line feed on the last row.
 */
export class VirtualScreen {
  cells: CellGrid;
  row = 0;
  column = 0;
  isCursorShown = true;
  isAlternate = false;
  #size: Size;
  #style: CellStyle = {};
  #saved: readonly [row: number, column: number] = [0, 0];

  constructor(size: Size) {
    this.#size = size;
    this.cells = blankGrid(size);
  }

  get size(): Size {
    return this.#size;
  }

  /** Cuts or extends at the right and the bottom; the cursor stays inside. */
  resize(size: Size): void {
    const before = this.cells;
    this.#size = size;
    this.cells = blankGrid(size);
    for (let row = 0; row < Math.min(size.rows, before.length); row++) {
      before[row].slice(0, size.columns).forEach((cell, column) => {
        const isCut = column === size.columns - 1 && before[row][column + 1]?.text === '';
        this.cells[row][column] = isCut ? blankCell : cell;
      });
    }
    this.#moveTo(this.row, this.column);
  }

  /** Blank, cursor at the top left, plain style. */
  clear(): void {
    this.cells = blankGrid(this.#size);
    this.#style = {};
    this.#moveTo(0, 0);
  }

  /**
   * Carries out `data`.
   * @returns the sequences that are not about cells (modes, queries, titles), to be sent on as they are
   */
  write(data: string): string {
    let rest = '';
    for (const match of data.matchAll(token)) {
      const [text, marker, parameters, intermediates, final] = match;
      if (final !== undefined) {
        if (marker === '' && intermediates === '' && this.#control(final, parameters)) continue;
        if (marker === '?' && (final === 'h' || final === 'l')) this.#mode(parameters, final === 'h');
        rest += text;
      } else if (text.startsWith('\u001b')) {
        if (text === '\u001b7') this.#saved = [this.row, this.column];
        else if (text === '\u001b8') this.#moveTo(...this.#saved);
        else rest += text;
      } else if (text < ' ' || text === '\u007f') this.#controlCharacter(text);
      else this.#print(text);
    }
    return rest;
  }

  #moveTo(row: number, column: number): void {
    this.row = Math.max(0, Math.min(this.#size.rows - 1, row));
    this.column = Math.max(0, Math.min(this.#size.columns - 1, column));
  }

  #print(text: string): void {
    const row = this.cells[this.row];
    for (const grapheme of graphemesOf(text)) {
      const width = widthOf(grapheme);
      if (width === 0 || !row) continue;
      if (this.column + width > this.#size.columns) {
        this.column = this.#size.columns;
        continue;
      }
      putCell(row, this.column, this.#cell(grapheme));
      if (width === 2) putCell(row, this.column + 1, this.#cell(''));
      this.column += width;
    }
  }

  #cell(text: string): Cell {
    return text === ' ' && sameStyle(this.#style, {}) ? blankCell : { ...this.#style, text };
  }

  #controlCharacter(character: string): void {
    if (character === '\r') this.column = 0;
    else if (character === '\b') this.#moveTo(this.row, this.column - 1);
    else if (character === '\t') this.#moveTo(this.row, (Math.floor(this.column / 8) + 1) * 8);
    else if (character === '\n') {
      // The terminal driver sends a carriage return along, in raw mode too.
      this.column = 0;
      if (this.row < this.#size.rows - 1) this.row++;
      else {
        this.cells.shift();
        this.cells.push(new Array<Cell>(this.#size.columns).fill(blankCell));
      }
    }
  }

  #control(final: string, text: string): boolean {
    const parameters = text.split(';').map((parameter) => Number(parameter || '0'));
    const first = parameters[0];
    const count = Math.max(1, first);
    if (final === 'm') this.#style = applySgr(this.#style, text);
    else if (final === 'A') this.#moveTo(this.row - count, this.column);
    else if (final === 'B') this.#moveTo(this.row + count, this.column);
    else if (final === 'C') this.#moveTo(this.row, this.column + count);
    else if (final === 'D') this.#moveTo(this.row, this.column - count);
    else if (final === 'E') this.#moveTo(this.row + count, 0);
    else if (final === 'F') this.#moveTo(this.row - count, 0);
    else if (final === 'G') this.#moveTo(this.row, count - 1);
    else if (final === 'd') this.#moveTo(count - 1, this.column);
    else if (final === 'H' || final === 'f') this.#moveTo(count - 1, Math.max(1, parameters[1] ?? 1) - 1);
    else if (final === 's') this.#saved = [this.row, this.column];
    else if (final === 'u') this.#moveTo(...this.#saved);
    else if (final === 'K') this.#eraseLine(first);
    else if (final === 'J') this.#eraseScreen(first);
    else return false;
    return true;
  }

  #erase(row: number, from: number, to: number): void {
    for (let column = from; column < to; column++) putCell(this.cells[row], column, blankCell);
  }

  #eraseLine(part: number): void {
    const { columns } = this.#size;
    this.#erase(this.row, part === 0 ? this.column : 0, part === 1 ? Math.min(columns, this.column + 1) : columns);
  }

  #eraseScreen(part: number): void {
    if (part <= 1) this.#eraseLine(part);
    const [from, to] = part === 0 ? [this.row + 1, this.#size.rows] : [0, part === 1 ? this.row : this.#size.rows];
    for (let row = from; row < to; row++) this.#erase(row, 0, this.#size.columns);
  }

  #mode(parameters: string, isSet: boolean): void {
    for (const mode of parameters.split(';')) {
      if (mode === '25') this.isCursorShown = isSet;
      else if (mode === '1049' || mode === '1047' || mode === '47') {
        this.isAlternate = isSet;
        this.clear();
      }
    }
  }
}
