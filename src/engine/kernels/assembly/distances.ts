import { laneSums, squaredDistance } from './sums';

/** Rows of a tile: two tiles of a hundred values a row stay in the first-level cache. */
const tile: i32 = 32;

/**
 * The squared distances of every pair p < q of rows, into the upper triangle of `out`.
 * @param rows [count][stride] f32, stride a multiple of 4, padded with equal values
 * @param out [count][count] f64
 * @param from the first row p, a multiple of 32
 * @param to behind the last row p: rows may be done in pieces, so that others get a turn
 */
export function squaredDistances(
  rows: usize,
  count: i32,
  stride: i32,
  out: usize,
  from: i32,
  to: i32,
): void {
  const bytes = (<usize>stride) << 2;
  for (let tileP = from; tileP < to; tileP += tile) {
    const endP = min(tileP + tile, to);
    for (let tileQ = tileP; tileQ < count; tileQ += tile) {
      const endQ = min(tileQ + tile, count);
      for (let p = tileP; p < endP; p++) {
        const rowP = rows + <usize>p * bytes;
        const outP = out + (<usize>p * <usize>count << 3);
        let q = max(p + 1, tileQ);
        // Four partners at a time share the loads of row p and hide each other's latency.
        for (; q + 4 <= endQ; q += 4) {
          const row0 = rows + <usize>q * bytes;
          const row1 = row0 + bytes;
          const row2 = row1 + bytes;
          const row3 = row2 + bytes;
          let sum0 = f32x4.splat(0);
          let sum1 = f32x4.splat(0);
          let sum2 = f32x4.splat(0);
          let sum3 = f32x4.splat(0);
          for (let at: usize = 0; at < bytes; at += 16) {
            const value = v128.load(rowP + at);
            const d0 = f32x4.sub(value, v128.load(row0 + at));
            const d1 = f32x4.sub(value, v128.load(row1 + at));
            const d2 = f32x4.sub(value, v128.load(row2 + at));
            const d3 = f32x4.sub(value, v128.load(row3 + at));
            sum0 = f32x4.add(sum0, f32x4.mul(d0, d0));
            sum1 = f32x4.add(sum1, f32x4.mul(d1, d1));
            sum2 = f32x4.add(sum2, f32x4.mul(d2, d2));
            sum3 = f32x4.add(sum3, f32x4.mul(d3, d3));
          }
          storeFour(outP + (<usize>q << 3), laneSums(sum0, sum1, sum2, sum3));
        }
        for (; q < endQ; q++) {
          store<f64>(outP + (<usize>q << 3), squaredDistance(rowP, rows + <usize>q * bytes, bytes));
        }
      }
    }
  }
}

/** Stores four neighbouring sums in double precision. */
// @ts-ignore: decorator
@inline
function storeFour(cell: usize, squared: v128): void {
  const low = f64x2.promote_low_f32x4(squared);
  const high = f64x2.promote_low_f32x4(v128.shuffle<i32>(squared, squared, 2, 3, 2, 3));
  v128.store(cell, low);
  v128.store(cell, high, 16);
}

/** Copies the upper triangle of a square matrix [count][count] f64 to its lower one. */
export function mirrorTriangle(matrix: usize, count: i32): void {
  for (let tileP = 0; tileP < count; tileP += tile) {
    for (let tileQ = tileP; tileQ < count; tileQ += tile) {
      const endP = min(tileP + tile, count);
      const endQ = min(tileQ + tile, count);
      for (let p = tileP; p < endP; p++) {
        for (let q = max(p + 1, tileQ); q < endQ; q++) {
          const upper = matrix + ((<usize>p * <usize>count + <usize>q) << 3);
          store<f64>(matrix + ((<usize>q * <usize>count + <usize>p) << 3), load<f64>(upper));
        }
      }
    }
  }
}
