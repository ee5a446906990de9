import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';

/** An image's strongest answer of every channel, and where it was. */
export interface StrongestPositions {
  /** [images, channels] row-major */
  largest: Float32Array;
  /** The first position with that value, y * width + x: [images, channels] row-major. */
  places: Int32Array;
}

/**
 * The maximum over the positions, channel by channel, found by the engine: only two values an image and channel leave it.
 * @param x [images, height, width, channels]
 */
export function strongestPositions(tf: typeof TensorFlow, x: Tensor4D): StrongestPositions {
  const [images, height, width, channels] = x.shape;
  if (height * width === 1) return { largest: x.dataSync<'float32'>(), places: new Int32Array(images * channels) };
  return tf.tidy(() => {
    const positions: Tensor3D = tf.reshape(x, [images, height * width, channels]);
    return {
      largest: tf.max(positions, 1).dataSync<'float32'>(),
      places: tf.argMax(positions, 1).dataSync<'int32'>(),
    };
  });
}
