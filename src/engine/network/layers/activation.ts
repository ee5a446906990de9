import type { Layer, Workshop } from './layer.ts';

export const reluLayer = ({ operations }: Workshop): Layer => ({
  parameters: [],
  forward: (x) => ({ output: operations.relu(x) }),
  backward: (gradient, { output }) => ({ input: operations.reluGradient(output, gradient), parameters: [] }),
});

export const sigmoidLayer = ({ operations }: Workshop): Layer => ({
  parameters: [],
  forward: (x) => ({ output: operations.sigmoid(x) }),
  backward: (gradient, { output }) => ({ input: operations.sigmoidGradient(output, gradient), parameters: [] }),
});
