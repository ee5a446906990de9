import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.ts';
import { nativeOf, oneDnnKernel, type Attribute } from './native.ts';
import type { StrongestPositions } from './strongest-positions.ts';

/** TensorFlow's numbers of element types. */
const [int32, uint8] = [3, 4];

/**
 * The maximum over the positions in one pass, where TensorFlow's own two reductions take five times as long: oneDNN's
 * max pooling over the whole image, which writes down where each maximum was. Absent where this build or device has no
 * such kernel, or where it does not do what it should.
 */
export function oneDnnStrongest(engine: Engine): ((x: Tensor4D) => StrongestPositions) | undefined {
  if (engine.name !== 'tensorflow' || engine.device === 'gpu') return undefined;
  const { tf } = engine;
  const native = nativeOf(engine);
  const { binding } = tf.backend() as unknown as { binding: { TF_ATTR_TYPE: number } };
  const type = (name: string, value: number): Attribute => ({ name, type: binding.TF_ATTR_TYPE, value });

  /** Places are bytes where the window is small, else the four bytes of an integer each. */
  const placesOf = (workspace: Tensor, count: number): Tensor => {
    if (workspace.size === count) return native.run('Cast', [type('SrcT', uint8), type('DstT', int32)], [workspace]);
    const shape = tf.tensor1d([count, 4], 'int32');
    const bytes = native.run('Reshape', [type('T', uint8), type('Tshape', int32)], [workspace, shape]);
    return native.run('Bitcast', [type('T', uint8), type('type', int32)], [bytes]);
  };
  const find = (x: Tensor4D): StrongestPositions =>
    tf.tidy(() => {
      const [images, height, width, channels] = x.shape;
      const window = [1, height, width, 1];
      const attributes = [
        native.type('T', 'float'),
        native.integer('ksize', window),
        native.integer('strides', window),
        native.string('padding', 'VALID'),
        native.string('data_format', 'NHWC'),
        native.boolean('workspace_enabled', true),
        oneDnnKernel(native),
      ];
      const [output, workspace] = native.runAll('_MklNativeMaxPool', attributes, [x], 2);
      return {
        largest: output.dataSync<'float32'>(),
        places: placesOf(workspace, images * channels).dataSync<'int32'>(),
      };
    });
  return works(engine, find) ? find : undefined;
}

/** On images small enough to know the answer, with windows of either kind; of equals the first counts. */
function works({ tf }: Engine, find: (x: Tensor4D) => StrongestPositions): boolean {
  try {
    return [5, 20].every((side) => {
      const values = new Float32Array(side * side * 2).fill(-1);
      values[2 * 7] = values[2 * 9] = 3;
      values[2 * (side * side - 1) + 1] = -0.5;
      const x = tf.tensor4d(values, [1, side, side, 2]);
      const { largest, places } = find(x);
      x.dispose();
      return [...largest, ...places].join() === [3, -0.5, 7, side * side - 1].join();
    });
  } catch {
    return false;
  }
}
