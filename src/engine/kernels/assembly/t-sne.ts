import { laneSum } from './sums';

/**
 * The exact gradient of t-SNE (van der Maaten & Hinton 2008) with attraction over the neighbours only.
 * The repulsion is dense: four partners at a time, every pair.
 * @param x, y [padded] f32: positions; the padding lies at 1e15, so far away that it neither attracts nor repels
 * @param starts [count + 1] i32, partners i32, weights f32: the symmetric similarities P by rows
 * @param exaggeration what P is multiplied by
 * @param forceX, forceY [padded] f32: scratch; gradientX, gradientY [padded] f32: out
 * @returns the sum of the unnormalised similarities Q, from which the divergence is computed
 */
export function tsneGradient(
  x: usize,
  y: usize,
  count: i32,
  padded: i32,
  starts: usize,
  partners: usize,
  weights: usize,
  exaggeration: f32,
  forceX: usize,
  forceY: usize,
  gradientX: usize,
  gradientY: usize,
): f64 {
  const end = (<usize>padded) << 2;
  const one = f32x4.splat(1);
  let total: f64 = 0;
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 2;
    const xi = f32x4.splat(load<f32>(x + at));
    const yi = f32x4.splat(load<f32>(y + at));
    let sum = f32x4.splat(0);
    let pushX = f32x4.splat(0);
    let pushY = f32x4.splat(0);
    for (let j: usize = 0; j < end; j += 16) {
      const dx = f32x4.sub(xi, v128.load(x + j));
      const dy = f32x4.sub(yi, v128.load(y + j));
      const q = f32x4.div(one, f32x4.add(one, f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy))));
      const squared = f32x4.mul(q, q);
      sum = f32x4.add(sum, q);
      pushX = f32x4.add(pushX, f32x4.mul(squared, dx));
      pushY = f32x4.add(pushY, f32x4.mul(squared, dy));
    }
    // A point's similarity to itself, 1, does not count.
    total += <f64>laneSum(sum) - 1.0;
    store<f32>(forceX + at, laneSum(pushX));
    store<f32>(forceY + at, laneSum(pushY));
  }
  const scale = <f32>(1.0 / total);
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 2;
    const xi = load<f32>(x + at);
    const yi = load<f32>(y + at);
    let pullX: f32 = 0;
    let pullY: f32 = 0;
    const last = load<i32>(starts + at, 4);
    for (let edge = load<i32>(starts + at); edge < last; edge++) {
      const j = (<usize>load<i32>(partners + ((<usize>edge) << 2))) << 2;
      const dx = xi - load<f32>(x + j);
      const dy = yi - load<f32>(y + j);
      const strength = load<f32>(weights + ((<usize>edge) << 2)) / (1 + dx * dx + dy * dy);
      pullX += strength * dx;
      pullY += strength * dy;
    }
    store<f32>(gradientX + at, 4 * (exaggeration * pullX - scale * load<f32>(forceX + at)));
    store<f32>(gradientY + at, 4 * (exaggeration * pullY - scale * load<f32>(forceY + at)));
  }
  return total;
}

/** One descent step with momentum and per-coordinate gains (Jacobs 1988), as van der Maaten's own code has them. */
export function tsneUpdate(
  position: usize,
  gradient: usize,
  velocity: usize,
  gains: usize,
  count: i32,
  rate: f32,
  momentum: f32,
): void {
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 2;
    const slope = load<f32>(gradient + at);
    const speed = load<f32>(velocity + at);
    let gain = load<f32>(gains + at);
    gain = speed * slope < 0 ? gain + 0.2 : max<f32>(gain * 0.8, 0.01);
    const next = momentum * speed - rate * gain * slope;
    store<f32>(gains + at, gain);
    store<f32>(velocity + at, next);
    store<f32>(position + at, load<f32>(position + at) + next);
  }
}
