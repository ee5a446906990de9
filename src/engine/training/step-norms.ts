import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Parameter } from '../network/layers/index.ts';

/**
 * Measures one step of the optimiser: of each layer the L2 norms of its weights before the step, of their gradient before
 * it is clipped, and of their change by that of the weights. To be made before the step, in the scope of the engine in which
 * it is taken. The weights are held until then, and not copied.
 */
export class StepNorms {
  readonly #tf: typeof TensorFlow;
  readonly #before: readonly { parameter: Parameter; value: Tensor }[];
  readonly #gradients = new Map<Parameter, Scalar>();

  constructor(tf: typeof TensorFlow, parameters: readonly Parameter[]) {
    this.#tf = tf;
    const learning = parameters.filter(({ multipliers }) => multipliers);
    // What replaces a value disposes of it, but not of what else holds its data.
    this.#before = learning.map((parameter) => ({ parameter, value: tf.clone(parameter.value) }));
  }

  /** Takes a parameter's gradient, which stays its owner's. */
  take(parameter: Parameter, gradient: Tensor): void {
    this.#gradients.set(parameter, this.#square(gradient));
  }

  /**
   * To be called when all parameters have moved.
   * @param names of the layers, in their order
   * @returns a value a layer; null where it learns nothing, and of the ratio where its weights are all 0
   */
  async ofLayers(names: readonly string[]): Promise<Readonly<Record<string, readonly (number | null)[]>>> {
    const tf = this.#tf;
    const squares = this.#before.map(({ parameter, value }) => [
      this.#square(value),
      this.#square(tf.sub(parameter.value, value)),
      this.#gradients.get(parameter) ?? tf.scalar(0),
    ]);
    const found = squares.length > 0 ? await tf.stack(squares.flat()).data() : [];
    const sums = new Map<string, [weights: number, change: number, gradient: number]>();
    this.#before.forEach(({ parameter: { name } }, at) => {
      const layer = name.slice(0, name.lastIndexOf('.'));
      const [weights, change, gradient] = sums.get(layer) ?? [0, 0, 0];
      sums.set(layer, [weights + found[3 * at], change + found[3 * at + 1], gradient + found[3 * at + 2]]);
    });
    const norms = names.map((name) => sums.get(name)?.map(Math.sqrt));
    return {
      weight_norm: norms.map((one) => one?.[0] ?? null),
      gradient_norm: norms.map((one) => one?.[2] ?? null),
      update_ratio: norms.map((one) => (one && one[0] > 0 ? one[1] / one[0] : null)),
    };
  }

  #square(values: Tensor): Scalar {
    return this.#tf.tidy(() => this.#tf.sum<Scalar>(this.#tf.square(values)));
  }
}
