/** Methods of joining; the numbers are the callers'. */
const average: i32 = 0;
const complete: i32 = 1;
const single: i32 = 2;

/** Whether all of `count` values are finite: infinity and NaN leave a difference to themselves that is not zero. */
export function areFinite(values: usize, count: i32): bool {
  const end = values + (<usize>count << 3);
  let rest: f64 = 0;
  for (let at = values; at < end; at += 8) rest += load<f64>(at) - load<f64>(at);
  return rest == 0;
}

/**
 * Agglomerative clustering by the nearest-neighbour chain (Murtagh 1983) with the distances of Lance and Williams (1967).
 * @param work [count][width] f64, symmetric; used up. A column is written at each merge: a width that is no multiple of
 *   a large power of two keeps its cells from one another's places in the cache
 * @param sizes [count] f64, items [count] i32, chain [count] i32: scratch
 * @param firsts, seconds [count - 1] i32, heights [count - 1] f64, out: the merges in the order they are found, each
 *   by a member of either cluster
 */
export function linkClusters(
  work: usize,
  width: i32,
  count: i32,
  method: i32,
  sizes: usize,
  items: usize,
  chain: usize,
  firsts: usize,
  seconds: usize,
  heights: usize,
): void {
  const stride = (<usize>width) << 3;
  for (let i = 0; i < count; i++) {
    store<f64>(sizes + ((<usize>i) << 3), 1);
    store<i32>(items + ((<usize>i) << 2), i);
    // No cluster is a neighbour of itself.
    store<f64>(work + <usize>i * stride + ((<usize>i) << 3), Infinity);
  }
  let links = 0;
  // Clusters live in slots 0..active-1, so that a row is scanned without gaps.
  for (let active = count; active > 1; active--) {
    if (links == 0) {
      store<i32>(chain, 0);
      links = 1;
    }
    let between: f64 = 0;
    for (;;) {
      const tip = load<i32>(chain + ((<usize>(links - 1)) << 2));
      const previous = links > 1 ? load<i32>(chain + ((<usize>(links - 2)) << 2)) : -1;
      const row = work + <usize>tip * stride;
      between = smallest(row, active);
      // The predecessor wins ties: otherwise equal distances could lead the chain in a circle.
      if (previous >= 0 && load<f64>(row + ((<usize>previous) << 3)) == between) break;
      let nearest = 0;
      while (load<f64>(row + ((<usize>nearest) << 3)) != between) nearest++;
      store<i32>(chain + ((<usize>links) << 2), nearest);
      links++;
    }
    const a = load<i32>(chain + ((<usize>(links - 1)) << 2));
    const b = load<i32>(chain + ((<usize>(links - 2)) << 2));
    links -= 2;
    const merge = <usize>(count - active);
    store<i32>(firsts + (merge << 2), load<i32>(items + ((<usize>a) << 2)));
    store<i32>(seconds + (merge << 2), load<i32>(items + ((<usize>b) << 2)));
    store<f64>(heights + (merge << 3), between);
    join(work, stride, active, method, sizes, a, b, between);
    // The joined cluster lives on in b's slot, the last one moves into a's.
    const last = active - 1;
    if (a == last) continue;
    const rowA = work + <usize>a * stride;
    memory.copy(rowA, work + <usize>last * stride, (<usize>last) << 3);
    const columnA = work + ((<usize>a) << 3);
    for (let other = 0; other < last; other++) {
      store<f64>(columnA + <usize>other * stride, load<f64>(rowA + ((<usize>other) << 3)));
    }
    store<f64>(rowA + ((<usize>a) << 3), Infinity);
    store<f64>(sizes + ((<usize>a) << 3), load<f64>(sizes + ((<usize>last) << 3)));
    store<i32>(items + ((<usize>a) << 2), load<i32>(items + ((<usize>last) << 2)));
    for (let link = 0; link < links; link++) {
      const at = chain + ((<usize>link) << 2);
      if (load<i32>(at) == last) store<i32>(at, a);
    }
  }
}

/** The smallest of `count` values. */
function smallest(values: usize, count: i32): f64 {
  const end = values + ((<usize>count) << 3);
  let least = f64x2.splat(Infinity);
  let other = f64x2.splat(Infinity);
  let at = values;
  for (; at + 32 <= end; at += 32) {
    least = f64x2.pmin(least, v128.load(at));
    other = f64x2.pmin(other, v128.load(at, 16));
  }
  least = f64x2.pmin(least, other);
  let result = min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1));
  for (; at < end; at += 8) result = min(result, load<f64>(at));
  return result;
}

/** Puts the distances of a and b joined into b's row and column. */
function join(
  work: usize,
  stride: usize,
  active: i32,
  method: i32,
  sizes: usize,
  a: i32,
  b: i32,
  between: f64,
): void {
  const rowA = work + <usize>a * stride;
  const rowB = work + <usize>b * stride;
  const columnB = work + ((<usize>b) << 3);
  const sizeA = load<f64>(sizes + ((<usize>a) << 3));
  const sizeB = load<f64>(sizes + ((<usize>b) << 3));
  const together = sizeA + sizeB;
  for (let other = 0; other < active; other++) {
    if (other == a || other == b) continue;
    const at = (<usize>other) << 3;
    const toA = load<f64>(rowA + at);
    const toB = load<f64>(rowB + at);
    let joined: f64 = 0;
    if (method == average) joined = (sizeA * toA + sizeB * toB) / together;
    else if (method == complete) joined = max(toA, toB);
    else if (method == single) joined = min(toA, toB);
    else {
      // Ward's, in distances that are not squared.
      const size = load<f64>(sizes + at);
      const sum = (sizeA + size) * toA * toA + (sizeB + size) * toB * toB - size * between * between;
      joined = Math.sqrt(max(<f64>0, sum) / (together + size));
    }
    store<f64>(rowB + at, joined);
    store<f64>(columnB + <usize>other * stride, joined);
  }
  store<f64>(sizes + ((<usize>b) << 3), together);
}
