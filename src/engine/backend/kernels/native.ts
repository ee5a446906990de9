import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.ts';
import type { PlainWindow } from './window.ts';

/** An attribute of a TensorFlow operation, as tfjs-node's binding takes it. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** The parts of tfjs-node's backend that reach any operation of the library underneath. */
interface NativeBackend {
  binding: Record<'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE' | 'TF_FLOAT' | 'TF_INT64', number>;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: Tensor[]): Tensor;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: Tensor[], outputs: number): Tensor[];
}

/** TensorFlow's own operations (https://www.tensorflow.org/api_docs/python/tf/raw_ops), past TensorFlow.js. */
export interface Native {
  run(name: string, attributes: Attribute[], inputs: Tensor[]): Tensor;
  runAll(name: string, attributes: Attribute[], inputs: Tensor[], outputs: number): Tensor[];
  boolean(name: string, value: boolean): Attribute;
  /** One integer or a list of them. */
  integer(name: string, value: number | number[]): Attribute;
  string(name: string, value: string): Attribute;
  type(name: string, value: 'float' | 'int64'): Attribute;
}

export function nativeOf({ tf }: Engine): Native {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  return {
    run: (name, attributes, inputs) => backend.executeSingleOutput(name, attributes, inputs),
    runAll: (name, attributes, inputs, outputs) => backend.executeMultipleOutputs(name, attributes, inputs, outputs),
    boolean: (name, value) => ({ name, type: binding.TF_ATTR_BOOL, value }),
    integer: (name, value) => ({ name, type: binding.TF_ATTR_INT, value }),
    string: (name, value) => ({ name, type: binding.TF_ATTR_STRING, value }),
    type: (name, value) => ({
      name,
      type: binding.TF_ATTR_TYPE,
      value: value === 'float' ? binding.TF_FLOAT : binding.TF_INT64,
    }),
  };
}

/** oneDNN's kernels have names of their own, which TensorFlow's rewriter puts in place; the label selects their only form. */
export const oneDnnKernel = (native: Native): Attribute => native.string('_kernel', 'MklNameChangeOp');

/** What every operation with a window over [N, H, W, C] takes. */
const common = (native: Native, { stride, padding }: PlainWindow): Attribute[] => [
  native.type('T', 'float'),
  native.integer('strides', [1, stride, stride, 1]),
  native.string('padding', padding.toUpperCase()),
  native.string('data_format', 'NHWC'),
];

/** Of convolutions. */
export const convolvingAttributes = (native: Native, window: PlainWindow): Attribute[] => [
  ...common(native, window),
  native.integer('dilations', [1, 1, 1, 1]),
];

/** Of pooling. */
export const poolingAttributes = (native: Native, window: PlainWindow): Attribute[] => [
  ...common(native, window),
  native.integer('ksize', [1, window.kernel, window.kernel, 1]),
];

/**
 * oneDNN's implementation of something if it exists here and computes what the reference does, else the reference. A
 * GPU's own kernels are fast as they are.
 * @param trial computes something small with an implementation
 */
export function firstAgreeing<Operations>(
  engine: Engine,
  candidate: Operations,
  reference: Operations,
  trial: (operations: Operations, engine: Engine) => Tensor[],
): Operations {
  if (engine.device === 'gpu') return reference;
  try {
    const agree = engine.tf.tidy(() => {
      const expected = trial(reference, engine).map((tensor) => tensor.dataSync());
      return trial(candidate, engine).every((tensor, which) =>
        tensor.dataSync().every((value, index) => Math.abs(value - expected[which][index]) < 1e-3),
      );
    });
    return agree ? candidate : reference;
  } catch {
    return reference;
  }
}
