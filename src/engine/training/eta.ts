/** How long a training will still take, from how fast it went. Times are seconds without pauses. */
export class Eta {
  readonly #epochs: number;
  readonly #batches: number;
  /** Mean seconds an epoch spends after its last batch (validation, probe), from the epochs seen. */
  #tail: number | undefined;
  #tails = 0;

  /** @param epochs of the whole run; @param batches of one epoch */
  constructor(epochs: number, batches: number) {
    this.#epochs = epochs;
    this.#batches = batches;
  }

  /** An epoch's part after its last batch took so long. */
  sawTail(seconds: number): void {
    this.#tail = ((this.#tail ?? 0) * this.#tails + seconds) / ++this.#tails;
  }

  /**
   * Estimated seconds to the end of the last epoch.
   * @param epoch the current one, from 1
   * @param done batches of it
   * @param seconds since the epoch began
   * @param tailSeconds of those, after its last batch
   */
  secondsLeft(epoch: number, done: number, seconds: number, tailSeconds = 0): number {
    if (done === 0) return 0;
    const perBatch = (seconds - tailSeconds) / done;
    // Before the first epoch is over nothing is known of its tail: a tenth of the training is typical.
    const tail = this.#tail ?? perBatch * this.#batches * 0.1;
    const rest = perBatch * (this.#batches - done) + Math.max(0, tail - tailSeconds);
    return rest + (this.#epochs - epoch) * (perBatch * this.#batches + tail);
  }
}
