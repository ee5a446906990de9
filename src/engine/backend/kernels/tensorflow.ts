import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.ts';
import { nativeOf } from './native.ts';
import type { Operations } from './operations.ts';
import { pooling } from './tensorflow-attributes.ts';
import { tensorflowConvolution } from './tensorflow-convolution.ts';
import { tensorflowMaxPool } from './tensorflow-max-pool.ts';

/** TensorFlow's own gradients: TensorFlow.js would compose them of several passes over the data. */
export function tensorflowOperations(engine: Engine, portable: Operations): Operations {
  const { tf } = engine;
  const native = nativeOf(engine);
  const float = native.type('T', 'float');

  return {
    ...portable,
    ...tensorflowConvolution(engine),
    ...tensorflowMaxPool(engine, portable),
    averagePool: (x, window) => native.run<Tensor4D>('AvgPool', pooling(native, window), [x]),
    averagePoolGradient: (x, gradient, window) => {
      const shape = tf.tensor1d(x.shape, 'int32');
      const result = native.run<Tensor4D>('AvgPoolGrad', pooling(native, window), [shape, gradient]);
      shape.dispose();
      return result;
    },
    relu: (x) => native.run<Tensor4D>('Relu', [float], [x]),
    reluGradient: (output, gradient) => native.run<Tensor4D>('ReluGrad', [float], [gradient, output]),
    sigmoid: (x) => native.run<Tensor4D>('Sigmoid', [float], [x]),
    sigmoidGradient: (output, gradient) => native.run<Tensor4D>('SigmoidGrad', [float], [output, gradient]),
  };
}
