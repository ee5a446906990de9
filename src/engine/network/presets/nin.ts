import type { LayerSpecification, TrainingSpecification } from '../specification.ts';
import { cifarNetworks, normaliseConvolutions, relu } from './parts.ts';

/** Network in Network (Lin, Chen and Yan 2014) with the settings of MatConvNet's CIFAR-10 example. */
const training: TrainingSpecification = {
  batch: 100,
  optimiser: { kind: 'sgd', momentum: 0.9 },
  weightDecay: 0.0005,
  learningRate: [
    ...[0.002, 0.01, 0.02],
    ...Array<number>(80).fill(0.04),
    ...Array<number>(10).fill(0.004),
    ...Array<number>(10).fill(0.0004),
  ],
  loss: 'cross-entropy',
  preparation: 'whitening',
  augmentation: { mirror: 'batch' },
};

const dropout: LayerSpecification = { kind: 'dropout', rate: 0.5 };

/** @param inputs channels of the layer before, which the initial weights are scaled by */
const convolution = (kernel: number, inputs: number, channels: number): LayerSpecification => ({
  kind: 'convolution',
  kernel,
  channels,
  padding: 'same',
  deviation: Math.sqrt(2 / (kernel * kernel * inputs)),
  learningRate: { weights: 1, biases: 10 },
});

const classifier: LayerSpecification = {
  kind: 'convolution',
  kernel: 1,
  channels: 10,
  padding: 'same',
  deviation: 0.1 * Math.sqrt(2 / 192),
  learningRate: { weights: 0.001, biases: 0.01 },
};

const pool = (operation: 'max' | 'average', size: number, stride: number): LayerSpecification => ({
  kind: 'pooling',
  operation,
  size,
  stride,
  padding: 'valid',
});

const layers: LayerSpecification[] = [
  ...[convolution(5, 3, 192), relu, convolution(1, 192, 160), relu, convolution(1, 160, 96), relu],
  ...[pool('max', 3, 2), dropout],
  ...[convolution(5, 96, 192), relu, convolution(1, 192, 192), relu, convolution(1, 192, 192), relu],
  ...[pool('average', 3, 2), dropout],
  ...[convolution(3, 192, 192), relu, convolution(1, 192, 192), relu, classifier, pool('average', 7, 1)],
];

const network = cifarNetworks(training);

export const nin = network('nin', 'network in network: 1x1 convolutions instead of dense layers', layers);
export const ninBn = network(
  'nin-bn',
  'nin with batch normalisation after every convolution',
  normaliseConvolutions(layers),
);
