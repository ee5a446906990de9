import type { CellGrid, Overlay, Picture, Rectangle, Stamp } from '../cells/cells.ts';
import type { OverlayPainter } from '../terminal/painter.ts';
import { blocksOf } from './blocks.ts';
import { encodePicture, fitByProtocol, type PictureMode, type PixelProtocol } from './encoder.ts';
import { isWhole, usualCellSize } from './fit.ts';
import { deleteImage, placeDirectly, removePlacement } from './kitty.ts';
import { PictureCache, type CachedPicture } from './picture-cache.ts';
import { cutOut, isInside, overlap } from './placing.ts';

/** Milliseconds between two changes of the picture in one place. */
const updateInterval = 1000;
const mostBlocks = 512;

/** What is on the screen besides text. */
export interface PictureFrame {
  overlays: readonly Overlay[];
  pictures: readonly Picture[];
  /** Lies over all of them, as a dialog does. */
  cover?: Rectangle | undefined;
}

export interface PictureLayerOptions {
  painter: Pick<OverlayPainter, 'setOverlays' | 'transmit' | 'size' | 'drained'>;
  mode?: Partial<PictureMode>;
  cache?: PictureCache;
  /** Milliseconds that pass evenly. */
  now?: () => number;
  /** Told once of a picture that could not be encoded; it stays in blocks. */
  onError?: (error: unknown) => void;
}

/** Block characters, for a terminal of which nothing is known. */
export const defaultMode: PictureMode = {
  protocol: 'blocks',
  cell: usualCellSize,
  depth: 'truecolour',
  ascii: false,
  isLight: false,
  background: [0, 0, 0],
  registers: 256,
  wrap: (sequence) => sequence,
};

const placeOf = ({ row, column, rows, columns }: Rectangle): string => `${row},${column},${rows},${columns}`;

/**
 * Shows pictures through the painter by the terminal's protocol. Each begins as block characters and becomes pixels as
 * soon as those are encoded, one picture at a time between other work; what the terminal has is not sent again. A
 * picture in one place changes at most once a second; in between its successors stand there in blocks.
 */
export class PictureLayer {
  readonly #painter: PictureLayerOptions['painter'];
  readonly #cache: PictureCache;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #blocks = new Map<string, CellGrid>();
  readonly #failed = new Set<string>();
  #mode: PictureMode;
  #frame: PictureFrame = { overlays: [], pictures: [] };
  /** Encoded or to be encoded, in the order they are to appear. */
  #wanted = new Map<string, Picture>();
  /** What was last drawn in pixels at a place, and when. */
  #places = new Map<string, { key: string; at: number }>();
  #placements = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds until the first of those that have to wait. */
  #rest = Infinity;
  #encoding: Promise<void> | undefined;
  #isClosed = false;

  constructor({ painter, mode, cache, now, onError }: PictureLayerOptions) {
    this.#painter = painter;
    this.#mode = { ...defaultMode, ...mode };
    this.#cache = cache ?? new PictureCache();
    this.#now = now ?? (() => performance.now());
    this.#onError = onError ?? (() => undefined);
  }

  get mode(): PictureMode {
    return this.#mode;
  }

  /** Draws differently from now on; what the terminal keeps for the old way is deleted. */
  setMode(change: Partial<PictureMode>): void {
    const before = this.#mode;
    const mode = { ...before, ...change };
    // Sizes and colours are new arrays and objects each time.
    if (JSON.stringify(mode) === JSON.stringify(before) && mode.wrap === before.wrap) return;
    this.#painter.transmit(this.#forget(() => false));
    this.#mode = mode;
    this.#places.clear();
    this.#failed.clear();
    this.#blocks.clear();
    this.#update();
  }

  /** Shows a frame's overlays and pictures, with what Ink writes in the same tick. */
  show(frame: PictureFrame): void {
    this.#frame = frame;
    this.#update();
  }

  /** Hands everything shown over again: for a terminal that may have lost it, or another one (tmux). */
  resend(): void {
    if (this.#mode.protocol !== 'kitty' && this.#mode.protocol !== 'kitty-direct') return;
    let data = this.#forget((key) => this.#wanted.has(key));
    for (const { handOver } of this.#cache.values()) data += handOver;
    this.#painter.transmit(data);
  }

  /** Resolves when everything that can be in pixels now is. */
  async settled(): Promise<void> {
    await this.#encoding;
  }

  /** Stops. @returns what makes the terminal forget everything of ours */
  close(): string {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    return this.#forget(() => false);
  }

  #forget(isKept: (key: string) => boolean): string {
    return this.#deletions(this.#cache.keep(isKept));
  }

  #deletions(pictures: readonly CachedPicture[]): string {
    const { protocol, wrap } = this.#mode;
    if (protocol !== 'kitty' && protocol !== 'kitty-direct') return '';
    return pictures.map(({ id }) => wrap(deleteImage(id))).join('');
  }

  #update(): void {
    if (this.#isClosed) return;
    const { overlays, pictures, cover } = this.#frame;
    const visible = (overlay: Overlay): Overlay[] => (cover ? cutOut(overlay, cover) : [overlay]);
    const under: Overlay[] = overlays.flatMap(visible);
    const stamps: Stamp[] = [];
    const places = new Map<string, { key: string; at: number }>();
    this.#wanted = new Map();
    this.#rest = Infinity;
    pictures.forEach((picture, index) => {
      if (this.#mode.protocol === 'off' || !isWhole(picture.raster)) return;
      const shown = this.#pixels(picture, index, places);
      if (shown && 'draw' in shown) stamps.push(shown);
      else under.push(...visible(shown ?? { ...picture, cells: this.#blocksFor(picture) }));
    });
    this.#places = places;
    this.#painter.setOverlays(under, stamps);
    clearTimeout(this.#timer);
    if (this.#rest < Infinity) this.#timer = setTimeout(() => this.#update(), this.#rest).unref();
    this.#encoding ??= this.#encode();
  }

  /** The picture in pixels, where that is possible, ready and due; else it is noted as wanted. */
  #pixels(
    picture: Picture,
    index: number,
    places: Map<string, { key: string; at: number }>,
  ): Stamp | Overlay | undefined {
    const { protocol, cell } = this.#mode;
    if (protocol === 'blocks' || protocol === 'off' || this.#mode.ascii) return undefined;
    const { columns, rows } = fitByProtocol(picture, protocol, cell);
    if (columns < 1 || rows < 1) return undefined;
    const area = { row: picture.row, column: picture.column, columns: Math.ceil(columns), rows: Math.ceil(rows) };
    if (protocol !== 'kitty' && !this.#canStamp(area, index)) return undefined;
    const key = `${picture.key} ${picture.columns}x${picture.rows}`;
    const place = placeOf(picture);
    const before = this.#places.get(place);
    const entry = this.#cache.get(key);
    // Placeholders of what the terminal has are cheap.
    const isFree = before === undefined || before.key === key || (entry?.cells !== undefined && protocol === 'kitty');
    const rest = isFree ? 0 : before.at + updateInterval - this.#now();
    if (rest > 0) {
      places.set(place, before!);
      this.#rest = Math.min(this.#rest, rest);
      return undefined;
    }
    this.#wanted.set(key, picture);
    if (!entry) {
      if (before) places.set(place, before);
      return undefined;
    }
    places.set(place, before?.key === key ? before : { key, at: this.#now() });
    return entry.cells ? { ...area, cells: entry.cells } : this.#stamp(entry, area, protocol);
  }

  /** Whether a terminal can draw there by itself: all on the screen, nothing over it, and not on the last row (it would scroll). */
  #canStamp(area: Rectangle, index: number): boolean {
    const { size } = this.#painter;
    const { pictures, cover } = this.#frame;
    return (
      isInside(area, { ...size, rows: size.rows - 1 }) &&
      !(cover && overlap(area, cover)) &&
      !pictures.some((other, place) => place > index && overlap(area, other))
    );
  }

  #stamp(entry: CachedPicture, area: Rectangle, protocol: PixelProtocol): Stamp {
    const place = placeOf(area);
    let stamp = entry.stamps.get(place);
    if (!stamp) {
      if (entry.stamps.size >= 64) entry.stamps.clear();
      const number = ++this.#placements;
      stamp =
        protocol === 'kitty-direct'
          ? {
              ...area,
              draw: this.#mode.wrap(placeDirectly(entry.id, number, area)),
              erase: this.#mode.wrap(removePlacement(entry.id, number)),
            }
          : { ...area, draw: entry.draw ?? '' };
      entry.stamps.set(place, stamp);
    }
    return stamp;
  }

  #blocksFor(picture: Picture): CellGrid {
    const { depth, ascii, isLight, cell } = this.#mode;
    const { columns, rows } = picture;
    const key = `${picture.key} ${columns}x${rows}`;
    let grid = this.#blocks.get(key);
    if (!grid) {
      if (this.#blocks.size >= mostBlocks) this.#blocks.clear();
      grid = blocksOf(picture.raster, { columns, rows, depth, ascii, isLight, cell });
      this.#blocks.set(key, grid);
    }
    return grid;
  }

  /** Encodes what is wanted and missing, one picture a turn of the event loop. */
  async #encode(): Promise<void> {
    try {
      while (!this.#isClosed) {
        await new Promise((resolve) => setImmediate(resolve));
        // What is not taken now would be out of date when it is.
        await this.#painter.drained();
        const { protocol } = this.#mode;
        const next = Array.from(this.#wanted).find(([key]) => !this.#cache.has(key) && !this.#failed.has(key));
        if (!next || protocol === 'blocks' || protocol === 'off') break;
        const gone = this.#cache.makeRoom((key) => this.#wanted.has(key));
        if (!gone) break;
        this.#painter.transmit(this.#deletions(gone));
        await this.#encodeOne(...next, protocol);
      }
    } finally {
      this.#encoding = undefined;
    }
  }

  async #encodeOne(key: string, picture: Picture, protocol: PixelProtocol): Promise<void> {
    const mode = this.#mode;
    const id = this.#cache.freeId();
    try {
      const encoded = await encodePicture(picture, protocol, mode, id);
      // Closed, resized or switched meanwhile.
      if (this.#isClosed || mode !== this.#mode) return;
      this.#cache.put(key, encoded, id);
      this.#painter.transmit(encoded.handOver);
    } catch (thrown) {
      this.#failed.add(key);
      this.#onError(thrown);
    }
    this.#update();
  }
}
