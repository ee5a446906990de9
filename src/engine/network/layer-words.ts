import type { LayerKind } from './layer-record.ts';
import type { LayerSpecification } from './specification.ts';

type Word<Value> = { [Kind in LayerSpecification['kind']]: Value };

/** What views tell apart. */
export const kindWords: Word<LayerKind> = {
  convolution: 'convolution',
  dense: 'dense',
  pooling: 'pooling',
  'global-pooling': 'pooling',
  relu: 'activation',
  'leaky-relu': 'activation',
  elu: 'activation',
  gelu: 'activation',
  sigmoid: 'activation',
  tanh: 'activation',
  softmax: 'activation',
  'batch-normalisation': 'normalisation',
  'layer-normalisation': 'normalisation',
  dropout: 'dropout',
  add: 'other',
  concatenate: 'other',
};

/** What a layer's own name begins with; its number follows. Global pooling counts with the other pooling. */
export const namePrefixes: Word<string> = {
  convolution: 'conv',
  dense: 'dense',
  pooling: 'pool',
  'global-pooling': 'pool',
  relu: 'relu',
  'leaky-relu': 'leaky',
  elu: 'elu',
  gelu: 'gelu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softmax: 'softmax',
  'batch-normalisation': 'bn',
  'layer-normalisation': 'ln',
  dropout: 'dropout',
  add: 'add',
  concatenate: 'concat',
};

/** As the paper writes it: `conv5-32`, `max-pool`, `batch-norm`; what it lacks follows its manner: `conv3-64/2`. */
export function labelOf(layer: LayerSpecification): string {
  switch (layer.kind) {
    case 'convolution': {
      const { kernel, channels, stride = 1, dilation = 1, groups = 1 } = layer;
      const more = [stride > 1 && `/${stride}`, dilation > 1 && ` d${dilation}`, groups > 1 && ` g${groups}`];
      return `conv${kernel}-${channels}${more.filter(Boolean).join('')}`;
    }
    case 'dense':
      return `dense-${layer.units}`;
    case 'pooling':
      return layer.operation === 'max' ? 'max-pool' : 'avg-pool';
    case 'global-pooling':
      return layer.operation === 'max' ? 'global-max' : 'global-avg';
    case 'batch-normalisation':
      return 'batch-norm';
    case 'layer-normalisation':
      return 'layer-norm';
    case 'concatenate':
      return 'concat';
    default:
      return layer.kind;
  }
}
