import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openKerasModel } from '../../../../src/engine/network/keras/index.ts';
import { Random } from '../../../../src/engine/base/random.ts';
import { buildModel } from '../../../../src/engine/training/model.ts';
import { onEachEngine, useEngine } from '../../../support/engines.ts';
import { keras, saveModel } from './saved-models.ts';

const { layers: l } = keras;
type Model = ReturnType<typeof keras.model>;
type Symbolic = ReturnType<typeof keras.input>;

/** Every weight at random, statistics and gains away from what they begin at; variances above zero. */
function randomise(model: Model, tf: Awaited<ReturnType<typeof useEngine>>['tf'], seed: number): void {
  const random = new Random(seed, 'keras weights');
  const values = model.weights.map((weight): Tensor => {
    const shape = weight.shape as number[];
    const size = shape.reduce((product, side) => product * side, 1);
    const isVariance = weight.name.includes('variance');
    return tf.tensor(
      Float32Array.from({ length: size }, () => (isVariance ? 0.5 + Math.abs(random.normal()) : 0.4 * random.normal())),
      shape,
    );
  });
  model.setWeights(values);
}

/** Ends a model in logits of five classes. */
const classes = (name = 'classes') => l.dense({ units: 5, name });

const sequential: Record<string, () => Model> = {
  'convolutions, pooling and dense layers': () =>
    keras.sequential({
      layers: [
        l.conv2d({ inputShape: [12, 12, 3], filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
        l.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
        l.conv2d({ filters: 4, kernelSize: 2, strides: 2, padding: 'same', useBias: false }),
        l.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
        l.flatten(),
        l.dense({ units: 7, activation: 'tanh' }),
        l.dropout({ rate: 0.3 }),
        classes(),
      ],
    }),
  'strides and dilation of odd sizes': () =>
    keras.sequential({
      layers: [
        l.conv2d({ inputShape: [11, 13, 2], filters: 5, kernelSize: 3, strides: 2, padding: 'same' }),
        l.conv2d({ filters: 4, kernelSize: 2, dilationRate: 2, padding: 'same', activation: 'elu' }),
        l.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2, activation: 'sigmoid' }),
        l.maxPooling2d({ poolSize: 2 }),
        l.globalMaxPooling2d({}),
        classes(),
      ],
    }),
  'depthwise convolutions with several outputs a channel': () =>
    keras.sequential({
      layers: [
        l.depthwiseConv2d({ inputShape: [9, 9, 3], kernelSize: 3, depthMultiplier: 2, padding: 'same' }),
        l.leakyReLU({ alpha: 0.1 }),
        l.depthwiseConv2d({ kernelSize: 3, strides: 2, depthMultiplier: 1, useBias: false }),
        l.globalAveragePooling2d({}),
        classes(),
      ],
    }),
  'separable convolutions': () =>
    keras.sequential({
      layers: [
        l.separableConv2d({
          inputShape: [9, 10, 3],
          filters: 5,
          kernelSize: 3,
          // With a depth multiplier tfjs-layers saves what it cannot load itself: it leaves the multiplier out.
          padding: 'same',
          activation: 'relu',
        }),
        l.separableConv2d({ filters: 4, kernelSize: 2, strides: 2, useBias: false }),
        l.zeroPadding2d({ padding: 1 }),
        l.separableConv2d({ filters: 6, kernelSize: 3, strides: 2 }),
        l.globalAveragePooling2d({}),
        classes(),
      ],
    }),
  'batch normalisation by saved statistics': () =>
    keras.sequential({
      layers: [
        l.conv2d({ inputShape: [8, 8, 3], filters: 6, kernelSize: 3 }),
        l.batchNormalization({ epsilon: 0.01 }),
        l.reLU(),
        l.conv2d({ filters: 4, kernelSize: 3, useBias: false }),
        l.batchNormalization({ scale: false }),
        l.batchNormalization({ center: false }),
        l.flatten(),
        classes(),
        l.batchNormalization({}),
      ],
    }),
  'layer normalisation, gelu and softmax within': () =>
    keras.sequential({
      layers: [
        l.conv2d({ inputShape: [6, 6, 3], filters: 6, kernelSize: 3, activation: 'gelu' }),
        l.layerNormalization({ epsilon: 0.01 }),
        l.softmax({ axis: -1 }),
        l.elu({}),
        l.globalAveragePooling2d({}),
        l.layerNormalization({ scale: false }),
        classes(),
        l.activation({ activation: 'softmax' }),
      ],
    }),
  'padding before convolutions and pooling': () =>
    keras.sequential({
      layers: [
        l.zeroPadding2d({ inputShape: [16, 16, 3], padding: 3 }),
        l.conv2d({ filters: 4, kernelSize: 7, strides: 2, activation: 'relu' }),
        l.zeroPadding2d({ padding: 1 }),
        l.maxPooling2d({ poolSize: 3, strides: 2 }),
        l.zeroPadding2d({
          padding: [
            [0, 1],
            [0, 1],
          ],
        }),
        l.conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
        l.flatten(),
        classes(),
      ],
    }),
  'dense layers at each position, and reshapes': () =>
    keras.sequential({
      layers: [
        l.reshape({ inputShape: [48], targetShape: [4, 4, 3] }),
        l.dense({ units: 6, activation: 'relu' }),
        l.globalAveragePooling2d({}),
        l.reshape({ targetShape: [1, 1, 6] }),
        l.conv2d({ filters: 5, kernelSize: 1 }),
        l.reshape({ targetShape: [-1] }),
      ],
    }),
};

const graphs: Record<string, () => Model> = {
  'a residual block and a concatenation': () => {
    const input = keras.input({ shape: [8, 8, 3] });
    const first = l.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'first' }).apply(input) as Symbolic;
    const branch = l
      .conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', name: 'branch' })
      .apply(first) as Symbolic;
    const sum = l.add({ name: 'sum' }).apply([first, branch]) as Symbolic;
    const narrow = l.conv2d({ filters: 2, kernelSize: 1, name: 'narrow' }).apply(sum) as Symbolic;
    const joined = l.concatenate({ name: 'joined' }).apply([sum, narrow, input]) as Symbolic;
    const bn = l.batchNormalization({ name: 'bn' }).apply(joined) as Symbolic;
    const pooled = l.globalAveragePooling2d({ name: 'pooled' }).apply(bn) as Symbolic;
    const output = classes().apply(pooled) as Symbolic;
    return keras.model({ inputs: input, outputs: output, name: 'graph' });
  },
  'an inverted residual with bounded ReLUs, and what squeezes and excites it': () => {
    const input = keras.input({ shape: [8, 8, 3] });
    const first = l.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'first' }).apply(input) as Symbolic;
    const bounded = l.reLU({ maxValue: 0.6, name: 'bounded' }).apply(first) as Symbolic;
    const swish = l
      .conv2d({ filters: 4, kernelSize: 1, activation: 'swish', name: 'expand' })
      .apply(bounded) as Symbolic;
    const squeezed = l.globalAveragePooling2d({ name: 'squeeze' }).apply(swish) as Symbolic;
    const shaped = l.reshape({ targetShape: [1, 1, 4], name: 'shaped' }).apply(squeezed) as Symbolic;
    const excite = l.conv2d({ filters: 4, kernelSize: 1, activation: 'sigmoid', name: 'excite' });
    const weighed = l.multiply({ name: 'weighed' }).apply([swish, excite.apply(shaped) as Symbolic]) as Symbolic;
    const sum = l.add({ name: 'sum' }).apply([weighed, bounded]) as Symbolic;
    const pooled = l.globalAveragePooling2d({ name: 'pooled' }).apply(sum) as Symbolic;
    return keras.model({ inputs: input, outputs: classes().apply(pooled) as Symbolic, name: 'inverted' });
  },
  'a model within a model': () => {
    const base = keras.sequential({
      name: 'base',
      layers: [
        l.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, strides: 2, name: 'stem' }),
        l.batchNormalization({ name: 'norm' }),
      ],
    });
    const input = keras.input({ shape: [8, 8, 3] });
    const features = base.apply(input) as Symbolic;
    const pooled = l.globalMaxPooling2d({ name: 'pooled' }).apply(features) as Symbolic;
    return keras.model({ inputs: input, outputs: classes().apply(pooled) as Symbolic, name: 'outer' });
  },
};

onEachEngine(describe, 'the same numbers as tfjs-layers, on %s', (name) => {
  it.each(Object.entries({ ...sequential, ...graphs }))('%s', async (title, build) => {
    const engine = await useEngine(name);
    const { tf } = engine;
    const reference = build();
    randomise(reference, tf, title.length);
    const { specification, weights } = await openKerasModel(await saveModel(reference, 3));
    const [height, width, channels] = specification.inputShape;
    const random = new Random(7, 'images');
    const images = Float32Array.from({ length: 3 * height * width * channels }, () => random.normal());
    const shape = reference.inputs[0].shape.slice(1) as number[];
    let expected = reference.predict(tf.tensor(images, [3, ...shape])) as Tensor;
    if (title.includes('softmax')) expected = tf.log(expected);

    const model = buildModel(engine, specification, 1);
    model.restore(await weights());
    let found: Tensor = tf.tensor(await model.logits(images), [3, 5]);
    if (title.includes('softmax')) found = tf.logSoftmax(found as ReturnType<typeof tf.tensor2d>);
    const most = (values: Tensor): number => tf.max(tf.abs(values)).dataSync()[0];
    expect(most(expected)).toBeGreaterThan(0.01);
    const error = most(tf.sub(found, tf.reshape(expected, [3, 5])));
    expect(error / Math.max(1, most(expected))).toBeLessThan(1e-4);
    model.dispose();
  });
});
