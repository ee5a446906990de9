/**
 * Carries out tasks one after another, in the order they came, beside what adds them.
 * After a failure the remaining tasks are left out: an epoch is never committed after one that was lost.
 */
export class CommitQueue {
  readonly #onFailure: (thrown: unknown) => void;
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #failed: { thrown: unknown } | undefined;

  /** @param onFailure called once, with what the first failing task threw */
  constructor(onFailure: (thrown: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Tasks not done yet. */
  get length(): number {
    return this.#waiting;
  }

  /** Resolves when all tasks are done, but after `milliseconds` at the latest. */
  async settledWithin(milliseconds: number): Promise<void> {
    if (this.#waiting === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#tail, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
    clearTimeout(timer);
  }

  add(task: () => Promise<void>): void {
    this.#waiting++;
    this.#tail = this.#tail.then(async () => {
      try {
        if (!this.#failed) await task();
      } catch (thrown) {
        this.#failed = { thrown };
        this.#onFailure(thrown);
      } finally {
        this.#waiting--;
      }
    });
  }

  /** Resolves when all tasks are done. @throws what the first failing one threw */
  async drained(): Promise<void> {
    await this.#tail;
    if (this.#failed) throw this.#failed.thrown;
  }
}
