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
