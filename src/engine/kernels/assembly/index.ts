export { classDistances, classDistancesOfDoubles } from './class-distances';
export { mirrorTriangle, squaredDistances } from './distances';
export { exactDistances } from './exact-distances';
export { assignPoints } from './k-means';
export { areFinite, linkClusters } from './linkage';
export { neuronDistances } from './neuron-distances';
export { doubleProducts, rowProducts } from './row-products';
export { guttman } from './smacof';
export { placeActivations, placeDoubles, sortActivations, sortDoubles, sortRow } from './sort';
export { tsneGradient, tsneUpdate } from './t-sne';

/** Where the caller may lay out its arrays: behind the module's own data. */
export function heapBase(): usize {
  return __heap_base;
}
