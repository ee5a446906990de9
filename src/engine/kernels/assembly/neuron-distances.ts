/** Neurons side by side in a block: two vectors. */
const width: i32 = 8;
/** Bytes of a block's activations for one image. */
const line: usize = 32;
/** Blocks of a group, and activations taken at a time: two groups of 64 neurons stay in the second-level cache. */
const group: i32 = 8;
const piece: i32 = 1024;
/** Squares in one running sum, of which a piece has whole ones: longer ones in single precision lose digits. */
const longest: i32 = 128;
/** Tiles of four neurons by eight between two groups, and what each has of distances in f64 and of squares in f32. */
const tiles: usize = 128;
const sumBytes: usize = 256;
const squareBytes: usize = 128;

/**
 * For every pair of neurons the sum over classes of sqrt(mean squared difference of their sorted activations): the
 * paper's equation 3. Differences are squared and summed as they are: inner products would take a third fewer operations and
 * lose the small distances, by which duplicates are known, to cancellation.
 * @param activations [blocks][images][8] f32 as `sortActivations` leaves them
 * @param out [neurons][neurons] f64, both halves and zeros between
 * @param scratch of 48 KB
 * @param from the first block of rows, a multiple of 8 @param to behind the last one
 */
export function neuronDistances(
  activations: usize,
  starts: usize,
  classes: i32,
  neurons: i32,
  out: usize,
  scratch: usize,
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
      memory.fill(scratch, 0, tiles * sumBytes);
      for (let k = 0; k < classes; k++) {
        const start = load<i32>(starts + (<usize>k << 2));
        const size = load<i32>(starts + (<usize>k << 2), 4) - start;
        memory.fill(scratch + tiles * sumBytes, 0, tiles * squareBytes);
        for (let done = 0; done < size; done += piece) {
          const lines = activations + <usize>(start + done) * line;
          const count = min(piece, size - done);
          for (let q = groupQ; q < endQ; q++) {
            for (let p = groupP; p < endP && p <= q; p++) {
              const squares = scratch + tiles * sumBytes + tileOf(p - groupP, q - groupQ) * squareBytes;
              const rows = lines + <usize>p * bytes;
              const columns = lines + <usize>q * bytes;
              addSquares(rows, columns, count, squares);
              addSquares(rows + 16, columns, count, squares + squareBytes);
            }
          }
        }
        for (let tile: usize = 0; tile < tiles; tile++) {
          addRoots(scratch + tile * sumBytes, scratch + tiles * sumBytes + tile * squareBytes, size);
        }
      }
      for (let q = groupQ; q < endQ; q++) {
        for (let p = groupP; p < endP && p <= q; p++) {
          const sums = scratch + tileOf(p - groupP, q - groupQ) * sumBytes;
          scatter(sums, out, neurons, p * width, q * width);
          scatter(sums + sumBytes, out, neurons, p * width + 4, q * width);
        }
      }
    }
  }
}
/** A tile's place in a group. */
// @ts-ignore: decorator
@inline
function tileOf(p: i32, q: i32): usize {
  return (<usize>(q * group + p)) << 1;
}

/** Adds the squared differences of four neurons from eight for `count` images to `squares`, [4][8] f32. */
function addSquares(p: usize, q: usize, count: i32, squares: usize): void {
  let a0 = v128.load(squares, 0);
  let a1 = v128.load(squares, 16);
  let b0 = v128.load(squares, 32);
  let b1 = v128.load(squares, 48);
  let c0 = v128.load(squares, 64);
  let c1 = v128.load(squares, 80);
  let d0 = v128.load(squares, 96);
  let d1 = v128.load(squares, 112);
  for (let rest = count; rest > 0; rest -= longest) {
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
  v128.store(squares, a0, 0);
  v128.store(squares, a1, 16);
  v128.store(squares, b0, 32);
  v128.store(squares, b1, 48);
  v128.store(squares, c0, 64);
  v128.store(squares, c1, 80);
  v128.store(squares, d0, 96);
  v128.store(squares, d1, 112);
}

/** Adds the roots of a tile's mean squares to its sums, [4][8] f64. */
function addRoots(sums: usize, squares: usize, size: i32): void {
  const scale = f32x4.splat(<f32>1 / <f32>size);
  for (let at: usize = 0; at < squareBytes; at += 16, sums += 32) {
    const roots = f32x4.sqrt(f32x4.mul(v128.load(squares + at), scale));
    const low = f64x2.promote_low_f32x4(roots);
    const high = f64x2.promote_low_f32x4(v128.shuffle<i32>(roots, roots, 2, 3, 2, 3));
    v128.store(sums, f64x2.add(v128.load(sums), low));
    v128.store(sums, f64x2.add(v128.load(sums, 16), high), 16);
  }
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
