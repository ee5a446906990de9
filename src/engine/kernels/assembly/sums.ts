/** The sum of a vector's four lanes. */
// @ts-ignore: decorator
@inline
export function laneSum(vector: v128): f32 {
  return (
    f32x4.extract_lane(vector, 0) +
    f32x4.extract_lane(vector, 1) +
    (f32x4.extract_lane(vector, 2) + f32x4.extract_lane(vector, 3))
  );
}

/** The lane sums of four vectors, in their order. */
// @ts-ignore: decorator
@inline
export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** The squared Euclidean distance of two rows; `bytes` is a multiple of 16. */
export function squaredDistance(a: usize, b: usize, bytes: usize): f32 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  let at: usize = 0;
  // Two accumulators: a single one waits for its own addition.
  for (; at + 32 <= bytes; at += 32) {
    const first = f32x4.sub(v128.load(a + at), v128.load(b + at));
    const second = f32x4.sub(v128.load(a + at, 16), v128.load(b + at, 16));
    even = f32x4.add(even, f32x4.mul(first, first));
    odd = f32x4.add(odd, f32x4.mul(second, second));
  }
  if (at < bytes) {
    const last = f32x4.sub(v128.load(a + at), v128.load(b + at));
    even = f32x4.add(even, f32x4.mul(last, last));
  }
  return laneSum(f32x4.add(even, odd));
}
