/** Below this length two points coincide and pull in no direction. */
const leastLength: f64 = 1e-300;

/**
 * The Guttman transform G(X) = B(X) X / count, and on the way the stress of X. One half of the matrix is walked.
 * @param distances [count][count] f64
 * @param x [count] f64 @param y [count] f64
 * @param imageX [count] f64, the result @param imageY [count] f64
 * @returns the sum over pairs of (map distance - distance)^2
 */
export function guttman(distances: usize, count: i32, x: usize, y: usize, imageX: usize, imageY: usize): f64 {
  const bytes = <usize>count << 3;
  memory.fill(imageX, 0, bytes);
  memory.fill(imageY, 0, bytes);
  const least = f64x2.splat(leastLength);
  let stress = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 8) {
    const ownX = v128.load64_splat(x + i);
    const ownY = v128.load64_splat(y + i);
    const row = distances + i * <usize>count;
    let sumX = f64x2.splat(0);
    let sumY = f64x2.splat(0);
    let j = i + 8;
    // One alone where their number is odd.
    const isOdd = ((bytes - j) >> 3) & 1;
    if (isOdd) {
      const dx = load<f64>(x + i) - load<f64>(x + j);
      const dy = load<f64>(y + i) - load<f64>(y + j);
      const distance = load<f64>(row + j);
      const length = Math.sqrt(dx * dx + dy * dy);
      const error = length - distance;
      const ratio = length > leastLength ? distance / length : 0;
      stress = f64x2.add(stress, f64x2.replace_lane(f64x2.splat(0), 0, error * error));
      sumX = f64x2.replace_lane(sumX, 0, ratio * dx);
      sumY = f64x2.replace_lane(sumY, 0, ratio * dy);
      store<f64>(imageX + j, load<f64>(imageX + j) - ratio * dx);
      store<f64>(imageY + j, load<f64>(imageY + j) - ratio * dy);
      j += 8;
    }
    for (; j < bytes; j += 16) {
      const dx = f64x2.sub(ownX, v128.load(x + j));
      const dy = f64x2.sub(ownY, v128.load(y + j));
      const distance = v128.load(row + j);
      const length = f64x2.sqrt(f64x2.add(f64x2.mul(dx, dx), f64x2.mul(dy, dy)));
      const error = f64x2.sub(length, distance);
      stress = f64x2.add(stress, f64x2.mul(error, error));
      const ratio = v128.and(f64x2.div(distance, length), f64x2.gt(length, least));
      const pullX = f64x2.mul(ratio, dx);
      const pullY = f64x2.mul(ratio, dy);
      sumX = f64x2.add(sumX, pullX);
      sumY = f64x2.add(sumY, pullY);
      v128.store(imageX + j, f64x2.sub(v128.load(imageX + j), pullX));
      v128.store(imageY + j, f64x2.sub(v128.load(imageY + j), pullY));
    }
    store<f64>(imageX + i, load<f64>(imageX + i) + both(sumX));
    store<f64>(imageY + i, load<f64>(imageY + i) + both(sumY));
  }
  const share = 1 / <f64>count;
  for (let i: usize = 0; i < bytes; i += 8) {
    store<f64>(imageX + i, load<f64>(imageX + i) * share);
    store<f64>(imageY + i, load<f64>(imageY + i) * share);
  }
  return both(stress);
}

/** The sum of a vector's two lanes. */
// @ts-ignore: decorator
@inline
function both(vector: v128): f64 {
  return f64x2.extract_lane(vector, 0) + f64x2.extract_lane(vector, 1);
}
