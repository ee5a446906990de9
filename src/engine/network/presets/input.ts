/** [height, width, channels] of a CIFAR-10 image, which all of the paper's networks are made for. */
export const cifarShape = [32, 32, 3] as const;
