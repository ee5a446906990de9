import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../backend/engine.ts';
import type { Operations } from '../backend/kernels/index.ts';
import type { LayerRow } from '../network/layer-table.ts';
import { buildLayer, type Join, type Layer, type Parameter, type Pass } from '../network/layers/index.ts';
import type { NetworkSpecification } from '../network/specification.ts';
import { images } from '../network/wiring.ts';
import { Random } from '../base/random.ts';

/** The layers of a network at work, each taking the outputs of layers before it. */
export interface Graph {
  readonly parameters: readonly Parameter[];
  /**
   * A pass that keeps what its gradients need. Both passes are to run inside one scope of the engine.
   * @returns the logits, and the way back: `learn` is called once for each learning parameter, and owns the gradient
   */
  forward(x: Tensor4D, pass: Pass): { output: Tensor4D; backward: Backward };
  /**
   * A pass without learning, which frees each output after its last use.
   * @param visit awaited with each layer's output, in order; without it a last softmax is left out
   * @returns the logits
   */
  infer(x: Tensor4D, visit?: (output: Tensor4D) => Promise<void> | void): Promise<Tensor4D>;
}

export type Backward = (gradient: Tensor4D, learn: (parameter: Parameter, gradient: Tensor) => void) => void;

/** Where a layer's inputs come from, by what is kept of the pass: the images or another layer's output. */
interface Node {
  layer: Layer | Join;
  from: readonly number[];
  /** Whether a parameter learns in it or before it: only then is its gradient needed. */
  learns: boolean;
}

/**
 * Builds the layers. A softmax at the end is part of the loss: the logits are what goes into it.
 * @param table of the specification
 * @param seed of the initial weights
 */
export function graphOf(
  { tf }: Engine,
  operations: Operations,
  { inputShape, layers }: NetworkSpecification,
  table: readonly LayerRow[],
  seed: number,
): Graph {
  const nodes: Node[] = [];
  for (const [position, specification] of layers.entries()) {
    const { name, from } = table[position];
    const shape = from[0] === images ? inputShape : table[from[0]].shape;
    const random = new Random(seed, 'initial weights', name);
    const layer = buildLayer(specification, { tf, operations, inputShape: shape, name, random });
    const learns = layer.parameters.length > 0 || from.some((at) => at !== images && nodes[at].learns);
    nodes.push({ layer, from, learns });
  }
  const last = layers.length - 1;
  const fused = layers[last].kind === 'softmax' && table[last].from[0] !== images;
  const logitsAt = fused ? table[last].from[0] : last;
  const lastUses = lastUsesOf(nodes);

  return {
    parameters: nodes.flatMap(({ layer }) => [...layer.parameters]),
    forward: (x, pass) => {
      const outputs: Tensor4D[] = [];
      const saved: (readonly Tensor[])[] = [];
      const at = (place: number): Tensor4D => (place === images ? x : outputs[place]);
      for (const { layer, from } of fused ? nodes.slice(0, last) : nodes) {
        if ('join' in layer) {
          outputs.push(layer.join(from.map(at)));
          saved.push([]);
          continue;
        }
        const found = layer.forward(at(from[0]), pass);
        outputs.push(found.output);
        saved.push(found.saved ?? []);
      }
      const backward: Backward = (gradient, learn) => {
        const gradients = new Map<number, Tensor4D>([[logitsAt, gradient]]);
        const add = (place: number, more: Tensor4D): void => {
          const before = gradients.get(place);
          gradients.set(place, before ? tf.add(before, more) : more);
          if (before) tf.dispose([before, more]);
        };
        for (let place = outputs.length - 1; place >= 0; place--) {
          const { layer, from, learns } = nodes[place];
          const own = gradients.get(place);
          if (!learns || !own) continue;
          const needed = from.map((source) => source !== images && nodes[source].learns);
          if ('join' in layer) {
            layer.split(own, from.map(at)).forEach((share, which) => {
              if (needed[which]) add(from[which], share);
              else share.dispose();
            });
            own.dispose();
          } else {
            const trace = { input: at(from[0]), output: outputs[place], saved: saved[place] };
            const found = layer.backward(own, trace, needed[0]);
            layer.parameters
              .filter((parameter) => parameter.multipliers)
              .forEach((parameter, which) => learn(parameter, found.parameters[which]));
            if (found.input !== own) own.dispose();
            if (needed[0] && found.input) add(from[0], found.input);
          }
          tf.dispose([outputs[place], ...saved[place]]);
          gradients.delete(place);
        }
      };
      return { output: outputs[logitsAt], backward };
    },
    infer: async (x, visit) => {
      const outputs: Tensor4D[] = [];
      const at = (place: number): Tensor4D => (place === images ? x : outputs[place]);
      for (const [place, { layer, from }] of (visit ? nodes : nodes.slice(0, logitsAt + 1)).entries()) {
        if ('join' in layer) outputs.push(layer.join(from.map(at)));
        else {
          const { output, saved = [] } = layer.forward(at(from[0]), inference);
          outputs.push(output);
          tf.dispose([...saved]);
        }
        await visit?.(outputs[place]);
        for (const source of new Set(from)) {
          if (lastUses.get(source) === place && source !== logitsAt) at(source).dispose();
        }
      }
      return outputs[logitsAt];
    },
  };
}

/** The last layer that takes each output. */
const lastUsesOf = (nodes: readonly Node[]): ReadonlyMap<number, number> =>
  new Map(nodes.flatMap(({ from }, place) => from.map((source) => [source, place] as const)));

const inference: Pass = {
  training: false,
  random: () => {
    throw new Error('nothing is random outside training');
  },
};
