import { laneSum, laneSums } from './sums';

/** Bytes of a row that are taken at a time: the pieces of many rows stay in the second-level cache. */
const piece: usize = 4096;

/**
 * The scalar products of each row of one matrix with each of another. Sums of a piece are in single precision, those of
 * pieces in double.
 * @param a [countA][stride] f32, stride a multiple of 4, padded with zeros
 * @param b [countB][stride] f32
 * @param out [countA][countB] f64
 */
export function rowProducts(a: usize, countA: i32, b: usize, countB: i32, stride: i32, out: usize): void {
  const bytes = (<usize>stride) << 2;
  memory.fill(out, 0, (<usize>countA * <usize>countB) << 3);
  for (let from: usize = 0; from < bytes; from += piece) {
    const to = min(from + piece, bytes);
    for (let p = 0; p < countA; p++) {
      const rowP = a + <usize>p * bytes;
      let cell = out + ((<usize>p * <usize>countB) << 3);
      let q = 0;
      for (; q + 4 <= countB; q += 4) {
        const row0 = b + <usize>q * bytes;
        const row1 = row0 + bytes;
        const row2 = row1 + bytes;
        const row3 = row2 + bytes;
        let sum0 = f32x4.splat(0);
        let sum1 = f32x4.splat(0);
        let sum2 = f32x4.splat(0);
        let sum3 = f32x4.splat(0);
        for (let at = from; at < to; at += 16) {
          const value = v128.load(rowP + at);
          sum0 = f32x4.add(sum0, f32x4.mul(value, v128.load(row0 + at)));
          sum1 = f32x4.add(sum1, f32x4.mul(value, v128.load(row1 + at)));
          sum2 = f32x4.add(sum2, f32x4.mul(value, v128.load(row2 + at)));
          sum3 = f32x4.add(sum3, f32x4.mul(value, v128.load(row3 + at)));
        }
        const sums = laneSums(sum0, sum1, sum2, sum3);
        const high = v128.shuffle<i32>(sums, sums, 2, 3, 2, 3);
        v128.store(cell, f64x2.add(v128.load(cell), f64x2.promote_low_f32x4(sums)));
        v128.store(cell, f64x2.add(v128.load(cell, 16), f64x2.promote_low_f32x4(high)), 16);
        cell += 32;
      }
      for (; q < countB; q++) {
        const row = b + <usize>q * bytes;
        let sum = f32x4.splat(0);
        for (let at = from; at < to; at += 16) {
          sum = f32x4.add(sum, f32x4.mul(v128.load(rowP + at), v128.load(row + at)));
        }
        store<f64>(cell, load<f64>(cell) + <f64>laneSum(sum));
        cell += 8;
      }
    }
  }
}

/**
 * The same of f64. Two rows of `a` with two of `b` at a time: each value that is loaded is multiplied twice.
 * @param a [countA][stride] f64, stride a multiple of 4, padded with zeros
 * @param b [countB][stride] f64
 */
export function doubleProducts(a: usize, countA: i32, b: usize, countB: i32, stride: i32, out: usize): void {
  const bytes = (<usize>stride) << 3;
  memory.fill(out, 0, (<usize>countA * <usize>countB) << 3);
  for (let from: usize = 0; from < bytes; from += piece) {
    const to = min(from + piece, bytes);
    for (let q = 0; q < countB; q += 2) {
      const columnA = b + <usize>q * bytes;
      // A last one alone is taken twice.
      const nextQ = min(q + 1, countB - 1);
      const columnB = b + <usize>nextQ * bytes;
      for (let p = 0; p < countA; p += 2) {
        const rowA = a + <usize>p * bytes;
        const nextP = min(p + 1, countA - 1);
        const rowB = a + <usize>nextP * bytes;
        let sumAA = f64x2.splat(0);
        let sumAB = sumAA;
        let sumBA = sumAA;
        let sumBB = sumAA;
        for (let at = from; at < to; at += 16) {
          const valueA = v128.load(rowA + at);
          const valueB = v128.load(rowB + at);
          const otherA = v128.load(columnA + at);
          const otherB = v128.load(columnB + at);
          sumAA = f64x2.add(sumAA, f64x2.mul(valueA, otherA));
          sumAB = f64x2.add(sumAB, f64x2.mul(valueA, otherB));
          sumBA = f64x2.add(sumBA, f64x2.mul(valueB, otherA));
          sumBB = f64x2.add(sumBB, f64x2.mul(valueB, otherB));
        }
        const cells = out + ((<usize>p * <usize>countB) << 3);
        const nextCells = out + ((<usize>nextP * <usize>countB) << 3);
        addLanes(cells, q, sumAA);
        if (nextQ > q) addLanes(cells, nextQ, sumAB);
        if (nextP > p) addLanes(nextCells, q, sumBA);
        if (nextQ > q && nextP > p) addLanes(nextCells, nextQ, sumBB);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addLanes(cells: usize, place: i32, sums: v128): void {
  const cell = cells + (<usize>place << 3);
  store<f64>(cell, load<f64>(cell) + f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1));
}
