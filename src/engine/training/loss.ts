import type { TrainingSpecification } from '../network/specification.ts';

/** How a network did on one batch. */
export interface BatchLoss {
  /** Mean over the images: cross-entropy in nats, or squared error. Not finite if any of the outputs is not. */
  loss: number;
  /** Images whose class is not the network's first answer. */
  top1Errors: number;
  /** Images whose class is not among its first five. */
  top5Errors: number;
}

/**
 * A loss and its errors over a batch.
 * @param outputs [N, units] row-major
 * @param labels the class of each image, 0..classes-1
 * @param units outputs an image
 * @param gradient where the mean loss's gradient by the outputs is written, [N, units]; left out outside training
 */
export type Loss = (
  outputs: Float32Array,
  labels: ArrayLike<number>,
  units: number,
  gradient?: Float32Array,
) => BatchLoss;

export const losses: Readonly<Record<TrainingSpecification['loss'], Loss>> = {
  'cross-entropy': softmaxCrossEntropy,
  'squared-error': squaredError,
};

/** The loss that a network is trained with; settings of it are read here. */
export const lossOf = ({ loss }: TrainingSpecification): Loss => losses[loss];

/**
 * Softmax cross-entropy, averaged over the batch. Of equal values the earlier class ranks higher; what is not a number
 * ranks above the true class.
 * @param logits [N, classes] row-major
 * @param labels the class of each image, 0..classes-1
 * @param gradient where the mean loss's gradient by the logits is written, [N, classes]; left out outside training
 */
export function softmaxCrossEntropy(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  gradient?: Float32Array,
): BatchLoss {
  const images = logits.length / classes;
  const result: BatchLoss = { loss: 0, top1Errors: 0, top5Errors: 0 };
  for (let image = 0; image < images; image++) {
    const row = image * classes;
    const label = labels[image];
    const own = logits[row + label];
    let highest = -Infinity;
    let above = 0;
    for (let k = 0; k < classes; k++) {
      const value = logits[row + k];
      if (value > highest) highest = value;
      if (k !== label && !(value < own || (value === own && k > label))) above++;
    }
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(logits[row + k] - highest);
    result.loss += Math.log(sum) - (own - highest);
    if (above >= 1) result.top1Errors++;
    if (above >= 5) result.top5Errors++;
    if (gradient) {
      for (let k = 0; k < classes; k++) {
        const share = Math.exp(logits[row + k] - highest) / sum;
        gradient[row + k] = (share - (k === label ? 1 : 0)) / images;
      }
    }
  }
  result.loss /= images;
  return result;
}

/**
 * Squared error of one output, whose target is the number of the class, averaged over the batch. The network's first
 * answer is the whole number next to its output, its first five are the five next to it; halfway the lower goes first.
 * @param outputs [N]
 * @param labels the class of each image, 0..classes-1
 * @param units 1
 * @param gradient where the mean loss's gradient by the outputs is written, [N]; left out outside training
 */
export function squaredError(
  outputs: Float32Array,
  labels: ArrayLike<number>,
  units: number,
  gradient?: Float32Array,
): BatchLoss {
  if (units !== 1) throw new RangeError(`the squared error is of one output, not of ${units}`);
  const images = outputs.length;
  const result: BatchLoss = { loss: 0, top1Errors: 0, top5Errors: 0 };
  for (let image = 0; image < images; image++) {
    const difference = outputs[image] - labels[image];
    result.loss += difference ** 2 / images;
    // Not >: what is not a number is near to nothing.
    const away = Math.abs(Math.ceil(outputs[image] - 0.5) - labels[image]);
    if (!(away < 1)) result.top1Errors++;
    if (!(away < 3)) result.top5Errors++;
    if (gradient) gradient[image] = (2 * difference) / images;
  }
  return result;
}
