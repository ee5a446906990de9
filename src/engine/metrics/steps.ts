import type { LayerMetric } from './metric.ts';

/** What is measured of a step while training, and only read here. */
export const weightNormMetric: LayerMetric = {
  id: 'weight_norm',
  symbol: 'WN',
  label: 'weight norm',
  unit: '',
  needs: 'weights',
  of: 'layers',
  meaning:
    "How large a layer's weights are: the L2 norm of all that it learns, before the step that was looked at, the last before " +
    'the record. It grows without end where nothing holds it back, and falls under too strong a weight decay.',
  source: 'usual',
};

export const gradientNormMetric: LayerMetric = {
  id: 'gradient_norm',
  symbol: 'GN',
  label: 'gradient norm',
  unit: '',
  needs: 'gradients',
  of: 'layers',
  meaning:
    "How strongly the loss pulls at a layer: the L2 norm of its weights' gradient in the step that was looked at, the last " +
    'before the record. Where it falls by powers of ten from the last layer to the first, the first ones hardly learn.',
  source: 'Glorot and Bengio (2010), section 4',
};

export const updateRatioMetric: LayerMetric = {
  id: 'update_ratio',
  symbol: 'UR',
  label: 'update ratio',
  unit: '',
  needs: 'gradients',
  of: 'layers',
  meaning:
    "How far one step moves a layer: the L2 norm of its weights' change by that of the weights, in the step that was looked " +
    'at, the last before the record. About 0.001 is usual; far more is too fast a rate, far less leaves the layer as it is.',
  source: 'Karpathy, CS231n, "Ratio of weights:updates"',
};
