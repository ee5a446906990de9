import type { LayerSpecification } from '../specification.ts';
import { reluLayer, sigmoidLayer } from './activation.ts';
import { batchNormalisationLayer } from './batch-normalisation.ts';
import { convolutionLayer } from './convolution.ts';
import { dropoutLayer } from './dropout.ts';
import type { Layer, Workshop } from './layer.ts';
import { poolingLayer } from './pooling.ts';

export type { Gradients, Layer, Parameter, Pass, Trace, Workshop } from './layer.ts';

/** Builds one layer of a network, its parameters at their initial values. */
export function buildLayer(specification: LayerSpecification, workshop: Workshop): Layer {
  switch (specification.kind) {
    case 'convolution':
      return convolutionLayer(specification, workshop);
    case 'pooling':
      return poolingLayer(specification, workshop);
    case 'relu':
      return reluLayer(workshop);
    case 'sigmoid':
      return sigmoidLayer(workshop);
    case 'batch-normalisation':
      return batchNormalisationLayer(specification, workshop);
    case 'dropout':
      return dropoutLayer(specification, workshop);
  }
}
