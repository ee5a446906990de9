import type { Random } from '../../base/random.ts';
import type { Initialisation, Specification, weightFields } from './fields.ts';
import { parameter, type LayerContext, type Parameter } from './layer.ts';

/** What convolutions and dense layers have in common. */
type Weighted = Pick<Specification<string, typeof weightFields, 'bias'>, keyof typeof weightFields>;

/**
 * The weights of a layer at their initial values, and its biases unless it has none.
 * @param shape of the weights, the neurons last
 * @param fans `fanIn` inputs that one output is made of; `fanOut` outputs that one input goes into
 */
export function weightsAndBiases(
  { tf, name, random }: LayerContext,
  { bias = true, deviation, learningRate }: Weighted,
  shape: readonly number[],
  fans: { fanIn: number; fanOut: number },
): { weights: Parameter; biases: Parameter | undefined; parameters: readonly Parameter[] } {
  const neurons = shape[shape.length - 1];
  const count = shape.reduce((product, side) => product * side, 1);
  const initial = initialWeights(deviation, { count, ...fans }, random);
  const weights = parameter(tf, `${name}.weights`, shape, initial, { rate: learningRate.weights, decay: 1 });
  if (!bias) return { weights, biases: undefined, parameters: [weights] };
  const zeros = new Float32Array(neurons);
  const biases = parameter(tf, `${name}.biases`, [neurons], zeros, { rate: learningRate.biases, decay: 1 });
  return { weights, biases, parameters: [weights, biases] };
}

/** The first weights of a layer, drawn one after the other. */
export function initialWeights(
  deviation: Initialisation,
  { count, fanIn, fanOut }: { count: number; fanIn: number; fanOut: number },
  random: Random,
): Float32Array {
  if (deviation === 'glorot') {
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    return Float32Array.from({ length: count }, () => limit * (2 * random.uniform() - 1));
  }
  const scale = deviation === 'he' ? Math.sqrt(2 / fanIn) : deviation;
  return Float32Array.from({ length: count }, () => scale * random.normal());
}
