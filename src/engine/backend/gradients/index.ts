import type { Engine } from '../engine.ts';
import { registerConvolutionGradients } from './register.ts';

/**
 * Registers the kernels that training needs and an engine lacks, so that whatever is built on TensorFlow.js, `tf.grads`
 * included, can train there. To be called once an engine is loaded; again does no harm.
 */
export function registerGradients({ name, tf }: Engine): void {
  // TensorFlow has every kernel.
  if (name === 'wasm') registerConvolutionGradients(tf, name);
}
