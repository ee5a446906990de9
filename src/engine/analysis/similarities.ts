import type { DistanceMatrix } from './neuron-distances.ts';

/** Symmetric similarities of t-SNE by rows (compressed sparse rows); they sum to 1. */
export interface Similarities {
  count: number;
  /** Where each point's partners begin, [count + 1]. */
  starts: Int32Array;
  partners: Int32Array;
  weights: Float32Array;
}

/**
 * How similar points are: each point's Gaussian is widened until it holds `perplexity` effective neighbours
 * (van der Maaten and Hinton 2008, section 2), over the 3 * perplexity + 1 nearest points, then made symmetric.
 * @param squared squared distances
 */
export function similarities({ count, values }: DistanceMatrix, perplexity: number): Similarities {
  const neighbours = Math.min(count - 1, Math.floor(3 * perplexity) + 1);
  const joint = new Float32Array(count * count);
  const nearest = new Int32Array(neighbours);
  const distances = new Float64Array(neighbours);
  const conditional = new Float64Array(neighbours);
  const sorted = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const row = values.subarray(i * count, (i + 1) * count);
    sorted.set(row);
    sorted[i] = -1;
    sorted.sort();
    const farthest = sorted[neighbours];
    const base = sorted[1];
    let found = 0;
    // Strictly nearer ones first: among equals at the border the lower indices win, whatever their order.
    for (const tie of [false, true]) {
      for (let j = 0; j < count && found < neighbours; j++) {
        if (j !== i && (tie ? row[j] === farthest : row[j] < farthest)) {
          nearest[found] = j;
          distances[found++] = row[j] - base;
        }
      }
    }
    fitPerplexity(distances, perplexity, conditional);
    for (let at = 0; at < neighbours; at++) {
      const share = conditional[at] / (2 * count);
      joint[i * count + nearest[at]] += share;
      joint[nearest[at] * count + i] += share;
    }
  }
  return compress(joint, count);
}

/** Finds the width whose Gaussian has the wanted perplexity by bisection; the shares sum to 1. */
function fitPerplexity(distances: Float64Array, perplexity: number, shares: Float64Array): void {
  const wanted = Math.log(perplexity);
  let precision = 1;
  let low = 0;
  let high = Infinity;
  for (let trial = 0; trial < 100; trial++) {
    let sum = 0;
    let weighted = 0;
    for (let at = 0; at < distances.length; at++) {
      shares[at] = Math.exp(-distances[at] * precision);
      sum += shares[at];
      weighted += distances[at] * shares[at];
    }
    for (let at = 0; at < shares.length; at++) shares[at] /= sum;
    const entropy = Math.log(sum) + (precision * weighted) / sum;
    if (Math.abs(entropy - wanted) < 1e-5) return;
    if (entropy > wanted) {
      low = precision;
      precision = high === Infinity ? precision * 2 : (precision + high) / 2;
    } else {
      high = precision;
      precision = (precision + low) / 2;
    }
  }
}

function compress(joint: Float32Array, count: number): Similarities {
  const starts = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) {
    let filled = 0;
    for (let j = 0; j < count; j++) if (joint[i * count + j] > 0) filled++;
    starts[i + 1] = starts[i] + filled;
  }
  const partners = new Int32Array(starts[count]);
  const weights = new Float32Array(starts[count]);
  for (let i = 0, at = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      if (joint[i * count + j] > 0) {
        partners[at] = j;
        weights[at++] = joint[i * count + j];
      }
    }
  }
  return { count, starts, partners, weights };
}
