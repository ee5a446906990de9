import type { Engine } from '../engine.ts';
import type { Operations } from './operations.ts';
import { generalConvolution } from './general-convolution.ts';
import { generalPooling } from './general-pooling.ts';
import { tensorflowOperations } from './tensorflow.ts';
import { wasmOperations } from './wasm.ts';

export type { ConvolutionGradients, DescentStep, Operations, Pooled } from './operations.ts';
export { extentOf, reach, type Padding, type PlainWindow, type Window } from './window.ts';

/** The operations that an engine trains with. */
export function operationsOf(engine: Engine): Operations {
  const { tf, name } = engine;
  const plain = name === 'tensorflow' ? tensorflowOperations(engine) : wasmOperations(tf);
  return { ...plain, ...generalConvolution(tf, plain), ...generalPooling(tf, plain) };
}
