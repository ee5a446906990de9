import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.ts';
import { firstAgreeing, nativeOf, oneDnnKernel, poolingAttributes, type Attribute } from './native.ts';
import type { PlainOperations } from './operations.ts';
import { portableOperations } from './portable.ts';
import { tensorflowConvolution, tensorflowDepthwise } from './tensorflow-convolution.ts';
import type { PlainWindow } from './window.ts';

/** TensorFlow's own gradients: TensorFlow.js would compose them of several passes over the data. */
export function tensorflowOperations(engine: Engine): PlainOperations {
  const { tf } = engine;
  const portable = portableOperations(tf);
  const native = nativeOf(engine);
  const float = native.type('T', 'float');

  return {
    ...portable,
    ...tensorflowConvolution(engine),
    ...tensorflowDepthwise(engine),
    ...firstAgreeing<MaxPool>(engine, oneDnnMaxPool(engine), portable, triedMaxPool),
    averagePool: (x, window) => native.run('AvgPool', poolingAttributes(native, window), [x]) as Tensor4D,
    averagePoolGradient: (x, gradient, window) => {
      const shape = tf.tensor1d(x.shape, 'int32');
      const result = native.run('AvgPoolGrad', poolingAttributes(native, window), [shape, gradient]) as Tensor4D;
      shape.dispose();
      return result;
    },
    relu: (x) => native.run('Relu', [float], [x]) as Tensor4D,
    reluGradient: (output, gradient) => native.run('ReluGrad', [float], [gradient, output]) as Tensor4D,
    sigmoid: (x) => native.run('Sigmoid', [float], [x]) as Tensor4D,
    sigmoidGradient: (output, gradient) => native.run('SigmoidGrad', [float], [output, gradient]) as Tensor4D,
  };
}

type MaxPool = Pick<PlainOperations, 'maxPool' | 'maxPoolGradient'>;

/**
 * Max pooling whose gradient does not search for the maxima again: TensorFlow's own `MaxPoolGrad` takes a quarter of
 * lenet's step on a CPU. oneDNN's kernel writes where each maximum was into a workspace.
 */
function oneDnnMaxPool(engine: Engine): MaxPool {
  const native = nativeOf(engine);
  const attributes = (window: PlainWindow): Attribute[] => [
    ...poolingAttributes(native, window),
    native.boolean('workspace_enabled', true),
    oneDnnKernel(native),
  ];
  return {
    maxPool: (x, window) => {
      const [output, workspace] = native.runAll('_MklNativeMaxPool', attributes(window), [x], 2);
      return { output: output as Tensor4D, saved: [workspace] };
    },
    maxPoolGradient: (x, { output, saved: [workspace] }, gradient, window) =>
      native.run('_MklNativeMaxPoolGrad', attributes(window), [x, output, gradient, workspace]) as Tensor4D,
  };
}

/** Windows that overlap, some with equal values. */
function triedMaxPool({ maxPool, maxPoolGradient }: MaxPool, { tf }: Engine): Tensor[] {
  const window: PlainWindow = { kernel: 3, stride: 2, padding: 'same' };
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 9, 8, 0, 0, 0, 0, 1, 0, 0], [1, 4, 4, 1]);
  const pooled = maxPool(x, window);
  const gradient = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  return [pooled.output, maxPoolGradient(x, pooled, gradient, window)];
}
