import type { TrainingSpecification } from '../network/specification.ts';

export type EarlyStoppingSettings = NonNullable<TrainingSpecification['earlyStopping']>;

/**
 * Ends a training whose validation loss no longer falls: when `patience` epochs in a row did not bring it more than
 * `minimumChange` below the least before them. It knows nothing but the losses, so that a run that is gone on with
 * ends where it would have ended.
 */
export class EarlyStopping {
  readonly #settings: EarlyStoppingSettings;
  #epoch = 0;
  #best = { epoch: 0, loss: Infinity };

  /** @param losses of the epochs so far, on the validation images, from epoch 1 */
  constructor(settings: EarlyStoppingSettings, losses: readonly number[] = []) {
    this.#settings = settings;
    for (const loss of losses) this.saw(loss);
  }

  /** Takes the next epoch's validation loss. @returns whether the training is to end with it */
  saw(loss: number): boolean {
    this.#epoch++;
    if (loss < this.#best.loss - this.#settings.minimumChange) this.#best = { epoch: this.#epoch, loss };
    return this.due;
  }

  /** Whether the training is to end with the epochs so far. */
  get due(): boolean {
    return this.#waited >= this.#settings.patience;
  }

  /** Whether the next epoch ends the training unless its loss is the least so far. */
  get nearlyDue(): boolean {
    return this.#waited >= this.#settings.patience - 1;
  }

  /** Why it is due, for the user. */
  get reason(): string {
    const { patience, minimumChange } = this.#settings;
    const by = minimumChange > 0 ? ` by more than ${minimumChange}` : '';
    const epochs = `${patience} ${patience === 1 ? 'epoch' : 'epochs'}`;
    return (
      `ended early after epoch ${this.#epoch}: the validation loss has not fallen${by} for ${epochs} ` +
      `(least ${this.#best.loss.toFixed(4)} in epoch ${this.#best.epoch})`
    );
  }

  get #waited(): number {
    return this.#epoch - this.#best.epoch;
  }
}
