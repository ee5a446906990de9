import type { Stamp } from '../cells/cells.ts';
import type { EncodedPicture } from './encoder.ts';
import { firstLow, imageNumber, lows, mostHigh } from './kitty.ts';

/** A picture that has been encoded, and where it is drawn. */
export interface CachedPicture extends EncodedPicture {
  id: number;
  /** By place: the same place is the same stamp. */
  stamps: Map<string, Stamp>;
}

const bytesOf = ({ handOver, draw = '' }: EncodedPicture): number => handOver.length + draw.length;

/**
 * Encoded pictures, the least recently used leaving first when there are too many or they take too much memory. Those
 * that are on the screen never leave.
 */
export class PictureCache {
  readonly #entries = new Map<string, CachedPicture>();
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #high: number;
  #bytes = 0;
  #next = 0;

  /**
   * @param most pictures, at most 240 @param mostBytes bytes of what is sent for them
   * @param high of this program's image numbers, 1..255, so that two programs in one terminal (tmux) hardly meet
   */
  constructor(most = 200, mostBytes = 32 * 1024 * 1024, high = 1 + Math.floor(Math.random() * mostHigh)) {
    this.#most = Math.min(most, lows);
    this.#mostBytes = mostBytes;
    this.#high = high;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The picture, which thereby becomes the most recently used. */
  get(key: string): CachedPicture | undefined {
    const entry = this.#entries.get(key);
    if (entry) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  /** Makes room for one more. @returns what had to go; undefined when there is no room, for all are in use */
  makeRoom(isInUse: (key: string) => boolean): CachedPicture[] | undefined {
    const gone: CachedPicture[] = [];
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size < this.#most && this.#bytes < this.#mostBytes) break;
      if (isInUse(key)) continue;
      this.#entries.delete(key);
      this.#bytes -= bytesOf(entry);
      gone.push(entry);
    }
    return this.#entries.size < this.#most && this.#bytes < this.#mostBytes ? gone : undefined;
  }

  /** A number that no picture here has; the longest unused ones come first. */
  freeId(): number {
    const taken = new Set(Array.from(this.#entries.values(), ({ id }) => id));
    for (;;) {
      const id = imageNumber(firstLow + (this.#next++ % lows), this.#high);
      if (!taken.has(id)) return id;
    }
  }

  put(key: string, picture: EncodedPicture, id: number): void {
    this.#entries.set(key, { ...picture, id, stamps: new Map() });
    this.#bytes += bytesOf(picture);
  }

  /** Removes those that fail the test. @returns them */
  keep(isKept: (key: string) => boolean): CachedPicture[] {
    const gone: CachedPicture[] = [];
    for (const [key, entry] of this.#entries) {
      if (isKept(key)) continue;
      this.#entries.delete(key);
      this.#bytes -= bytesOf(entry);
      gone.push(entry);
    }
    return gone;
  }

  values(): Iterable<CachedPicture> {
    return this.#entries.values();
  }
}
