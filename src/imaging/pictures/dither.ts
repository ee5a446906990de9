import type { Raster, Rgb } from '../cells/cells.ts';
import { oklabOf, squaredDistance, type Oklab } from '../colour/oklab.ts';
import { nearestOf, xtermLabs, type FewColours } from '../colour/terminal-colours.ts';

// Floyd and Steinberg, "An adaptive algorithm for spatial greyscale" (1976): columns and rows away, and the share.
const spread = [
  [1, 0, 7 / 16],
  [-1, 1, 3 / 16],
  [0, 1, 5 / 16],
  [1, 1, 1 / 16],
] as const;

/**
 * A picture in the few colours of a terminal. Its pixels are chosen one by one, and what a pixel's colour is off, those
 * around it that are still to be chosen make up for: so hues stay that no single colour has. The same picture always
 * becomes the same pixels, and what is in the terminal's colours stays as it is. Colours are places among
 * `xtermColours`.
 */
export class Dithered {
  readonly #width: number;
  readonly #height: number;
  readonly #depth: FewColours;
  /** OKLab of what each pixel should be by now. */
  readonly #wanted: Float64Array;
  readonly #isChosen: Uint8Array;

  constructor({ width, height, channels, pixels }: Raster, depth: FewColours) {
    this.#width = width;
    this.#height = height;
    this.#depth = depth;
    this.#isChosen = new Uint8Array(width * height);
    this.#wanted = new Float64Array(3 * width * height);
    for (let place = 0; place < width * height; place++) {
      const at = place * channels;
      const colour: Rgb =
        channels === 1 ? [pixels[at], pixels[at], pixels[at]] : [pixels[at], pixels[at + 1], pixels[at + 2]];
      this.#wanted.set(oklabOf(colour), 3 * place);
    }
  }

  #at(place: number): Oklab {
    return [this.#wanted[3 * place], this.#wanted[3 * place + 1], this.#wanted[3 * place + 2]];
  }

  /** The colour nearest to what a pixel should be. */
  nearest(place: number): number {
    return nearestOf(this.#at(place), this.#depth);
  }

  /** How far a colour is from what a pixel should be, squared. */
  distance(place: number, colour: number): number {
    return squaredDistance(this.#at(place), xtermLabs()[colour]);
  }

  /** Gives a pixel its colour, and what that is off to those around it. */
  choose(place: number, colour: number): void {
    const column = place % this.#width;
    const row = Math.floor(place / this.#width);
    this.#isChosen[place] = 1;
    for (const [right, down, share] of spread) {
      const next = place + down * this.#width + right;
      const isInside = column + right >= 0 && column + right < this.#width && row + down < this.#height;
      if (!isInside || this.#isChosen[next]) continue;
      for (let channel = 0; channel < 3; channel++) {
        this.#wanted[3 * next + channel] += share * (this.#wanted[3 * place + channel] - xtermLabs()[colour][channel]);
      }
    }
  }
}
