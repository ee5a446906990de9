import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.ts';
import { firstAgreeing, nativeOf, oneDnnKernel, type Attribute } from './native.ts';

/** An image's strongest activation of every channel, and where it was. */
export interface StrongestPositions {
  /** [images, channels] row-major */
  largest: Float32Array;
  /** The first position with that value, y * width + x: [images, channels] row-major. */
  places: Int32Array;
}

/** The values [images, channels], and their places as integers in the same order. */
type Reduce = (x: Tensor4D) => [largest: Tensor, places: Tensor];

/**
 * Up to this many positions, looking here is quicker than the reductions on a processor, whose cost is in their many
 * short runs.
 */
const fewPositions = 64;

/**
 * How an engine finds the maximum over the positions of [images, height, width, channels], channel by channel. Of large
 * outputs, and of all that a GPU computes, the engine finds it: only two values an image and channel leave it.
 */
export function strongestPositionsOf(engine: Engine): (x: Tensor4D) => Promise<StrongestPositions> {
  const { tf, name } = engine;
  const isHere = name !== 'webgpu' && engine.device === 'cpu';
  const common: Reduce = (x) => twoReductions(engine, x);
  const reduce =
    name === 'tensorflow' ? firstAgreeing(engine, oneDnnStrongest(engine), common, triedStrongest) : common;
  return async (x) => {
    const [images, height, width, channels] = x.shape;
    if (isHere && height * width <= fewPositions) {
      return strongestHere(await x.data<'float32'>(), images, height * width, channels);
    }
    const reduced = tf.tidy(() => reduce(x));
    const [largest, places] = await Promise.all([reduced[0].data<'float32'>(), reduced[1].data<'int32'>()]);
    tf.dispose(reduced);
    return { largest, places };
  };
}

function twoReductions({ tf }: Engine, x: Tensor4D): [Tensor, Tensor] {
  const [images, height, width, channels] = x.shape;
  const positions: Tensor3D = tf.reshape(x, [images, height * width, channels]);
  return [tf.max(positions, 1), tf.argMax(positions, 1)];
}

/** TensorFlow's numbers of element types. */
const [int32, uint8] = [3, 4];

/**
 * The maximum over the positions in one pass, where TensorFlow's own two reductions take five times as long: oneDNN's
 * max pooling over the whole image, which writes down where each maximum was.
 */
function oneDnnStrongest(engine: Engine): Reduce {
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
  return (x) => {
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
    return [output, placesOf(workspace, images * channels)];
  };
}

/** Windows of either kind of places, in which values are equal: the first counts. */
function triedStrongest(reduce: Reduce, { tf }: Engine): Tensor[] {
  return [5, 20].flatMap((side) => {
    const values = new Float32Array(side * side * 2).fill(-1);
    values[2 * 7] = values[2 * 9] = 3;
    values[2 * (side * side - 1) + 1] = -0.5;
    return reduce(tf.tensor4d(values, [1, side, side, 2]));
  });
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
