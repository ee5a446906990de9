/** How a network did on one batch. */
export interface BatchLoss {
  /** Mean cross-entropy over the images, in nats. Not finite if any of the logits is not. */
  loss: number;
  /** Images whose class does not have the highest value. */
  top1Errors: number;
  /** Images whose class is not among the five highest values. */
  top5Errors: number;
}

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
