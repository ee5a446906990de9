/** Dense linear algebra on some engine, as whitening needs it. Matrices are row-major. */
export interface Matrices {
  /** The largest symmetric matrix that `leadingEigenvectors` decomposes in reasonable time: its rows. */
  readonly largest: number;
  /** Starts a sum, which stays on the engine until it is taken. */
  gram(size: number): GramSum;
  /** [any, size] times [size, size]. */
  multiply(rows: Float32Array, square: Float32Array, size: number): Float32Array;
  /**
   * The eigenvalues of a symmetric matrix that are above `least`, and their orthonormal eigenvectors, a row each.
   * It is one long call into the engine: nothing else happens on this thread meanwhile.
   * @param symmetric [size, size]
   * @returns values [k] in any order, vectors [k, size]
   */
  leadingEigenvectors(
    symmetric: Float32Array,
    size: number,
    least: number,
  ): { values: Float32Array; vectors: Float32Array };
}

/** The transpose of a matrix times the matrix, whose rows come in pieces. */
export interface GramSum {
  /** Adds rows, [any, size]; they are not needed afterwards. */
  add(rows: Float32Array): void;
  /** The sum over all rows, [size, size]; nothing can be added after it. */
  take(): Float32Array;
}
