/** Neurons side by side in a block: two vectors. */
const width: i32 = 8;
/** Bytes of a block's activations for one image. */
const line: usize = 32;
/** Blocks of a group: two groups of 64 neurons with a thousand activations each stay in the second-level cache. */
const group: i32 = 8;
/** Squares in one running sum: longer ones in single precision lose digits. */
const longest: i32 = 128;

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
  const stride = <usize>neurons << 2;
  const bytes = <usize>images * line;
  for (let at: usize = 0; at < stride; at += line, activations += bytes) {
    for (let image: usize = 0; image < <usize>count; image++) {
      const from = rows + image * stride + at;
      const to = activations + <usize>load<i32>(places + (image << 2)) * line;
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
  }
}

/**
 * Sorts the activations of every neuron, class by class, ascending: Batcher's odd-even merge sort, whose comparisons do
 * not depend on the data, so that eight neurons are sorted at once. Source: Knuth, TAOCP 3, 5.2.2, algorithm M.
 * @param activations [blocks][images][8] f32, finite; the images of a class side by side
 * @param starts [classes + 1] i32: where each class begins
 * @param from the first block @param to behind the last one
 */
export function sortActivations(activations: usize, starts: usize, classes: i32, from: i32, to: i32): void {
  const images = load<i32>(starts + (<usize>classes << 2));
  for (let block = from; block < to; block++) {
    const base = activations + <usize>block * <usize>images * line;
    for (let k = 0; k < classes; k++) {
      const start = load<i32>(starts + (<usize>k << 2));
      const end = load<i32>(starts + (<usize>k << 2), 4);
      sortLines(base + <usize>start * line, end - start);
    }
  }
}

function sortLines(base: usize, count: i32): void {
  for (let merged = 1; merged < count; merged <<= 1) {
    for (let step = merged; step >= 1; step >>= 1) {
      for (let first = step & (merged - 1); first + step < count; first += step << 1) {
        const last = min(first + step, count - step);
        for (let at = first; at < last; at++) {
          // Both in the same pair of runs that is being merged.
          if ((at ^ (at + step)) >= merged << 1) continue;
          exchange(base + <usize>at * line, base + <usize>(at + step) * line);
          exchange(base + <usize>at * line + 16, base + <usize>(at + step) * line + 16);
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function exchange(low: usize, high: usize): void {
  const a = v128.load(low);
  const b = v128.load(high);
  v128.store(low, f32x4.pmin(a, b));
  v128.store(high, f32x4.pmax(a, b));
}

/**
 * For every pair of neurons the sum over classes of sqrt(mean squared difference of their sorted activations): the
 * paper's equation 3. Differences are squared and summed as they are: inner products would take a third fewer operations and
 * lose the small distances, by which duplicates are known, to cancellation.
 * @param activations as {@link sortActivations} leaves them
 * @param out [neurons][neurons] f64, both halves and zeros between
 * @param sums scratch of 32 f64
 * @param from the first block of rows, a multiple of 8 @param to behind the last one
 */
export function neuronDistances(
  activations: usize,
  starts: usize,
  classes: i32,
  neurons: i32,
  out: usize,
  sums: usize,
  from: i32,
  to: i32,
): void {
  const images = load<i32>(starts + (<usize>classes << 2));
  const bytes = <usize>images * line;
  const blocks = (neurons + width - 1) / width;
  for (let groupP = from; groupP < to; groupP += group) {
    const endP = min(groupP + group, to);
    for (let groupQ = groupP; groupQ < blocks; groupQ += group) {
      const endQ = min(groupQ + group, blocks);
      for (let q = groupQ; q < endQ; q++) {
        for (let p = groupP; p < endP && p <= q; p++) {
          for (let half = 0; half < 2; half++) {
            const left = p * width + half * 4;
            if (left >= neurons) break;
            const rows = activations + <usize>p * bytes + (<usize>half << 4);
            tile(rows, activations + <usize>q * bytes, starts, classes, sums);
            scatter(sums, out, neurons, left, q * width);
          }
        }
      }
    }
  }
}

/** Distances of four neurons from eight, [4][8] into `sums`. */
function tile(p: usize, q: usize, starts: usize, classes: i32, sums: usize): void {
  memory.fill(sums, 0, 256);
  for (let k = 0; k < classes; k++) {
    const end = load<i32>(starts + (<usize>k << 2), 4);
    const size = end - load<i32>(starts + (<usize>k << 2));
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    for (let rest = size; rest > 0; rest -= longest) {
      let sumA0 = f32x4.splat(0);
      let sumA1 = sumA0;
      let sumB0 = sumA0;
      let sumB1 = sumA0;
      let sumC0 = sumA0;
      let sumC1 = sumA0;
      let sumD0 = sumA0;
      let sumD1 = sumA0;
      const stop = p + <usize>min(rest, longest) * line;
      for (; p < stop; p += line, q += line) {
        const low = v128.load(q);
        const high = v128.load(q, 16);
        let one = v128.load32_splat(p);
        let left = f32x4.sub(one, low);
        let right = f32x4.sub(one, high);
        sumA0 = f32x4.add(sumA0, f32x4.mul(left, left));
        sumA1 = f32x4.add(sumA1, f32x4.mul(right, right));
        one = v128.load32_splat(p, 4);
        left = f32x4.sub(one, low);
        right = f32x4.sub(one, high);
        sumB0 = f32x4.add(sumB0, f32x4.mul(left, left));
        sumB1 = f32x4.add(sumB1, f32x4.mul(right, right));
        one = v128.load32_splat(p, 8);
        left = f32x4.sub(one, low);
        right = f32x4.sub(one, high);
        sumC0 = f32x4.add(sumC0, f32x4.mul(left, left));
        sumC1 = f32x4.add(sumC1, f32x4.mul(right, right));
        one = v128.load32_splat(p, 12);
        left = f32x4.sub(one, low);
        right = f32x4.sub(one, high);
        sumD0 = f32x4.add(sumD0, f32x4.mul(left, left));
        sumD1 = f32x4.add(sumD1, f32x4.mul(right, right));
      }
      a0 = f32x4.add(a0, sumA0);
      a1 = f32x4.add(a1, sumA1);
      b0 = f32x4.add(b0, sumB0);
      b1 = f32x4.add(b1, sumB1);
      c0 = f32x4.add(c0, sumC0);
      c1 = f32x4.add(c1, sumC1);
      d0 = f32x4.add(d0, sumD0);
      d1 = f32x4.add(d1, sumD1);
    }
    const scale = f32x4.splat(<f32>1 / <f32>size);
    addRoots(sums, a0, scale);
    addRoots(sums + 32, a1, scale);
    addRoots(sums + 64, b0, scale);
    addRoots(sums + 96, b1, scale);
    addRoots(sums + 128, c0, scale);
    addRoots(sums + 160, c1, scale);
    addRoots(sums + 192, d0, scale);
    addRoots(sums + 224, d1, scale);
  }
}

/** Adds the roots of four scaled sums to four f64. */
// @ts-ignore: decorator
@inline
function addRoots(cell: usize, squares: v128, scale: v128): void {
  const roots = f32x4.sqrt(f32x4.mul(squares, scale));
  const low = f64x2.promote_low_f32x4(roots);
  const high = f64x2.promote_low_f32x4(v128.shuffle<i32>(roots, roots, 2, 3, 2, 3));
  v128.store(cell, f64x2.add(v128.load(cell), low));
  v128.store(cell, f64x2.add(v128.load(cell, 16), high), 16);
}

/** Writes a tile into both halves of the matrix, as far as it lies above the diagonal and inside. */
function scatter(sums: usize, out: usize, neurons: i32, rowFrom: i32, columnFrom: i32): void {
  const rowTo = min(rowFrom + 4, neurons);
  const columnTo = min(columnFrom + width, neurons);
  for (let row = rowFrom; row < rowTo; row++) {
    store<f64>(out + ((<usize>row * <usize>neurons + <usize>row) << 3), 0);
    for (let column = max(row + 1, columnFrom); column < columnTo; column++) {
      const value = load<f64>(sums + (<usize>((row - rowFrom) * width + column - columnFrom) << 3));
      store<f64>(out + ((<usize>row * <usize>neurons + <usize>column) << 3), value);
      store<f64>(out + ((<usize>column * <usize>neurons + <usize>row) << 3), value);
    }
  }
}
