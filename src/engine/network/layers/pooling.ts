import type { Window } from '../../backend/kernels/index.ts';
import { needed, optional, ValidationError } from '../../base/schema/index.ts';
import type { LayerDefinition } from './definition.ts';
import { operation, padding, pixels, type Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';
import { windowed } from './windowed.ts';

const fields = {
  operation,
  size: needed(pixels, 'Side of the window in pixels.'),
  stride: optional(pixels, 'Pixels from one window to the next; by default the size.'),
  padding: { ...padding, otherwise: { value: 'valid' } },
};

export type PoolingSpecification = Specification<'pooling', typeof fields>;

export const pooling: LayerDefinition<PoolingSpecification> = {
  kind: 'pooling',
  about: 'The maximum or the mean of a window over the image; only real pixels count.',
  fields,
  category: 'pooling',
  prefix: 'pool',
  label: ({ operation }) => (operation === 'max' ? 'max-pool' : 'avg-pool'),
  complete: (layer, path) => {
    if (typeof layer.padding !== 'number' || 2 * layer.padding <= layer.size)
      return Object.assign({ stride: layer.size }, layer);
    const problem = `must be at most half of the size, ${layer.size}; it is ${layer.padding}`;
    throw new ValidationError([...path, 'padding'], problem, {
      hint: 'Of a window that lies in the padding alone there is no maximum.',
    });
  },
  outflow: (layer, [input], refuse) =>
    windowed(input, { window: windowOf(layer), channels: input.shape[2], field: 'size' }, refuse),
  build: (layer, context) => {
    const { operations } = context;
    const window = windowOf(layer);
    if (layer.operation === 'average') {
      return withoutParameters(
        context,
        (x) => operations.averagePool(x, window),
        (gradient, { input }) => operations.averagePoolGradient(input, gradient, window),
      );
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
