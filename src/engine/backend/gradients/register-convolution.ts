import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Conv2DBackpropFilterAttrs, Conv2DBackpropInputAttrs, Tensor4D } from '@tensorflow/tfjs-core';
import { filterGradient, inputGradient, type PaddedWindow } from './convolution-gradients.ts';
import { replaceKernel } from './replace-kernel.ts';

type Shape = [number, number, number, number];

/**
 * Registers both gradients of a convolution for wasm, composed of forward convolutions, which the engine's library does well:
 * the one by the filter is missing from tfjs-backend-wasm, the one by the input is slow there.
 */
export function registerConvolutionGradients(tf: typeof TensorFlow): void {
  const windowOf = (
    input: Shape,
    filter: Shape,
    { strides, pad, dataFormat, dimRoundingMode }: Omit<Conv2DBackpropInputAttrs, 'inputShape'>,
  ): PaddedWindow => {
    const format = tf.backend_util.convertConv2DDataFormat(dataFormat);
    const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = tf.backend_util.computeConv2DInfo(
      input,
      filter,
      strides,
      1,
      pad,
      dimRoundingMode,
      false,
      format,
    );
    const { top, bottom, left, right } = padInfo;
    return { kernel: [filterHeight, filterWidth], stride: [strideHeight, strideWidth], top, bottom, left, right };
  };

  replaceKernel(tf, 'wasm', 'Conv2DBackpropFilter', ({ inputs, attrs }) => {
    const [x, dy] = [inputs.x as Tensor4D, inputs.dy as Tensor4D];
    const attributes = attrs as unknown as Conv2DBackpropFilterAttrs;
    return filterGradient(tf, x, dy, windowOf(x.shape, attributes.filterShape, attributes));
  });

  const strided = tf.getKernel('Conv2DBackpropInput', 'wasm')?.kernelFunc;
  replaceKernel(tf, 'wasm', 'Conv2DBackpropInput', (call) => {
    const [filter, dy] = [call.inputs.filter as Tensor4D, call.inputs.dy as Tensor4D];
    const attributes = call.attrs as unknown as Conv2DBackpropInputAttrs;
    const window = windowOf(attributes.inputShape, filter.shape, attributes);
    const unit = window.stride.every((step) => step === 1);
    return unit || !strided ? inputGradient(tf, dy, filter, window) : strided(call);
  });
}
