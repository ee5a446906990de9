import type { Raster, Rgb } from '../cells/cells.ts';
import { nextTurn } from './yield.ts';

/** A picture whose pixels are places in a list of colours, row-major [height, width]. */
export interface IndexedRaster {
  width: number;
  height: number;
  indices: Uint8Array;
  /** At most 256. */
  palette: Rgb[];
}

// Colours are counted in cubes of 8 values a side.
const bits = 5;
const cubes = 1 << (3 * bits);

/** The palette and indices of a raster of at most `most` colours, exactly; nothing when it has more. */
function exact({ width, height, channels, pixels }: Raster, most: number): IndexedRaster | undefined {
  const places = new Map<number, number>();
  const palette: Rgb[] = [];
  const indices = new Uint8Array(width * height);
  let lastKey = -1;
  let last = 0;
  for (let place = 0, at = 0; place < indices.length; place++, at += channels) {
    const red = pixels[at];
    const green = channels === 1 ? red : pixels[at + 1];
    const blue = channels === 1 ? red : pixels[at + 2];
    const key = (red << 16) | (green << 8) | blue;
    if (key !== lastKey) {
      const known = places.get(key);
      if (known === undefined) {
        if (palette.length === most) return undefined;
        places.set(key, palette.length);
        last = palette.push([red, green, blue]) - 1;
      } else last = known;
      lastKey = key;
    }
    indices[place] = last;
  }
  return { width, height, indices, palette };
}

/** Some of the counted cubes, as indices into a common list. */
interface Box {
  cubes: Uint32Array;
  /** Sum of squared distances from the mean over all channels. */
  error: number;
  axis: number;
  middle: number;
  mean: readonly [number, number, number];
}

/** Number of pixels and sums of their channels, a cube each. */
interface Counts {
  count: Float64Array;
  sums: readonly [Float64Array, Float64Array, Float64Array];
}

/** The cube of each pixel, and what they hold. Apart from the rest, so that its loop is soon compiled, and stays so. */
function counted({ width, height, channels, pixels }: Raster): { cubeOf: Uint16Array; counts: Counts } {
  const cubeOf = new Uint16Array(width * height);
  const count = new Float64Array(cubes);
  const reds = new Float64Array(cubes);
  const greens = new Float64Array(cubes);
  const blues = new Float64Array(cubes);
  for (let place = 0, at = 0; place < cubeOf.length; place++, at += channels) {
    const red = pixels[at];
    const green = channels === 1 ? red : pixels[at + 1];
    const blue = channels === 1 ? red : pixels[at + 2];
    const cube = ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3);
    cubeOf[place] = cube;
    count[cube]++;
    reds[cube] += red;
    greens[cube] += green;
    blues[cube] += blue;
  }
  return { cubeOf, counts: { count, sums: [reds, greens, blues] } };
}

function boxOf(members: Uint32Array, { count, sums }: Counts): Box {
  let total = 0;
  const sum = [0, 0, 0];
  const squares = [0, 0, 0];
  for (const cube of members) {
    total += count[cube];
    for (let channel = 0; channel < 3; channel++) {
      sum[channel] += sums[channel][cube];
      squares[channel] += sums[channel][cube] ** 2 / count[cube];
    }
  }
  const errors = squares.map((square, channel) => Math.max(0, square - sum[channel] ** 2 / total));
  const axis = errors.indexOf(Math.max(...errors));
  const mean = [sum[0] / total, sum[1] / total, sum[2] / total] as const;
  return { cubes: members, error: errors[0] + errors[1] + errors[2], axis, middle: mean[axis], mean };
}

/**
 * The raster with at most `most` colours (2..256): exactly where it has no more, else the nearest of a palette made by
 * splitting the set of colours, again and again, where it varies most (Heckbert 1982, by variance).
 */
export function quantised(raster: Raster, most: number): IndexedRaster {
  return exact(raster, most) ?? reduced(raster, counted(raster), most);
}

/** {@link quantised} with a turn for others in between: the first large picture of all takes some 30 ms. */
export async function quantisedInTurns(raster: Raster, most: number): Promise<IndexedRaster> {
  const same = exact(raster, most);
  if (same) return same;
  const seen = counted(raster);
  await nextTurn();
  return reduced(raster, seen, most);
}

function reduced(
  { width, height }: Raster,
  { cubeOf, counts }: ReturnType<typeof counted>,
  most: number,
): IndexedRaster {
  const used = Uint32Array.from(Array.from(counts.count.keys()).filter((cube) => counts.count[cube] > 0));
  const boxes = [boxOf(used, counts)];
  while (boxes.length < most) {
    let worst = 0;
    boxes.forEach((box, index) => {
      if (box.error > boxes[worst].error) worst = index;
    });
    const box = boxes[worst];
    const sums = counts.sums[box.axis];
    const isLow = (cube: number): boolean => sums[cube] / counts.count[cube] <= box.middle;
    const low = box.cubes.filter(isLow);
    const high = box.cubes.filter((cube) => !isLow(cube));
    if (box.error === 0 || low.length === 0 || high.length === 0) break;
    boxes[worst] = boxOf(low, counts);
    boxes.push(boxOf(high, counts));
  }
  const indexOf = new Uint8Array(cubes);
  boxes.forEach((box, index) => {
    for (const cube of box.cubes) indexOf[cube] = index;
  });
  const indices = new Uint8Array(cubeOf.length);
  for (let place = 0; place < indices.length; place++) indices[place] = indexOf[cubeOf[place]];
  const palette = boxes.map(({ mean }): Rgb => [Math.round(mean[0]), Math.round(mean[1]), Math.round(mean[2])]);
  return { width, height, indices, palette };
}

/** Indexed pixels, each repeated to `factor` times its width and height. */
export function enlargedIndices(raster: IndexedRaster, factor: number): IndexedRaster {
  if (factor === 1) return raster;
  const { width, height, indices, palette } = raster;
  const stride = width * factor;
  const result = new Uint8Array(stride * height * factor);
  for (let y = 0; y < height; y++) {
    const line = y * factor * stride;
    for (let x = 0; x < width; x++) {
      result.fill(indices[y * width + x], line + x * factor, line + (x + 1) * factor);
    }
    for (let repeat = 1; repeat < factor; repeat++) result.copyWithin(line + repeat * stride, line, line + stride);
  }
  return { width: stride, height: height * factor, indices: result, palette };
}
