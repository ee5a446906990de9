import type { LayerDefinition, Wiring } from './definition.ts';

export interface SigmoidSpecification extends Wiring {
  kind: 'sigmoid';
}

export const sigmoid: LayerDefinition<SigmoidSpecification> = {
  kind: 'sigmoid',
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
