import { laneSum } from './sums';

/**
 * One Lloyd step: each point goes to its nearest centroid, and is added to that centroid's sum while it is still in the
 * cache. Distances are compared as |c|^2 - 2 x.c, since |x|^2 is the same for all centroids.
 * @param points [count][stride] f32, stride a multiple of 4, padded with zeros
 * @param centroids [k4][stride] f32; k4 is k rounded up to a multiple of 4
 * @param norms [k4] f32, |c|^2; positive infinity for the centroids that only fill up
 * @param labels [count] i32, out
 * @param gaps [count] f32, out: |c|^2 - 2 x.c of the nearest centroid
 * @param sums [k][stride] f32, out, and counts [k] i32, out: both cleared by the caller
 * @returns how many labels changed
 */
export function assignPoints(
  points: usize,
  count: i32,
  stride: i32,
  centroids: usize,
  k4: i32,
  norms: usize,
  labels: usize,
  gaps: usize,
  sums: usize,
  counts: usize,
): i32 {
  const bytes = (<usize>stride) << 2;
  let changed = 0;
  for (let point = 0; point < count; point++) {
    const row = points + <usize>point * bytes;
    let best = 0;
    let smallest = f32.MAX_VALUE;
    for (let c = 0; c < k4; c += 4) {
      const row0 = centroids + <usize>c * bytes;
      const row1 = row0 + bytes;
      const row2 = row1 + bytes;
      const row3 = row2 + bytes;
      let dot0 = f32x4.splat(0);
      let dot1 = f32x4.splat(0);
      let dot2 = f32x4.splat(0);
      let dot3 = f32x4.splat(0);
      for (let at: usize = 0; at < bytes; at += 16) {
        const value = v128.load(row + at);
        dot0 = f32x4.add(dot0, f32x4.mul(value, v128.load(row0 + at)));
        dot1 = f32x4.add(dot1, f32x4.mul(value, v128.load(row1 + at)));
        dot2 = f32x4.add(dot2, f32x4.mul(value, v128.load(row2 + at)));
        dot3 = f32x4.add(dot3, f32x4.mul(value, v128.load(row3 + at)));
      }
      const norm = norms + (<usize>c << 2);
      const gap0 = load<f32>(norm) - 2 * laneSum(dot0);
      const gap1 = load<f32>(norm, 4) - 2 * laneSum(dot1);
      const gap2 = load<f32>(norm, 8) - 2 * laneSum(dot2);
      const gap3 = load<f32>(norm, 12) - 2 * laneSum(dot3);
      if (gap0 < smallest) { smallest = gap0; best = c; }
      if (gap1 < smallest) { smallest = gap1; best = c + 1; }
      if (gap2 < smallest) { smallest = gap2; best = c + 2; }
      if (gap3 < smallest) { smallest = gap3; best = c + 3; }
    }
    const label = labels + (<usize>point << 2);
    if (load<i32>(label) != best) {
      store<i32>(label, best);
      changed++;
    }
    store<f32>(gaps + (<usize>point << 2), smallest);
    const tally = counts + (<usize>best << 2);
    store<i32>(tally, load<i32>(tally) + 1);
    const sum = sums + <usize>best * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(sum + at, f32x4.add(v128.load(sum + at), v128.load(row + at)));
    }
  }
  return changed;
}
