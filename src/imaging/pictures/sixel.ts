import type { Rgb } from '../cells/cells.ts';
import { yielding } from './yield.ts';
import type { IndexedRaster } from './quantise.ts';

const bandHeight = 6;
const percent = (value: number): number => Math.round((value * 100) / 255);

/** Colours that a picture may have where the terminal has that many registers: one is the background's. */
export const sixelColours = (registers: number): number => Math.max(2, Math.min(256, registers) - 1);

const [exclamation, hash, dollar, zero, none] = Buffer.from('!#$0?');

/**
 * Writes one band as characters, a run of four or more sixels as a repetition. Bytes, not a string: one put together
 * from a million pieces is copied together at its first use, which held everything up for 20 ms.
 */
class BandWriter {
  readonly #bytes: Buffer;
  #length = 0;
  #sixel = -1;
  #count = 0;

  /** @param most colours and @param width of a band */
  constructor(most: number, width: number) {
    // Each colour has `$#255` and at most a character a sixel.
    this.#bytes = Buffer.alloc(most * (width + 5));
  }

  /** Begins with a colour, at the left again. */
  colour(register: number): void {
    if (this.#length > 0) this.#put(dollar);
    this.#put(hash);
    this.#number(register);
  }

  add(sixel: number, count = 1): void {
    if (sixel === this.#sixel) {
      this.#count += count;
      return;
    }
    this.endRun();
    this.#sixel = sixel;
    this.#count = count;
  }

  endRun(): void {
    const character = none + this.#sixel;
    if (this.#count > 3) {
      this.#put(exclamation);
      this.#number(this.#count);
      this.#put(character);
    } else for (; this.#count > 0; this.#count--) this.#put(character);
    this.#count = 0;
    this.#sixel = -1;
  }

  /** What was written; the next band begins. */
  take(): string {
    const text = this.#bytes.toString('latin1', 0, this.#length);
    this.#length = 0;
    return text;
  }

  #put(byte: number): void {
    this.#bytes[this.#length++] = byte;
  }

  #number(value: number): void {
    if (value > 9) this.#number(Math.floor(value / 10));
    this.#put(zero + (value % 10));
  }
}

/**
 * The sequence that draws a picture at the cursor (DEC STD 070, sixel). Its last band is filled up with the background
 * colour, register 0: what a terminal makes of an incomplete one differs. Breaks off now and then to let others work.
 * @param raster of at most 255 colours
 */
export async function sixelSequence(raster: IndexedRaster, background: Rgb): Promise<string> {
  const { width, height, indices, palette } = raster;
  const bands = Math.ceil(height / bandHeight);
  const colours = [background, ...palette];
  const mayYield = yielding();
  let header = `\u001bP0;1;0q"1;1;${width};${bands * bandHeight}`;
  colours.forEach(([red, green, blue], register) => {
    header += `#${register};2;${percent(red)};${percent(green)};${percent(blue)}`;
  });
  // For each register the sixels of the band at hand, and where they begin and end.
  const sixels = new Uint8Array(colours.length * width);
  const firsts = new Int32Array(colours.length);
  const ends = new Int32Array(colours.length);
  const writer = new BandWriter(colours.length, width);
  const output: string[] = [];
  for (let band = 0; band < bands; band++) {
    await mayYield();
    firsts.fill(width);
    ends.fill(0);
    for (let line = 0; line < bandHeight; line++) {
      const y = band * bandHeight + line;
      for (let x = 0; x < width; x++) {
        const register = y < height ? indices[y * width + x] + 1 : 0;
        sixels[register * width + x] |= 1 << line;
        if (x < firsts[register]) firsts[register] = x;
        if (x >= ends[register]) ends[register] = x + 1;
      }
    }
    for (let register = 0; register < colours.length; register++) {
      if (ends[register] === 0) continue;
      writer.colour(register);
      const start = register * width;
      if (firsts[register] > 0) writer.add(0, firsts[register]);
      for (let x = firsts[register]; x < ends[register]; x++) writer.add(sixels[start + x]);
      writer.endRun();
      sixels.fill(0, start + firsts[register], start + ends[register]);
    }
    output.push(writer.take());
  }
  return `${header}${output.join('-')}\u001b\\`;
}
