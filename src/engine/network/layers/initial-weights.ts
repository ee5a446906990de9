import type { Random } from '../../base/random.ts';
import type { Initialisation } from '../specification.ts';

/**
 * The first weights of a layer, drawn one after the other.
 * @param fanIn inputs that one output is made of; `fanOut` outputs that one input goes into
 */
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
