/** Neurons side by side in a block. */
const width: usize = 8;

/**
 * For every neuron the sum over pairs of classes of the 2-Wasserstein distance of its activations, in double precision.
 * @param activations [blocks][images][8] f32 as `sortActivations` leaves them
 * @param starts [classes + 1] i32: where each class begins
 * @param out [blocks][8] f64
 * @param from the first block @param to behind the last one
 */
export function classDistances(
  activations: usize,
  starts: usize,
  classes: i32,
  out: usize,
  from: i32,
  to: i32,
): void {
  sumOfPairs<f32>(activations, starts, classes, out, from, to);
}

/** The same of f64 as `sortDoubles` leaves them. */
export function classDistancesOfDoubles(
  activations: usize,
  starts: usize,
  classes: i32,
  out: usize,
  from: i32,
  to: i32,
): void {
  sumOfPairs<f64>(activations, starts, classes, out, from, to);
}

function sumOfPairs<T>(activations: usize, starts: usize, classes: i32, out: usize, from: i32, to: i32): void {
  const line = width * sizeof<T>();
  const bytes = <usize>load<i32>(starts + (<usize>classes << 2)) * line;
  for (let block = from; block < to; block++) {
    const base = activations + <usize>block * bytes;
    const sums = out + (<usize>block << 6);
    memory.fill(sums, 0, 64);
    for (let k = 0; k < classes; k++) {
      const startK = load<i32>(starts + (<usize>k << 2));
      const sizeK = load<i32>(starts + (<usize>k << 2), 4) - startK;
      for (let l = k + 1; l < classes; l++) {
        const startL = load<i32>(starts + (<usize>l << 2));
        const sizeL = load<i32>(starts + (<usize>l << 2), 4) - startL;
        addDistance<T>(base + <usize>startK * line, sizeK, base + <usize>startL * line, sizeL, sums);
      }
    }
  }
}

/**
 * Walks the step functions of two sorted runs of lines together, as `squaredDistance` of metrics/wasserstein.ts does:
 * quantile levels are compared as whole numbers, so that equal ones are equal exactly.
 */
function addDistance<T>(a: usize, countA: i32, b: usize, countB: i32, sums: usize): void {
  const line = width * sizeof<T>();
  let sum0 = f64x2.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  // Of runs of a size every level is the end of both.
  const isEqual = countA == countB;
  const stepA = isEqual ? <i64>1 : <i64>countB;
  const stepB = isEqual ? <i64>1 : <i64>countA;
  const whole = stepA * <i64>countA;
  let endA = stepA;
  let endB = stepB;
  for (let level: i64 = 0; level < whole; ) {
    const end = min(endA, endB);
    const share = f64x2.splat(<f64>(end - level));
    const difference0 = difference<T>(a, b, 0);
    const difference1 = difference<T>(a, b, 2);
    const difference2 = difference<T>(a, b, 4);
    const difference3 = difference<T>(a, b, 6);
    sum0 = f64x2.add(sum0, f64x2.mul(share, f64x2.mul(difference0, difference0)));
    sum1 = f64x2.add(sum1, f64x2.mul(share, f64x2.mul(difference1, difference1)));
    sum2 = f64x2.add(sum2, f64x2.mul(share, f64x2.mul(difference2, difference2)));
    sum3 = f64x2.add(sum3, f64x2.mul(share, f64x2.mul(difference3, difference3)));
    level = end;
    const isEndOfA = endA == end;
    const isEndOfB = endB == end;
    a += isEndOfA ? line : 0;
    endA += isEndOfA ? stepA : 0;
    b += isEndOfB ? line : 0;
    endB += isEndOfB ? stepB : 0;
  }
  const scale = f64x2.splat(<f64>whole);
  addRoots(sums, sum0, scale);
  addRoots(sums + 16, sum1, scale);
  addRoots(sums + 32, sum2, scale);
  addRoots(sums + 48, sum3, scale);
}

/** The differences of two neurons, of which the first is the given one of the line, in double precision. */
// @ts-ignore: decorator
@inline
function difference<T>(a: usize, b: usize, neuron: usize): v128 {
  const at = neuron * sizeof<T>();
  if (sizeof<T>() == 8) return f64x2.sub(v128.load(a + at), v128.load(b + at));
  return f64x2.sub(
    f64x2.promote_low_f32x4(v128.load64_zero(a + at)),
    f64x2.promote_low_f32x4(v128.load64_zero(b + at)),
  );
}

// @ts-ignore: decorator
@inline
function addRoots(cell: usize, squares: v128, scale: v128): void {
  v128.store(cell, f64x2.add(v128.load(cell), f64x2.sqrt(f64x2.div(squares, scale))));
}
