import type { Padding, Window } from '../../backend/kernels/index.ts';
import type { LayerDefinition, Wiring } from './definition.ts';
import { windowed } from './windowed.ts';

export interface PoolingSpecification extends Wiring {
  kind: 'pooling';
  operation: 'max' | 'average';
  /** Side of the square window, in pixels. A window that overhangs the border counts only real pixels. */
  size: number;
  stride: number;
  padding: Padding;
}

export const pooling: LayerDefinition<PoolingSpecification> = {
  kind: 'pooling',
  category: 'pooling',
  prefix: 'pool',
  label: ({ operation }) => (operation === 'max' ? 'max-pool' : 'avg-pool'),
  outflow: (layer, [input], refuse) =>
    windowed(input, { window: windowOf(layer), channels: input.shape[2], field: 'size' }, refuse),
  build: (layer, { operations }) => {
    const window = windowOf(layer);
    if (layer.operation === 'average') {
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
  },
};

const windowOf = ({ size, stride, padding }: PoolingSpecification): Window => ({ kernel: size, stride, padding });
