import type { Engine } from '../engine.ts';
import type { Operations } from './operations.ts';
import { generalConvolution } from './general-convolution.ts';
import { generalPooling } from './general-pooling.ts';
import { portableOperations } from './portable.ts';
import { tensorflowOperations } from './tensorflow.ts';

export type { ConvolutionGradients, DescentStep, Operations, Pooled } from './operations.ts';
export type { Padding, PlainWindow, Window } from './window.ts';

/** The operations that an engine trains with. */
export function operationsOf(engine: Engine): Operations {
  const { tf, name } = engine;
  const portable = portableOperations(tf);
  const plain = name === 'tensorflow' ? tensorflowOperations(engine, portable) : portable;
  return { ...plain, ...generalConvolution(tf, plain), ...generalPooling(tf, plain) };
}
