import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorMap, Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainOperations } from './operations.ts';
import type { PlainWindow } from './window.ts';

/** Runs one of TensorFlow.js's own kernels by its name. */
export const kernelRunner =
  (tf: typeof TensorFlow) =>
  (kernel: string, inputs: NamedTensorMap, attributes: NamedAttrMap): Tensor4D =>
    tf.engine().runKernel<Tensor4D>(kernel, inputs, attributes);

/** TensorFlow.js's words for a pooling's window. */
export const poolingAttributes = ({ kernel, stride, padding }: PlainWindow): NamedAttrMap => ({
  filterSize: [kernel, kernel],
  strides: [stride, stride],
  pad: padding,
});

/** What every engine does well as TensorFlow.js has it. */
export function portableOperations(
  tf: typeof TensorFlow,
): Pick<PlainOperations, 'maxPool' | 'maxPoolGradient' | 'spatialMean' | 'descend'> {
  const run = kernelRunner(tf);
  return {
    maxPool: (x, window) => ({ output: run('MaxPool', { x }, poolingAttributes(window)), saved: [] }),
    maxPoolGradient: (input, { output }, dy, window) =>
      run('MaxPoolGrad', { dy, input, output }, poolingAttributes(window)),
    spatialMean: (x) => tf.mean(x, [1, 2]),
    descend: ({ value, velocity }, gradient, { rate, momentum, decay }) => {
      const next = tf.tidy(() => {
        const moved = tf.add(tf.mul(velocity, momentum), tf.add(gradient, tf.mul(value, decay)));
        return { value: tf.sub(value, tf.mul(moved, rate)), velocity: moved };
      });
      value.dispose();
      velocity.dispose();
      return next;
    },
  };
}

/** Activations, for an engine whose gradients of them are composed of others. */
export const activationOperations = (
  tf: typeof TensorFlow,
): Pick<PlainOperations, 'relu' | 'reluGradient' | 'sigmoid' | 'sigmoidGradient'> => ({
  relu: (x) => tf.relu(x),
  reluGradient: (output, gradient) => tf.mul(gradient, tf.step(output)),
  sigmoid: (x) => tf.sigmoid(x),
  sigmoidGradient: (output, gradient) => tf.mul(gradient, tf.mul(output, tf.sub(1, output))),
});
