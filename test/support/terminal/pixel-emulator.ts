import { inflateSync } from 'node:zlib';
import { decode as decodeSixel } from 'sixel';
import type { Size } from '../../../src/imaging/cells/cells.ts';
import { diacritics } from '../../../src/imaging/pictures/kitty.ts';
import { Emulator } from './emulator.ts';

/** A picture as the terminal keeps it: RGBA, row-major. */
interface Image {
  width: number;
  height: number;
  rgba: Uint8Array;
}

/** What the terminal says of itself when it is asked; what is absent it does not answer. */
export interface Persona {
  name?: string;
  attributes?: readonly number[];
  cell?: { width: number; height: number };
  /** Whether it answers kitty's question with OK. */
  kitty?: boolean;
  registers?: number;
  /** Raw answers to the last question (device attributes) instead of the attributes. */
  lastAnswer?: string;
  /** Milliseconds until it answers. */
  delay?: number;
}

/** The RGBA pixels of a PNG as this program writes them: 8 bits a channel or a palette, no filter, no interlacing. */
export function readPng(file: Buffer): Image {
  const width = file.readUInt32BE(16);
  const height = file.readUInt32BE(20);
  const isIndexed = file[25] === 3;
  let palette: Buffer = Buffer.alloc(0);
  let opacities: Buffer = Buffer.alloc(0);
  const packed: Buffer[] = [];
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const data = file.subarray(at + 8, at + 8 + length);
    if (type === 'PLTE') palette = data;
    if (type === 'tRNS') opacities = data;
    if (type === 'IDAT') packed.push(data);
    at += length + 12;
  }
  const lines = inflateSync(Buffer.concat(packed));
  const rgba = new Uint8Array(width * height * 4);
  const bytes = isIndexed ? 1 : 3;
  for (let y = 0; y < height; y++) {
    const line = y * (width * bytes + 1);
    if (lines[line] !== 0) throw new Error(`PNG filter ${lines[line]}`);
    for (let x = 0; x < width; x++) {
      const from = line + 1 + x * bytes;
      const to = (y * width + x) * 4;
      const index = lines[from];
      rgba.set(isIndexed ? palette.subarray(3 * index, 3 * index + 3) : lines.subarray(from, from + 3), to);
      rgba[to + 3] = isIndexed ? (opacities[index] ?? 255) : 255;
    }
  }
  return { width, height, rgba };
}

type InternalTerminal = {
  _core: { _inputHandler: { print: (data: Uint32Array, start: number, end: number) => void } };
};

/**
 * A terminal emulator that also shows pictures: sixel, iTerm2's, and kitty's with placeholders and without. Its pixels
 * can be read. Text erases what sixel and iTerm2 drew, as in the terminals it stands for.
 */
export class PixelEmulator extends Emulator {
  readonly cell: { width: number; height: number };
  /** Numbers of kitty's images that it keeps. */
  readonly images = new Map<number, Image & { columns: number; rows: number }>();
  /** Faults that a real terminal would show: scrolling, for instance. */
  readonly faults: string[] = [];
  readonly #persona: Persona;
  readonly #placements = new Map<
    string,
    { image: Image; row: number; column: number; columns: number; rows: number }
  >();
  #canvas: Uint8Array;
  #asked = 0;
  #answered = 0;
  #held = '';
  #parts: { keys: string; data: string } | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(size: Size, persona: Persona = {}) {
    super(size);
    this.#persona = persona;
    this.cell = persona.cell ?? { width: 8, height: 16 };
    this.#canvas = new Uint8Array(this.width * this.height * 4);
    this.#listen();
  }

  /** In pixels. */
  get width(): number {
    return this.size.columns * this.cell.width;
  }

  get height(): number {
    return this.size.rows * this.cell.height;
  }

  /** Kitty's placements that text does not take away. */
  get placements(): number {
    return this.#placements.size;
  }

  /** Whether it was asked, and all its answers are on their way to the program. */
  get hasAnswered(): boolean {
    return this.#asked > 0 && this.#answered === this.#asked;
  }

  override write(data: string | Uint8Array): Promise<void> {
    // One byte a character, so that a sequence cut in two stays whole.
    this.#held +=
      typeof data === 'string' ? Buffer.from(data).toString('latin1') : Buffer.from(data).toString('latin1');
    this.#writing = this.#writing.then(() => this.#drain());
    return this.#writing;
  }

  override resize(columns: number, rows: number): void {
    super.resize(columns, rows);
    this.#canvas = new Uint8Array(this.width * this.height * 4);
  }

  /** What is at a pixel of the window, without text: [red, green, blue], or undefined where no picture is. */
  pixel(x: number, y: number): number[] | undefined {
    const at = (Math.floor(y) * this.width + Math.floor(x)) * 4;
    const rgba = this.#placeholderPixel(x, y) ?? this.#placementPixel(x, y) ?? this.#canvas.subarray(at, at + 4);
    return rgba[3] === 255 ? [...rgba.subarray(0, 3)] : undefined;
  }

  async #drain(): Promise<void> {
    for (;;) {
      const start = this.#held.indexOf('\u001b_G');
      const end = start < 0 ? -1 : this.#held.indexOf('\u001b\\', start);
      // A beginning at the very end waits for the rest.
      // eslint-disable-next-line no-control-regex
      const upTo = start >= 0 ? start : this.#held.length - (/\u001b_?$/.exec(this.#held)?.[0].length ?? 0);
      const text = this.#held.slice(0, upTo);
      this.#held = this.#held.slice(upTo);
      if (text !== '') await super.write(Buffer.from(text, 'latin1'));
      if (end < 0) return;
      const command = this.#held.slice(3, this.#held.indexOf('\u001b\\'));
      this.#held = this.#held.slice(this.#held.indexOf('\u001b\\') + 2);
      this.#kitty(command);
    }
  }

  #answer(text: string): void {
    this.#asked++;
    setTimeout(() => {
      this.terminal.input(text, false);
      this.#answered++;
    }, this.#persona.delay ?? 0);
  }

  #listen(): void {
    const { parser } = this.terminal;
    const { name, attributes, registers, cell, lastAnswer } = this.#persona;
    const hasCell = cell !== undefined;
    parser.registerCsiHandler({ prefix: '>', final: 'q' }, () => {
      if (name !== undefined) this.#answer(`\u001bP>|${name}\u001b\\`);
      return true;
    });
    parser.registerCsiHandler({ final: 'c' }, () => {
      if (lastAnswer !== undefined) this.#answer(lastAnswer);
      else if (attributes) this.#answer(`\u001b[?${attributes.join(';')}c`);
      return true;
    });
    parser.registerCsiHandler({ final: 't' }, ([what]) => {
      if (hasCell && what === 16) this.#answer(`\u001b[6;${cell.height};${cell.width}t`);
      return true;
    });
    parser.registerCsiHandler({ prefix: '?', final: 'S' }, ([what]) => {
      if (registers !== undefined && what === 1) this.#answer(`\u001b[?1;0;${registers}S`);
      return true;
    });
    parser.registerCsiHandler({ final: 'J' }, () => {
      this.#canvas.fill(0);
      this.#placements.clear();
      return false;
    });
    parser.registerCsiHandler({ final: 'K' }, () => {
      const { row, column } = this.cursor;
      this.#erase(row, column, this.size.columns);
      return false;
    });
    parser.registerOscHandler(1337, (data) => {
      this.#iterm2(data);
      return true;
    });
    parser.registerDcsHandler({ final: 'q' }, (data) => {
      this.#sixel(data);
      return true;
    });
    const input = (this.terminal as unknown as InternalTerminal)._core._inputHandler;
    const print = input.print.bind(input);
    input.print = (data, start, end) => {
      const { row, column } = this.cursor;
      print(data, start, end);
      this.#erase(row, column, this.cursor.row === row ? Math.max(this.cursor.column, column + 1) : this.size.columns);
    };
  }

  #erase(row: number, from: number, to: number): void {
    for (let y = row * this.cell.height; y < (row + 1) * this.cell.height; y++) {
      this.#canvas.fill(0, (y * this.width + from * this.cell.width) * 4, (y * this.width + to * this.cell.width) * 4);
    }
  }

  #draw(image: Image, width: number, height: number): void {
    const { row, column } = this.cursor;
    const [left, top] = [column * this.cell.width, row * this.cell.height];
    if (top + height > this.height) this.faults.push(`a picture at row ${row} reaches below the screen`);
    if (left + width > this.width) this.faults.push(`a picture at column ${column} reaches beyond the screen`);
    for (let y = 0; y < height && top + y < this.height; y++) {
      for (let x = 0; x < width && left + x < this.width; x++) {
        const from =
          (Math.floor((y * image.height) / height) * image.width + Math.floor((x * image.width) / width)) * 4;
        if (image.rgba[from + 3] === 255) {
          this.#canvas.set(image.rgba.subarray(from, from + 4), ((top + y) * this.width + left + x) * 4);
        }
      }
    }
  }

  #sixel(data: string): void {
    const { width, height, data32 } = decodeSixel(Buffer.from(data, 'latin1'), {
      fillColor: 0,
    });
    if (height % 6 !== 0) this.faults.push(`a sixel picture of ${height} rows`);
    const rgba = new Uint8Array(data32.buffer.slice(data32.byteOffset, data32.byteOffset + width * height * 4));
    this.#draw({ width, height, rgba }, width, height);
  }

  #iterm2(data: string): void {
    const [, keys, base64] = /^File=([^:]*):(.*)$/s.exec(data) ?? [];
    if (keys === undefined) {
      if (data === 'ReportCellSize' && this.#persona.cell && this.#persona.name?.startsWith('iTerm2')) {
        this.#answer(`\u001b]1337;ReportCellSize=${this.cell.height};${this.cell.width};1\u001b\\`);
      }
      return;
    }
    const values = new Map(keys.split(';').map((part) => part.split('=') as [string, string]));
    const file = Buffer.from(base64, 'base64');
    if (Number(values.get('size')) !== file.length) this.faults.push('an iTerm2 picture of another size than it says');
    const image = readPng(file);
    this.#draw(image, Number(values.get('width')) * this.cell.width, Number(values.get('height')) * this.cell.height);
  }

  #kitty(command: string): void {
    const [head, data = ''] = command.split(';') as [string, string?];
    if (data.length > 4096) this.faults.push(`a kitty chunk of ${data.length} bytes`);
    if (!head.includes('q=2') && !head.includes('a=q')) this.faults.push('a kitty chunk without q=2');
    if (this.#parts) {
      this.#parts.data += data;
      if (head.includes('m=1')) return;
      const { keys, data: whole } = this.#parts;
      this.#parts = undefined;
      this.#execute(keys, whole);
    } else if (head.includes('m=1')) this.#parts = { keys: head, data };
    else this.#execute(head, data);
  }

  #execute(head: string, data: string): void {
    const keys = new Map(head.split(',').map((part) => part.split('=') as [string, string]));
    const id = Number(keys.get('i'));
    const number = (key: string): number => Number(keys.get(key));
    const action = keys.get('a');
    if (action === 'q' && this.#persona.kitty) this.#answer(`\u001b_Gi=${id};OK\u001b\\`);
    if (action === 'T' || action === 't') {
      const image = readPng(Buffer.from(data, 'base64'));
      this.images.set(id, { ...image, columns: number('c'), rows: number('r') });
    }
    if (action === 'p') {
      const image = this.images.get(id);
      if (!image) this.faults.push(`kitty's image ${id} is placed and not there`);
      else {
        const place = { image, ...this.cursor, columns: number('c'), rows: number('r') };
        this.#placements.set(`${id} ${number('p')}`, place);
      }
    }
    if (action === 'd' && keys.get('d') === 'i') this.#placements.delete(`${id} ${number('p')}`);
    if (action === 'd' && keys.get('d') === 'I') this.images.delete(id);
  }

  #part(image: Image, x: number, y: number, width: number, height: number): Uint8Array {
    // The picture keeps its proportions and is centred, as kitty does it.
    const scale = Math.min(width / image.width, height / image.height);
    const column = Math.floor((x - (width - image.width * scale) / 2) / scale);
    const row = Math.floor((y - (height - image.height * scale) / 2) / scale);
    if (column < 0 || row < 0 || column >= image.width || row >= image.height) return new Uint8Array(4);
    const at = (row * image.width + column) * 4;
    return image.rgba.subarray(at, at + 4);
  }

  #placementPixel(x: number, y: number): Uint8Array | undefined {
    for (const { image, row, column, columns, rows } of [...this.#placements.values()].reverse()) {
      const [left, top] = [x - column * this.cell.width, y - row * this.cell.height];
      const [width, height] = [columns * this.cell.width, rows * this.cell.height];
      if (left >= 0 && top >= 0 && left < width && top < height) return this.#part(image, left, top, width, height);
    }
    return undefined;
  }

  #placeholderPixel(x: number, y: number): Uint8Array | undefined {
    const [row, column] = [Math.floor(y / this.cell.height), Math.floor(x / this.cell.width)];
    const { active } = this.terminal.buffer;
    const cell = active.getLine(active.viewportY + row)?.getCell(column);
    const [base, ...marks] = Array.from(cell?.getChars() ?? '');
    if (!cell || base !== '\u{10eeee}') return undefined;
    const [imageRow, imageColumn, high = 0] = marks.map((mark) => diacritics.indexOf(mark));
    const id = high * 2 ** 24 + (cell.isFgPalette() ? cell.getFgColor() : -1);
    const image = this.images.get(id);
    if (!image) {
      this.faults.push(`placeholders of kitty's image ${id}, which is not there`);
      return new Uint8Array(4);
    }
    const { width, height } = this.cell;
    const left = imageColumn * width + (x % width);
    const top = imageRow * height + (y % height);
    return this.#part(image, left, top, image.columns * width, image.rows * height);
  }
}
