import type { LayerSpecification } from '../specification.ts';

/** MatConvNet's settings: gain and bias learn at the full rate and do not decay. */
export const batchNormalisation: LayerSpecification = {
  kind: 'batch-normalisation',
  epsilon: 1e-4,
  momentum: 0.05,
  learningRate: { weights: 1, biases: 1 },
};

/** @param row counted from 1, as the paper does */
export const insertAfter = (
  layers: readonly LayerSpecification[],
  row: number,
  layer: LayerSpecification,
): LayerSpecification[] => layers.toSpliced(row, 0, layer);

/** Batch normalisation after every convolution. */
export const normaliseConvolutions = (layers: readonly LayerSpecification[]): LayerSpecification[] =>
  layers.flatMap((layer): LayerSpecification[] =>
    layer.kind === 'convolution' ? [layer, batchNormalisation] : [layer],
  );
