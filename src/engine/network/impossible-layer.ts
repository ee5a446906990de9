import { DeepviewError, exitCodes } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { labelOf } from './layers/index.ts';
import type { NetworkSpecification } from './specification.ts';

/** A network that cannot be built, because of one of its layers: code `impossible-network`. */
export class ImpossibleLayer extends DeepviewError {
  /** Position in the list of layers, from 0. */
  readonly layer: number;
  /** What is wrong with it, to be read after the layer's name. */
  readonly problem: string;
  /** The field of the layer's specification that is at fault, where it is one. */
  readonly field: string | undefined;

  constructor(
    { name, layers }: Pick<NetworkSpecification, 'name' | 'layers'>,
    layer: number,
    problem: string,
    { hint, field }: { hint: string; field?: string },
  ) {
    const where = `layer ${layer + 1} (${labelOf(layers[layer])}) of ${printable(name)}`;
    super('impossible-network', `${where} ${problem}`, { hint, exitCode: exitCodes.usage });
    this.layer = layer;
    this.problem = problem;
    this.field = field;
  }
}
