import type { LayerDefinition } from './definition.ts';
import { noFields, type Specification } from './fields.ts';

export const sigmoid: LayerDefinition<Specification<'sigmoid'>> = {
  kind: 'sigmoid',
  about: '1 / (1 + exp(-x)).',
  fields: noFields,
  category: 'activation',
  prefix: 'sigmoid',
  range: () => [0, 1],
  build: (_, { operations }) => ({
    parameters: [],
    forward: (x) => ({ output: operations.sigmoid(x) }),
    backward: (gradient, { output }) => ({ input: operations.sigmoidGradient(output, gradient), parameters: [] }),
  }),
  keras: { activation: { sigmoid: { kind: 'sigmoid' } } },
};
