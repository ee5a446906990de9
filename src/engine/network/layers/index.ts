import type { AdditionSpecification, ConcatenationSpecification, LayerSpecification } from '../specification.ts';
import { eluLayer, geluLayer, leakyReluLayer, reluLayer, sigmoidLayer, softmaxLayer, tanhLayer } from './activation.ts';
import { batchNormalisationLayer } from './batch-normalisation.ts';
import { convolutionLayer } from './convolution.ts';
import { denseLayer } from './dense.ts';
import { dropoutLayer } from './dropout.ts';
import { globalPoolingLayer } from './global-pooling.ts';
import { layerNormalisationLayer } from './layer-normalisation.ts';
import type { Layer, Workshop } from './layer.ts';
import { poolingLayer } from './pooling.ts';

export { joinLayer } from './join.ts';
export type { Gradients, Join, Layer, Parameter, Pass, Trace, Workshop } from './layer.ts';

/** Layers of one input. */
export type SingleSpecification = Exclude<LayerSpecification, AdditionSpecification | ConcatenationSpecification>;

/** Builds one layer of a network, its parameters at their initial values. */
export function buildLayer(specification: SingleSpecification, workshop: Workshop): Layer {
  switch (specification.kind) {
    case 'convolution':
      return convolutionLayer(specification, workshop);
    case 'dense':
      return denseLayer(specification, workshop);
    case 'pooling':
      return poolingLayer(specification, workshop);
    case 'global-pooling':
      return globalPoolingLayer(specification, workshop);
    case 'relu':
      return reluLayer(workshop);
    case 'leaky-relu':
      return leakyReluLayer(specification, workshop);
    case 'elu':
      return eluLayer(specification, workshop);
    case 'gelu':
      return geluLayer(workshop);
    case 'sigmoid':
      return sigmoidLayer(workshop);
    case 'tanh':
      return tanhLayer(workshop);
    case 'softmax':
      return softmaxLayer(workshop);
    case 'batch-normalisation':
      return batchNormalisationLayer(specification, workshop);
    case 'layer-normalisation':
      return layerNormalisationLayer(specification, workshop);
    case 'dropout':
      return dropoutLayer(specification, workshop);
  }
}
