import { DeepviewError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import type { TrainingSpecification } from '../network/specification.ts';

const codes: ReadonlySet<string> = new Set(['loss-not-finite', 'loss-exploded', 'weights-not-finite', 'non-finite']);

/** Whether an error's code says that the numbers of a training went astray: its run is `diverged` then. */
export const isDivergence = (code: string): boolean => codes.has(code);

/**
 * This many times the loss that a training begins with is no longer learning. On validation images far more is let pass:
 * with batch normalisation their loss may be off by powers of ten while the running means still follow the weights.
 */
const mostTimes = { training: 1e3, validation: 1e6 };

export interface WatchedTraining {
  classes: number;
  loss: TrainingSpecification['loss'];
  /** One rate an epoch. */
  learningRate: readonly number[];
  clipGradient?: number | undefined;
  /** What was done to the images, in words. */
  preparation: readonly string[];
  /** The loss that the training began with, where that was before. */
  start?: number | undefined;
  /** Told once instead of ending the training. */
  goOn?: ((text: string) => void) | undefined;
}

/** A loss, and where it was met. */
export interface WatchedLoss {
  loss: number;
  of: keyof typeof mostTimes;
  /** `in epoch 3, batch 2 of 5` */
  where: string;
  /** From 1. */
  epoch: number;
}

/** Ends a training whose loss is no number any more, or has exploded. */
export class LossWatch {
  readonly #training: WatchedTraining;
  #start: number | undefined;
  #wasTold = false;

  constructor(training: WatchedTraining) {
    this.#training = training;
    this.#start = training.start;
  }

  /**
   * Takes the loss of a batch, or of all validation images. The first one is what the training begins with, unless it was
   * before; that of guessing (ln of the classes; of squared errors their variance) counts where it is higher.
   * @throws DeepviewError `loss-not-finite`, `loss-exploded`: unless the training is to go on
   */
  saw(seen: WatchedLoss): void {
    const { loss, of } = seen;
    const { classes, loss: kind } = this.#training;
    this.#start ??= loss;
    const guessing = kind === 'squared-error' ? (classes ** 2 - 1) / 12 : Math.log(classes);
    const from = Number.isFinite(this.#start) ? Math.max(this.#start, guessing) : guessing;
    if (!Number.isFinite(loss)) this.#astray('loss-not-finite', `became ${loss} ${seen.where}`, seen);
    else if (loss > from * mostTimes[of]) {
      const text = `rose to ${loss.toExponential(1)} ${seen.where}, from ${Number(from.toPrecision(3))} at the start`;
      this.#astray('loss-exploded', text, seen);
    }
  }

  #astray(code: string, what: string, { epoch }: WatchedLoss): void {
    const { learningRate, clipGradient, preparation, goOn } = this.#training;
    if (goOn) {
      if (!this.#wasTold) goOn(`the loss ${what}; the training goes on, as was asked`);
      this.#wasTold = true;
      return;
    }
    const kept = epoch === 1 ? '' : ` ${epoch - 1 === 1 ? 'Epoch 1 is' : `Epochs 1 to ${epoch - 1} are`} kept.`;
    const rate = learningRate[epoch - 1];
    const lower = Number((Math.max(...learningRate) / 10).toPrecision(3));
    const clip = Math.min(1, Number(((clipGradient ?? 10) / 10).toPrecision(3)));
    const prepared = printable(preparation.join(', '), 60);
    throw new DeepviewError(code, `The loss ${what}.${kept}`, {
      hint:
        rate === 0
          ? 'The weights are too large for such images; a training that went astray leaves such weights.'
          : `A lower learning rate (it was ${rate}) keeps it down: --learning-rate ${lower}. So may --clip-gradient ${clip}, ` +
            `or images of smaller values (these had ${prepared || 'nothing'}): --preparation standardise. ` +
            '--keep-going goes on in any case.',
    });
  }
}
