/**
 * Turns, mirrors and shifts a map so that it lies as near as possible to another one (orthogonal Procrustes analysis in
 * the plane, Schoenemann 1966); its size stays. A map that is drawn again each epoch then does not spin.
 * @param positions [count, 2] row-major, changed in place
 * @param reference [count, 2]: where the same points were before
 */
export function alignTo(positions: Float64Array, reference: Float64Array): void {
  const count = positions.length / 2;
  if (count === 0) return;
  const [centreX, centreY] = centroid(positions);
  const [targetX, targetY] = centroid(reference);
  // The 2 x 2 cross-covariance; its best rotation and best reflection have closed forms.
  let xx = 0;
  let xy = 0;
  let yx = 0;
  let yy = 0;
  for (let at = 0; at < positions.length; at += 2) {
    const px = positions[at] - centreX;
    const py = positions[at + 1] - centreY;
    const rx = reference[at] - targetX;
    const ry = reference[at + 1] - targetY;
    xx += px * rx;
    xy += px * ry;
    yx += py * rx;
    yy += py * ry;
  }
  const rotation = Math.hypot(xx + yy, xy - yx);
  const reflection = Math.hypot(xx - yy, xy + yx);
  const mirrored = reflection > rotation;
  const length = mirrored ? reflection : rotation;
  const cos = length === 0 ? 1 : (mirrored ? xx - yy : xx + yy) / length;
  const sin = length === 0 ? 0 : (mirrored ? xy + yx : xy - yx) / length;
  for (let at = 0; at < positions.length; at += 2) {
    const px = positions[at] - centreX;
    const py = (positions[at + 1] - centreY) * (mirrored ? -1 : 1);
    positions[at] = targetX + cos * px - sin * py;
    positions[at + 1] = targetY + sin * px + cos * py;
  }
}

function centroid(positions: Float64Array): [number, number] {
  let x = 0;
  let y = 0;
  for (let at = 0; at < positions.length; at += 2) {
    x += positions[at];
    y += positions[at + 1];
  }
  return [(2 * x) / positions.length, (2 * y) / positions.length];
}
