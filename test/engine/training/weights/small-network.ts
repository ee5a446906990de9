import { findPreset } from '../../../../src/engine/network/presets/index.ts';
import type { NetworkSpecification } from '../../../../src/engine/network/specification.ts';

const learningRate = { weights: 1, biases: 1 };
const deviation = 0.3;

/** A network with every kind of weights: grouped and plain convolutions, both normalisations, dense layers after an image. */
export const small: NetworkSpecification = {
  ...findPreset('lenet'),
  name: 'small',
  inputShape: [6, 8, 2],
  layers: [
    { kind: 'convolution', kernel: 3, channels: 4, padding: 'same', deviation, learningRate },
    { kind: 'batch-normalisation', epsilon: 1e-5, momentum: 0.1, learningRate },
    { kind: 'relu' },
    { kind: 'convolution', kernel: 3, channels: 6, padding: 'same', groups: 2, bias: false, deviation, learningRate },
    { kind: 'layer-normalisation', epsilon: 1e-5, learningRate },
    { kind: 'pooling', operation: 'max', size: 2, stride: 2, padding: 'valid' },
    { kind: 'dense', units: 7, deviation, learningRate },
    { kind: 'relu' },
    { kind: 'dense', units: 5, deviation, learningRate },
  ],
};
