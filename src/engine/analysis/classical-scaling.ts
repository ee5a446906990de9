import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Up to here the full decomposition is as quick as the two vectors that are wanted. */
const fullDecomposition = 64;

/**
 * Classical multidimensional scaling (Torgerson, 1952) to two dimensions: the two leading eigenvectors of the doubly
 * centred squared distances, times the roots of their eigenvalues. For Euclidean distances these are the first two
 * principal components. Signs are fixed (each axis's largest coordinate is positive), so equal input gives an equal map.
 * @param squared squared distances, [count, count], finite
 * @returns [count, 2] row-major, centred; a direction without extent is all zero
 */
export function classicalScaling(squared: Float64Array, count: number): Float64Array {
  const means = new Float64Array(count);
  let mean = 0;
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let j = 0; j < count; j++) sum += squared[i * count + j];
    means[i] = sum / count;
    mean += means[i] / count;
  }
  const pairs =
    count <= fullDecomposition ? fullPairs(squared, count, means, mean) : lanczosPairs(squared, count, means);
  const positions = new Float64Array(count * 2);
  pairs.forEach(({ value, vector }, axis) => {
    const scale = Math.sqrt(Math.max(0, value));
    let extreme = 0;
    for (let i = 0; i < count; i++) if (Math.abs(vector[i]) > Math.abs(vector[extreme]) + 1e-12) extreme = i;
    const sign = vector[extreme] < 0 ? -1 : 1;
    for (let i = 0; i < count; i++) positions[i * 2 + axis] = sign * scale * vector[i];
  });
  return positions;
}

interface EigenPair {
  value: number;
  vector: ArrayLike<number>;
}

function fullPairs(squared: Float64Array, count: number, means: Float64Array, mean: number): EigenPair[] {
  const centred = new Matrix(count, count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) centred.set(i, j, -0.5 * (squared[i * count + j] - means[i] - means[j] + mean));
  }
  return leading(new EigenvalueDecomposition(centred, { assumeSymmetric: true }));
}

/** The two largest eigenvalues with their vectors, largest first. */
function leading({ realEigenvalues, eigenvectorMatrix }: EigenvalueDecomposition): EigenPair[] {
  return realEigenvalues
    .map((value, column) => ({ value, column }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 2)
    .map(({ value, column }) => ({ value, vector: eigenvectorMatrix.getColumn(column) }));
}

/**
 * The same two pairs by the Lanczos method with full reorthogonalisation (Golub and Van Loan, Matrix Computations, 10.1).
 * The centred matrix is never formed: centring is applied to the vectors.
 */
function lanczosPairs(squared: Float64Array, count: number, means: Float64Array): EigenPair[] {
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const offDiagonal: number[] = [];
  const largestSteps = Math.min(count, 300);
  const scale = means.reduce((sum, value) => Math.max(sum, value), 0);
  let next = startVector(count, basis, 0);
  for (let step = 0; step < largestSteps && next; step++) {
    basis.push(next);
    const image = multiplyCentred(squared, count, next);
    diagonal.push(dot(image, next));
    // Twice is enough (Parlett): a single pass loses orthogonality by cancellation.
    for (let pass = 0; pass < 2; pass++) for (const vector of basis) subtract(image, vector, dot(image, vector));
    const norm = Math.sqrt(dot(image, image));
    // The space is exhausted, as with equal eigenvalues: a fresh direction finds their other vectors.
    const exhausted = norm <= 1e-12 * scale * count;
    offDiagonal.push(exhausted ? 0 : norm);
    if (step % 8 === 7 || exhausted || step === largestSteps - 1) {
      const { pairs, residual } = ritzPairs(basis, diagonal, offDiagonal);
      const last = step === largestSteps - 1;
      if (last || (!exhausted && pairs.length === 2 && residual <= 1e-9 * Math.abs(pairs[0].value))) return pairs;
    }
    next = exhausted ? startVector(count, basis, step + 1) : image.map((value) => value / norm);
  }
  return ritzPairs(basis, diagonal, offDiagonal).pairs;
}

/** B v = -1/2 J D J v for v orthogonal to the ones: the right J is the identity on such v, the left one centres. */
function multiplyCentred(squared: Float64Array, count: number, vector: Float64Array): Float64Array {
  const image = new Float64Array(count);
  let mean = 0;
  for (let i = 0; i < count; i++) {
    let even = 0;
    let odd = 0;
    const row = i * count;
    for (let j = 0; j + 1 < count; j += 2) {
      even += squared[row + j] * vector[j];
      odd += squared[row + j + 1] * vector[j + 1];
    }
    if (count % 2 === 1) even += squared[row + count - 1] * vector[count - 1];
    image[i] = -0.5 * (even + odd);
    mean += image[i] / count;
  }
  for (let i = 0; i < count; i++) image[i] -= mean;
  return image;
}

/** A deterministic unit vector orthogonal to the ones and to the basis; undefined when there is none left. */
function startVector(count: number, basis: Float64Array[], salt: number): Float64Array | undefined {
  // Fractional parts of multiples of the golden ratio: spread evenly, and like no structure in the data.
  const vector = Float64Array.from(
    { length: count },
    (_, i) => (((i + 1) * (0.618033988749895 + salt * 0.1)) % 1) - 0.5,
  );
  const mean = vector.reduce((sum, value) => sum + value, 0) / count;
  for (let i = 0; i < count; i++) vector[i] -= mean;
  for (let pass = 0; pass < 2; pass++) for (const other of basis) subtract(vector, other, dot(vector, other));
  const norm = Math.sqrt(dot(vector, vector));
  return norm > 1e-8 ? vector.map((value) => value / norm) : undefined;
}

function ritzPairs(
  basis: Float64Array[],
  diagonal: number[],
  offDiagonal: number[],
): { pairs: EigenPair[]; residual: number } {
  const steps = diagonal.length;
  const projected = Matrix.zeros(steps, steps);
  for (let i = 0; i < steps; i++) {
    projected.set(i, i, diagonal[i]);
    if (i + 1 < steps) {
      projected.set(i, i + 1, offDiagonal[i]);
      projected.set(i + 1, i, offDiagonal[i]);
    }
  }
  const ritz = leading(new EigenvalueDecomposition(projected, { assumeSymmetric: true }));
  const residual = Math.max(...ritz.map(({ vector }) => Math.abs(offDiagonal[steps - 1] * vector[steps - 1])));
  const pairs = ritz.map(({ value, vector }) => {
    const lifted = new Float64Array(basis[0].length);
    basis.forEach((direction, step) => {
      subtract(lifted, direction, -vector[step]);
    });
    return { value, vector: lifted };
  });
  return { pairs, residual };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function subtract(target: Float64Array, direction: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] -= factor * direction[i];
}
