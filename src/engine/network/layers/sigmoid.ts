import type { LayerDefinition } from './definition.ts';
import { noFields, type Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';

export const sigmoid: LayerDefinition<Specification<'sigmoid'>> = {
  kind: 'sigmoid',
  about: '1 / (1 + exp(-x)).',
  fields: noFields,
  category: 'activation',
  prefix: 'sigmoid',
  range: () => [0, 1],
  build: (_, context) =>
    withoutParameters(
      context,
      (x) => context.operations.sigmoid(x),
      (gradient, { output }) => context.operations.sigmoidGradient(output, gradient),
    ),
  keras: { activation: { sigmoid: { kind: 'sigmoid' } } },
};
