import type { LayerSpecification, NetworkSpecification, TrainingSpecification } from '../specification.ts';

/** [height, width, channels] of a CIFAR-10 image, which all of the paper's networks are made for. */
export const cifarShape = [32, 32, 3] as const;

export const relu: LayerSpecification = { kind: 'relu' };

/** MatConvNet's settings: gain and bias learn at the full rate and do not decay. */
export const batchNormalisation: LayerSpecification = {
  kind: 'batch-normalisation',
  epsilon: 1e-4,
  momentum: 0.05,
  learningRate: { weights: 1, biases: 1 },
};

/** Batch normalisation after every convolution. */
export const normaliseConvolutions = (layers: readonly LayerSpecification[]): LayerSpecification[] =>
  layers.flatMap((layer): LayerSpecification[] =>
    layer.kind === 'convolution' ? [layer, batchNormalisation] : [layer],
  );

/** Networks of CIFAR-10 images that are trained alike. */
export const cifarNetworks =
  (training: TrainingSpecification) =>
  (name: string, description: string, layers: LayerSpecification[]): NetworkSpecification => ({
    name,
    description,
    inputShape: cifarShape,
    layers,
    training,
  });
