export { wasserstein2 } from './wasserstein.ts';
export { density, discriminability, layerMean, neuronMetrics, type NeuronMetrics } from './metrics.ts';
export {
  groupByClass,
  requireFinite,
  requireWhole,
  type ClassGroups,
  type Samples,
  type SamplesOrigin,
} from './samples.ts';
export { trendArrows, trendOf, type Trend } from './trend.ts';
export { exceptionalNeurons, type ExceptionalNeuron } from './exceptional.ts';
