import type { Engine } from '../engine.ts';
import type { Operations, PlainOperations } from './operations.ts';
import { generalConvolution } from './general-convolution.ts';
import { generalPooling } from './general-pooling.ts';
import { tensorflowOperations } from './tensorflow.ts';
import { wasmOperations } from './wasm.ts';
import { webgpuOperations } from './webgpu.ts';

export type { ConvolutionGradients, DescentStep, Operations, Pooled } from './operations.ts';
export { extentOf, reach, type Padding, type PlainWindow, type Window } from './window.ts';

/** The operations that an engine trains with. */
export function operationsOf(engine: Engine): Operations {
  const { tf } = engine;
  const plain = plainOperationsOf(engine);
  return { ...plain, ...generalConvolution(tf, plain), ...generalPooling(tf, plain) };
}

function plainOperationsOf(engine: Engine): PlainOperations {
  switch (engine.name) {
    case 'tensorflow':
      return tensorflowOperations(engine);
    case 'webgpu':
      return webgpuOperations(engine.tf);
    case 'wasm':
      return wasmOperations(engine.tf);
  }
}
