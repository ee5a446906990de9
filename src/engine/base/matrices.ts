/** Dense linear algebra on some engine, as whitening needs it. Matrices are row-major. */
export interface Matrices {
  /** The largest symmetric matrix that `leadingEigenvectors` decomposes in reasonable time: its rows. */
  readonly largest: number;
  /** Threads that share the work: their number is a part of the result. */
  readonly threads: number;
  /** Starts a sum, which stays on the engine until it is taken. */
  gram(size: number): GramSum;
  /** [any, size] times [size, size]. */
  multiply(rows: Float32Array, square: Float32Array, size: number): Promise<Float32Array>;
  /** About how many seconds `leadingEigenvectors` takes for a matrix of `size` rows. */
  secondsFor(size: number): number;
  /**
   * The eigenvalues of a symmetric matrix that are above `least`, and their orthonormal eigenvectors, a row each.
   * It is one long call into a library; this thread goes on meanwhile, unless it takes less than a second.
   * @param symmetric [size, size]
   * @throws DeepviewError `cancelled`, at once when the signal is given
   */
  leadingEigenvectors(
    symmetric: Float32Array,
    size: number,
    least: number,
    signal: AbortSignal,
  ): Promise<LeadingEigenvectors>;
}

/** Values [k] in any order, vectors [k, size] in the same one. */
export interface LeadingEigenvectors {
  values: Float32Array;
  vectors: Float32Array;
}

/** The transpose of a matrix times the matrix, whose rows come in pieces. */
export interface GramSum {
  /** Adds rows, [any, size]; they are not needed afterwards. */
  add(rows: Float32Array): void;
  /** The sum over all rows, [size, size]; nothing can be added after it. */
  take(): Promise<Float32Array>;
}
