/** Neurons side by side in a block. */
const width: usize = 8;

/** Values of a class up to which comparing eight neurons at once is quicker than counting the digits of one. */
const compared: i32 = 320;

/**
 * Lays the activations for some images out in blocks, as {@link sortActivations} wants them.
 * @param rows [count][neurons] f32; up to 28 bytes behind them are read too
 * @param places [count] i32: where each image goes among `images`
 * @param activations [blocks][images][8] f32, out; what no neuron is there for holds anything
 */
export function placeActivations(
  rows: usize,
  places: usize,
  count: i32,
  neurons: i32,
  activations: usize,
  images: i32,
): void {
  place<f32>(rows, places, count, neurons, activations, images);
}

/** The same of f64; up to 56 bytes behind the rows are read too. */
export function placeDoubles(
  rows: usize,
  places: usize,
  count: i32,
  neurons: i32,
  activations: usize,
  images: i32,
): void {
  place<f64>(rows, places, count, neurons, activations, images);
}

function place<T>(
  rows: usize,
  places: usize,
  count: i32,
  neurons: i32,
  activations: usize,
  images: i32,
): void {
  const line = width * sizeof<T>();
  const stride = <usize>neurons * sizeof<T>();
  const bytes = <usize>images * line;
  for (let at: usize = 0; at < stride; at += line, activations += bytes) {
    for (let image: usize = 0; image < <usize>count; image++) {
      const from = rows + image * stride + at;
      const to = activations + <usize>load<i32>(places + (image << 2)) * line;
      for (let lane: usize = 0; lane < line; lane += 16) v128.store(to + lane, v128.load(from + lane));
    }
  }
}

/**
 * Sorts the activations of every neuron, class by class, ascending.
 * @param activations [blocks][images][8] f32, finite; the images of a class side by side
 * @param starts [classes + 1] i32: where each class begins
 * @param scratch [2][images] f32 and 4 KB
 * @param from the first block @param to behind the last one
 */
export function sortActivations(
  activations: usize,
  starts: usize,
  classes: i32,
  scratch: usize,
  from: i32,
  to: i32,
): void {
  sortBlocks<f32, u32>(activations, starts, classes, scratch, from, to);
}

/** The same of f64, with scratch of [2][images] f64 and 8 KB. */
export function sortDoubles(activations: usize, starts: usize, classes: i32, scratch: usize, from: i32, to: i32): void {
  sortBlocks<f64, u64>(activations, starts, classes, scratch, from, to);
}

/**
 * Sorts a neuron's activations, class by class, ascending.
 * @param row [images] f64, finite; the images of a class side by side
 * @param scratch as that of {@link sortDoubles}
 */
export function sortRow(row: usize, starts: usize, classes: i32, scratch: usize): void {
  for (let k = 0; k < classes; k++) {
    const start = load<i32>(starts + (<usize>k << 2));
    const count = load<i32>(starts + (<usize>k << 2), 4) - start;
    sortByDigits<u64>(row + (<usize>start << 3), count, 8, scratch);
  }
}

function sortBlocks<T, Key>(
  activations: usize,
  starts: usize,
  classes: i32,
  scratch: usize,
  from: i32,
  to: i32,
): void {
  const line = width * sizeof<T>();
  const images = load<i32>(starts + (<usize>classes << 2));
  for (let block = from; block < to; block++) {
    const base = activations + <usize>block * <usize>images * line;
    for (let k = 0; k < classes; k++) {
      const start = load<i32>(starts + (<usize>k << 2));
      const count = load<i32>(starts + (<usize>k << 2), 4) - start;
      const first = base + <usize>start * line;
      if (count <= compared) sortLines<T>(first, count);
      else for (let at: usize = 0; at < line; at += sizeof<T>()) sortByDigits<Key>(first + at, count, line, scratch);
    }
  }
}

/**
 * Batcher's odd-even merge sort, whose comparisons do not depend on the data, so that eight neurons are sorted at once.
 * Source: Knuth, TAOCP 3, 5.2.2, algorithm M.
 */
function sortLines<T>(base: usize, count: i32): void {
  const line = width * sizeof<T>();
  for (let merged = 1; merged < count; merged <<= 1) {
    for (let step = merged; step >= 1; step >>= 1) {
      for (let first = step & (merged - 1); first + step < count; first += step << 1) {
        const last = min(first + step, count - step);
        for (let at = first; at < last; at++) {
          // Both in the same pair of runs that is being merged.
          if ((at ^ (at + step)) >= merged << 1) continue;
          const low = base + <usize>at * line;
          const high = low + <usize>step * line;
          for (let lane: usize = 0; lane < line; lane += 16) exchange<T>(low + lane, high + lane);
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function exchange<T>(low: usize, high: usize): void {
  const a = v128.load(low);
  const b = v128.load(high);
  v128.store(low, v128.pmin<T>(a, b));
  v128.store(high, v128.pmax<T>(a, b));
}

/**
 * Radix sort from the last digit, a byte a digit: as many passes as a value has bytes, from the values to scratch, to and
 * fro there, and back. Source: Knuth, TAOCP 3, 5.2.5, algorithm R.
 * @param values [count] floats of Key's size, `stride` bytes apart
 * @param scratch [2][count] Key and 256 i32 a digit
 */
function sortByDigits<Key>(values: usize, count: i32, stride: usize, scratch: usize): void {
  const size = sizeof<Key>();
  const keys = <usize>count * size;
  const tallies = scratch + 2 * keys;
  memory.fill(tallies, 0, size << 10);
  const end = values + <usize>count * stride;
  for (let at = values; at < end; at += stride) {
    let key = keyOf<Key>(load<Key>(at));
    for (let tally = tallies; tally < tallies + (size << 10); tally += 1024) {
      const cell = tally + ((<usize>key & 255) << 2);
      store<i32>(cell, load<i32>(cell) + 1);
      key = <Key>(key >> 8);
    }
  }
  for (let digit: usize = 0; digit < size; digit++) {
    const tally = tallies + (digit << 10);
    const isLast = digit == size - 1;
    // Where the next value of each digit goes.
    let place = isLast ? values : scratch + (digit & 1) * keys;
    const step = isLast ? stride : size;
    for (let cell = tally; cell < tally + 1024; cell += 4) {
      const many = <usize>load<i32>(cell);
      store<i32>(cell, <i32>place);
      place += many * step;
    }
    const shift = <Key>(digit << 3);
    const source = scratch + ((digit + 1) & 1) * keys;
    if (digit == 0) {
      for (let at = values; at < end; at += stride) {
        const key = keyOf<Key>(load<Key>(at));
        store<Key>(take(tally, <usize>key & 255, step), key);
      }
    } else if (isLast) {
      for (let at = source; at < source + keys; at += size) {
        const key = load<Key>(at);
        store<Key>(take(tally, <usize>(key >> shift), step), valueOf<Key>(key));
      }
    } else {
      for (let at = source; at < source + keys; at += size) {
        const key = load<Key>(at);
        store<Key>(take(tally, <usize>(key >> shift) & 255, step), key);
      }
    }
  }
}

/** The place of the next value with that digit, which it takes. */
// @ts-ignore: decorator
@inline
function take(tally: usize, digit: usize, step: usize): usize {
  const cell = tally + (digit << 2);
  const place = <usize>load<i32>(cell);
  store<i32>(cell, <i32>(place + step));
  return place;
}

/** A float's bits so that they order as it does: those of negative ones turned, the sign of others set. */
// @ts-ignore: decorator
@inline
function keyOf<Key>(bits: Key): Key {
  if (sizeof<Key>() == 4) return <Key>(<u32>bits ^ (<u32>(<i32>bits >> 31) | 0x8000_0000));
  return <Key>(<u64>bits ^ (<u64>(<i64>bits >> 63) | 0x8000_0000_0000_0000));
}

/** The bits of {@link keyOf}'s float. */
// @ts-ignore: decorator
@inline
function valueOf<Key>(key: Key): Key {
  if (sizeof<Key>() == 4) return <Key>(<u32>key ^ (<u32>(~<i32>key >> 31) | 0x8000_0000));
  return <Key>(<u64>key ^ (<u64>(~<i64>key >> 63) | 0x8000_0000_0000_0000));
}
