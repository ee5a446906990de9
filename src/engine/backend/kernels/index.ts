import type { Engine } from '../engine.ts';
import type { Operations } from './operations.ts';
import { portableOperations } from './portable.ts';
import { tensorflowOperations } from './tensorflow.ts';

export type { ConvolutionGradients, DescentStep, Operations, Pooled } from './operations.ts';
export type { Window } from './window.ts';

/** The operations that an engine trains with. */
export function operationsOf(engine: Engine): Operations {
  const portable = portableOperations(engine.tf);
  return engine.name === 'tensorflow' ? tensorflowOperations(engine, portable) : portable;
}
