/** CIFAR-10 (Krizhevsky 2009): 60 000 colour images of 32x32 in ten classes, in the order of their labels. */
export const cifar10Classes = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

export const cifar10Shape = [32, 32, 3] as const;
export const imageBytes = 32 * 32 * 3;
export const trainBatches = 5;

export interface Cifar10Layout {
  /** Images of each of the five training batches and of the test batch. */
  batchImages: number;
  /** SHA-256 of what the cache's parts hold: all pixels, [N, 32, 32, 3], then all labels, a byte each. */
  checksums: { train: string; validation: string };
}

/**
 * The real one. The checksums were taken from the images themselves; put back into the official form (a label, then
 * three planes), the six batches have the SHA-1 that other libraries state for the official files.
 */
export const cifar10Layout: Cifar10Layout = {
  batchImages: 10_000,
  checksums: {
    train: 'f912919bdea371136f1aa4feed6beeca728015a5f08b1899a29c932a7e30be2b',
    validation: '8193b3fbce55bec361cd1b8fd4880cb1649832dc4d6de6da1e7a21847a4843aa',
  },
};

export type PartName = 'train' | 'validation';
export const partNames: readonly PartName[] = ['train', 'validation'];

export function imagesOf(part: PartName, layout: Cifar10Layout): number {
  return part === 'train' ? trainBatches * layout.batchImages : layout.batchImages;
}

/** Bytes of a part in the cache. */
export function bytesOf(part: PartName, layout: Cifar10Layout): number {
  return imagesOf(part, layout) * (imageBytes + 1);
}
