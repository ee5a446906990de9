import type { Rgb } from '../cells.ts';
import { breather } from './breathe.ts';
import type { IndexedRaster } from './quantise.ts';

const bandHeight = 6;
const percent = (value: number): number => Math.round((value * 100) / 255);

/** Colours that a picture may have where the terminal has that many registers: one is the background's. */
export const sixelColours = (registers: number): number => Math.max(2, Math.min(256, registers) - 1);

/** Appends sixels, a run of four or more as a repetition. */
class Runs {
  text = '';
  #sixel = -1;
  #count = 0;

  add(sixel: number, count = 1): void {
    if (sixel === this.#sixel) {
      this.#count += count;
      return;
    }
    this.flush();
    this.#sixel = sixel;
    this.#count = count;
  }

  flush(): void {
    if (this.#count > 0) {
      const character = String.fromCharCode(63 + this.#sixel);
      this.text += this.#count > 3 ? `!${this.#count}${character}` : character.repeat(this.#count);
    }
    this.#count = 0;
    this.#sixel = -1;
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
  const breathe = breather();
  let output = `\u001bP0;1;0q"1;1;${width};${bands * bandHeight}`;
  colours.forEach(([red, green, blue], register) => {
    output += `#${register};2;${percent(red)};${percent(green)};${percent(blue)}`;
  });
  // For each register the sixels of the band at hand, and where they begin and end.
  const sixels = new Uint8Array(colours.length * width);
  const firsts = new Int32Array(colours.length);
  const ends = new Int32Array(colours.length);
  for (let band = 0; band < bands; band++) {
    await breathe();
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
    const runs = new Runs();
    let isFirst = true;
    for (let register = 0; register < colours.length; register++) {
      if (ends[register] === 0) continue;
      runs.text += `${isFirst ? '' : '$'}#${register}`;
      isFirst = false;
      const start = register * width;
      if (firsts[register] > 0) runs.add(0, firsts[register]);
      for (let x = firsts[register]; x < ends[register]; x++) runs.add(sixels[start + x]);
      runs.flush();
      sixels.fill(0, start + firsts[register], start + ends[register]);
    }
    output += band + 1 < bands ? `${runs.text}-` : runs.text;
  }
  return `${output}\u001b\\`;
}
