/** Rows that share the loads of the others. */
const group: i32 = 4;

/**
 * What `neuronDistances` computes, in double precision: for activations that single precision does not hold.
 * @param rows [neurons][images] f64: each neuron's activations, class after class, ascending within a class
 * @param starts [classes + 1] i32: where each class begins
 * @param out [neurons][neurons] f64, the upper triangle
 * @param from the first row @param to behind the last one
 */
export function exactDistances(
  rows: usize,
  starts: usize,
  classes: i32,
  neurons: i32,
  out: usize,
  from: i32,
  to: i32,
): void {
  const bytes = <usize>load<i32>(starts + (<usize>classes << 2)) << 3;
  for (let first = from; first < to; first += group) {
    for (let q = first + 1; q < neurons; q++) {
      for (let p = first; p < min(min(first + group, to), q); p++) {
        const cell = out + ((<usize>p * <usize>neurons + <usize>q) << 3);
        store<f64>(cell, distance(rows + <usize>p * bytes, rows + <usize>q * bytes, starts, classes));
      }
    }
  }
}

/** The sum over classes of the root of the mean squared difference. */
function distance(p: usize, q: usize, starts: usize, classes: i32): f64 {
  let total: f64 = 0;
  for (let k = 0; k < classes; k++) {
    const size = load<i32>(starts + (<usize>k << 2), 4) - load<i32>(starts + (<usize>k << 2));
    let even = f64x2.splat(0);
    let odd = even;
    let rest = size;
    for (; rest >= 4; rest -= 4, p += 32, q += 32) {
      const low = f64x2.sub(v128.load(p), v128.load(q));
      const high = f64x2.sub(v128.load(p, 16), v128.load(q, 16));
      even = f64x2.add(even, f64x2.mul(low, low));
      odd = f64x2.add(odd, f64x2.mul(high, high));
    }
    const sums = f64x2.add(even, odd);
    let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
    for (; rest > 0; rest--, p += 8, q += 8) {
      const difference = load<f64>(p) - load<f64>(q);
      sum += difference * difference;
    }
    total += Math.sqrt(sum / <f64>size);
  }
  return total;
}
