import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { inTidy, type Engine } from '../backend/engine.ts';
import { operationsOf } from '../backend/kernels/index.ts';
import { rectified, strongestPositionsOf, type StrongestPositions } from '../backend/kernels/strongest-positions.ts';
import { DeepviewError } from '../base/errors.ts';
import { layerTable, type LayerRow } from '../network/layer-table.ts';
import type { Pass } from '../network/layers/index.ts';
import type { NetworkSpecification } from '../network/specification.ts';
import { Random } from '../base/random.ts';
import { graphOf } from './graph.ts';
import { lossOf, type BatchLoss } from './loss.ts';
import { readState, restoreState, type ModelState } from './model-state.ts';
import { optimiserOf } from './optimisers/index.ts';
import { StepNorms } from './step-norms.ts';

/** Which step of training it is: rate, epoch and batch (both from 1). */
export interface TrainingStep {
  learningRate: number;
  epoch: number;
  batch: number;
  /** Whether the step itself is measured: norms of each layer's weights, gradient and change. */
  measured?: boolean;
}

/** What a step found: the loss, and where it was measured, values of layers by metric. */
export type StepResult = BatchLoss & { layers?: Readonly<Record<string, readonly (number | null)[]>> };

/** A network with its weights on an engine. Images are [N, H, W, C] row-major and prepared, labels [N]. */
export interface Model {
  readonly specification: NetworkSpecification;
  readonly layers: readonly LayerRow[];
  /** Learned values. */
  readonly parameterCount: number;
  /**
   * One step of the optimiser: forward, backward, update. The result is of the weights before the update. When the
   * loss is not finite nothing is updated.
   */
  train(images: Float32Array, labels: ArrayLike<number>, step: TrainingStep): Promise<StepResult>;
  /**
   * The same measurements without learning.
   * @param visit awaited for each layer (from 0), in order; `find` gives its strongest position an image and neuron
   */
  evaluate(
    images: Float32Array,
    labels: ArrayLike<number>,
    visit?: (layer: number, find: () => Promise<StrongestPositions>) => Promise<void>,
  ): Promise<BatchLoss>;
  /** The last layer's output, before the softmax: [N, classes] row-major. */
  logits(images: Float32Array): Promise<Float32Array>;
  /**
   * Each layer's activations on each image, averaged over the positions (the sample s[i,c] of the metrics): for every
   * layer [N, units] row-major. Memory grows with N; a few hundred images at a time are fast and small.
   */
  samples(images: Float32Array): Promise<Float32Array[]>;
  /**
   * Weights, saved statistics and what the optimiser keeps, by name.
   * @throws DeepviewError `weights-not-finite` if training went astray
   */
  state(): Promise<ModelState>;
  /**
   * Puts back what `state` gave.
   * @throws DeepviewError `wrong-checkpoint` (exit code 4) if it is of another network
   */
  restore(state: ModelState): void;
  /** Gives the engine's memory back. */
  dispose(): void;
}

/**
 * Builds a network with seeded initial weights. The backward pass is written by hand, layer by layer, rather than
 * taken from `tf.grads`: each layer then uses its engine's fastest kernels and keeps only what its gradient needs.
 * @param seed of initial weights and dropout; the same seed, engine and threads give the same numbers
 */
export function buildModel(engine: Engine, specification: NetworkSpecification, seed: number): Model {
  const { tf } = engine;
  const operations = operationsOf(engine);
  const strongestPositions = strongestPositionsOf(engine);
  const table = layerTable(specification);
  const [height, width, channels] = specification.inputShape;
  const imageSize = height * width * channels;
  const graph = graphOf(engine, operations, specification, table, seed);
  const { parameters } = graph;
  const last = table[table.length - 1].shape;
  if (last[0] * last[1] !== 1) {
    throw new DeepviewError(
      'impossible-network',
      `the last layer of ${specification.name} leaves ${last[1]}x${last[0]} positions, and the loss needs one`,
      { hint: 'Pool over all positions at the end, or use a convolution as large as its input.' },
    );
  }
  const classes = last[2];
  const optimiser = optimiserOf(tf, operations, specification.training);
  const measure = lossOf(specification.training);

  const input = (images: Float32Array): Tensor4D =>
    tf.tensor4d(images, [images.length / imageSize, height, width, channels]);
  /** Runs without learning; each layer's output is gone once the last layer that takes it has seen it. */
  const infer = (images: Float32Array, visit?: (output: Tensor4D) => Promise<void>): Promise<Float32Array> =>
    inTidy(tf, async () => (await graph.infer(input(images), visit)).data<'float32'>());

  return {
    specification,
    layers: table,
    parameterCount: table.reduce((sum, row) => sum + row.parameters, 0),
    train: (images, labels, { learningRate, epoch, batch, measured }) =>
      inTidy(tf, async () => {
        const pass: Pass = { training: true, random: (layer) => new Random(seed, 'dropout', layer, epoch, batch) };
        const { output, backward } = graph.forward(input(images), pass);
        const byLogits = new Float32Array(output.size);
        const result = measure(await output.data<'float32'>(), labels, classes, byLogits);
        if (!Number.isFinite(result.loss)) return result;
        const update = optimiser.step(learningRate);
        const norms = measured ? new StepNorms(tf, parameters) : undefined;
        backward(tf.tensor4d(byLogits, output.shape), (parameter, gradient) => {
          norms?.take(parameter, gradient);
          update.take(parameter, gradient);
        });
        update.end();
        return norms ? { ...result, layers: await norms.ofLayers(table.map(({ name }) => name)) } : result;
      }),
    evaluate: async (images, labels, visit) => {
      let layer = 0;
      let found: { of: number; strongest: StrongestPositions } | undefined;
      const look = async (output: Tensor4D): Promise<void> => {
        const of = layer++;
        await visit?.(of, async () => {
          // A relu moves no maximum; what it does to the values needs no second look at all positions.
          const known = specification.layers[of].kind === 'relu' && found?.of === table[of].from[0];
          const strongest = known && found ? rectified(found.strongest) : await strongestPositions(output);
          found = { of, strongest };
          return strongest;
        });
      };
      return measure(await infer(images, visit && look), labels, classes);
    },
    logits: (images) => infer(images),
    samples: (images) =>
      inTidy(tf, async () => {
        const means: Tensor[] = [];
        await graph.infer(input(images), (output) => {
          means.push(operations.spatialMean(output));
        });
        // Together: a GPU is waited for once.
        return Promise.all(means.map((mean) => mean.data<'float32'>()));
      }),
    state: () => readState(parameters, optimiser),
    restore: (state) => restoreState(tf, state, parameters, optimiser, specification.name),
    dispose: () => {
      for (const { value } of parameters) value.dispose();
      optimiser.dispose();
    },
  };
}
