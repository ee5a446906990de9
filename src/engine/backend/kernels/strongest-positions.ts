import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.ts';
import { oneDnnStrongest } from './tensorflow-strongest.ts';

/** An image's strongest answer of every channel, and where it was. */
export interface StrongestPositions {
  /** [images, channels] row-major */
  largest: Float32Array;
  /** The first position with that value, y * width + x: [images, channels] row-major. */
  places: Int32Array;
}

/** Up to this many positions, looking here is quicker than the engines' reductions, whose cost is in their many short runs. */
const fewPositions = 64;

/**
 * How an engine finds the maximum over the positions of [images, height, width, channels], channel by channel. Of large
 * outputs the engine finds it: only two values an image and channel leave it.
 */
export function strongestPositionsOf(engine: Engine): (x: Tensor4D) => StrongestPositions {
  const reduce = oneDnnStrongest(engine) ?? ((x: Tensor4D) => twoReductions(engine, x));
  return (x) => {
    const [images, height, width, channels] = x.shape;
    return height * width <= fewPositions
      ? strongestHere(x.dataSync<'float32'>(), images, height * width, channels)
      : reduce(x);
  };
}

function twoReductions({ tf }: Engine, x: Tensor4D): StrongestPositions {
  const [images, height, width, channels] = x.shape;
  const positions: Tensor3D = tf.reshape(x, [images, height * width, channels]);
  const [values, places] = [tf.max(positions, 1), tf.argMax(positions, 1)];
  const result = { largest: values.dataSync<'float32'>(), places: places.dataSync<'int32'>() };
  tf.dispose([positions, values, places]);
  return result;
}

/** The strongest positions behind a relu, from those before it. */
export function rectified({ largest, places }: StrongestPositions): StrongestPositions {
  return {
    largest: largest.map((value) => Math.max(0, value)),
    // Where all is zero, the first position is the first that has the maximum.
    places: places.map((place, at) => (largest[at] > 0 ? place : 0)),
  };
}

function strongestHere(values: Float32Array, images: number, positions: number, channels: number): StrongestPositions {
  const largest = new Float32Array(images * channels);
  const places = new Int32Array(images * channels);
  for (let image = 0; image < images; image++) {
    const out = image * channels;
    let at = out * positions;
    for (let channel = 0; channel < channels; channel++) largest[out + channel] = values[at++];
    for (let position = 1; position < positions; position++) {
      for (let channel = 0; channel < channels; channel++) {
        const value = values[at++];
        if (value > largest[out + channel]) {
          largest[out + channel] = value;
          places[out + channel] = position;
        }
      }
    }
  }
  return { largest, places };
}
