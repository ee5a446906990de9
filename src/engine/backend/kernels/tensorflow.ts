import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.ts';
import { nativeOf } from './native.ts';
import type { PlainOperations } from './operations.ts';
import { pooling } from './tensorflow-attributes.ts';
import { tensorflowConvolution } from './tensorflow-convolution.ts';
import { tensorflowDepthwise } from './tensorflow-depthwise.ts';
import { tensorflowMaxPool } from './tensorflow-max-pool.ts';

/** TensorFlow's own gradients: TensorFlow.js would compose them of several passes over the data. */
export function tensorflowOperations(engine: Engine, portable: PlainOperations): PlainOperations {
  const { tf } = engine;
  const native = nativeOf(engine);
  const float = native.type('T', 'float');

  return {
    ...portable,
    ...tensorflowConvolution(engine),
    ...tensorflowDepthwise(engine),
    ...tensorflowMaxPool(engine, portable),
    averagePool: (x, window) => native.run('AvgPool', pooling(native, window), [x]) as Tensor4D,
    averagePoolGradient: (x, gradient, window) => {
      const shape = tf.tensor1d(x.shape, 'int32');
      const result = native.run('AvgPoolGrad', pooling(native, window), [shape, gradient]) as Tensor4D;
      shape.dispose();
      return result;
    },
    relu: (x) => native.run('Relu', [float], [x]) as Tensor4D,
    reluGradient: (output, gradient) => native.run('ReluGrad', [float], [gradient, output]) as Tensor4D,
    sigmoid: (x) => native.run('Sigmoid', [float], [x]) as Tensor4D,
    sigmoidGradient: (output, gradient) => native.run('SigmoidGrad', [float], [output, gradient]) as Tensor4D,
  };
}
