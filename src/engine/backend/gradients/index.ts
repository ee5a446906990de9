import type { Engine } from '../engine.ts';
import { registerConvolutionGradients } from './register-convolution.ts';
import { registerPoolingGradients } from './register-pooling.ts';

const registered = new WeakSet<object>();

/**
 * Registers the kernels that training needs and an engine lacks or gets wrong, under TensorFlow.js's own
 * names. To be called once an engine is loaded; again does no harm.
 */
export function registerGradients({ name, tf }: Pick<Engine, 'name' | 'tf'>): void {
  // TensorFlow has every kernel.
  if (name !== 'wasm' || registered.has(tf.engine())) return;
  registered.add(tf.engine());
  registerConvolutionGradients(tf);
  registerPoolingGradients(tf);
}
