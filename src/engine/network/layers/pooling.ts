import { windowOf } from '../layer-table.ts';
import type { PoolingSpecification } from '../specification.ts';
import type { Layer, Workshop } from './layer.ts';

export function poolingLayer(specification: PoolingSpecification, { operations }: Workshop): Layer {
  const window = windowOf(specification)!;
  if (specification.operation === 'average') {
    return {
      parameters: [],
      forward: (x) => ({ output: operations.averagePool(x, window) }),
      backward: (gradient, { input }) => ({
        input: operations.averagePoolGradient(input, gradient, window),
        parameters: [],
      }),
    };
  }
  return {
    parameters: [],
    forward: (x) => operations.maxPool(x, window),
    backward: (gradient, { input, ...pooled }) => ({
      input: operations.maxPoolGradient(input, pooled, gradient, window),
      parameters: [],
    }),
  };
}
