export { wasserstein2, wassersteinOfSorted } from './wasserstein.ts';
export {
  computable,
  describeMetric,
  firstMetric,
  hasClasses,
  layerMean,
  layerMetric,
  layerMetrics,
  layersOf,
  measureLayer,
  metricsOf,
  neuronMetrics,
  ofLayer,
  wholeMetrics,
  type RunMetrics,
} from './catalogue.ts';
export type { LayerMetric, MetricDescription, NeuronMetrics, WholeMetrics } from './metric.ts';
export { describeScalar, scalarGroups, type ScalarDescription, type ScalarGroup } from './scalars.ts';
export { density } from './density.ts';
export { discriminability } from './discriminability.ts';
export { placeCentred } from './gram.ts';
export { magnitudeOf } from './magnitude.ts';
export {
  firstNonFinite,
  groupByClass,
  requireFinite,
  requireWhole,
  type ClassGroups,
  type Samples,
  type SamplesOrigin,
} from './samples.ts';
export { median, trendOf, type Trend } from './trend.ts';
export { figure, findOutliers, type Outlier } from './outliers.ts';
