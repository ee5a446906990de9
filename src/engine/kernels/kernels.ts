import { readFileSync } from 'node:fs';
import { unreadable } from '../base/errors.ts';
import { builtFile } from '../base/program-files.ts';

/** What the compiled module exports; assembly/ says what each takes. */
type KernelName =
  | ('rowProducts' | 'doubleProducts')
  | ('squaredDistances' | 'mirrorTriangle' | 'exactDistances')
  | ('placeActivations' | 'placeDoubles' | 'sortActivations' | 'sortDoubles' | 'sortRow')
  | ('neuronDistances' | 'classDistances' | 'classDistancesOfDoubles')
  | ('areFinite' | 'linkClusters' | 'assignPoints' | 'guttman')
  | ('tsneGradient' | 'tsneUpdate');

interface ArrayOf {
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
}

/**
 * Takes an array of its memory, a number, or an address in its memory, for each parameter.
 * @throws TypeError for another number of parameters
 */
type Kernel = (...values: (number | ArrayOf[keyof ArrayOf])[]) => number;

/** Wanted arrays: a name, an element type and a length. */
type Layout = Readonly<Record<string, readonly [keyof ArrayOf, number]>>;

const bytesOf = { f32: 4, f64: 8, i32: 4 } as const;
const pageBytes = 65_536;
/** What a 32-bit address reaches. */
const mostPages = 65_536;

/** One job's kernels with memory of their own, which goes when the job is let go. */
export interface Kernels<L extends Layout> {
  readonly call: Readonly<Record<KernelName, Kernel>>;
  /** The arrays of its memory. */
  readonly at: { readonly [Name in keyof L]: ArrayOf[L[Name][0]] };
}

let compiled: WebAssembly.Module | undefined;

/**
 * A fresh instance of the kernels whose memory holds the given arrays, zeroed and 16-byte aligned.
 * The layout is settled before the first array is made, since growing the memory would detach them all.
 * @throws DeepviewError `too-much-memory`, where they take more than 4 GB, or than there is
 */
export function openKernels<const L extends Layout>(layout: L): Kernels<L> {
  // They are small: compiling them takes two milliseconds, once.
  compiled ??= new WebAssembly.Module(readFileSync(builtFile('kernels.wasm')));
  const { exports } = new WebAssembly.Instance(compiled);
  const memory = exports['memory'] as WebAssembly.Memory;
  let end = (exports['heapBase'] as () => number)();
  const places = Object.entries(layout).map(([name, [type, length]]) => {
    const pointer = Math.ceil(end / 16) * 16;
    end = pointer + length * bytesOf[type];
    return { name, type, length, pointer };
  });
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) grow(memory, Math.ceil(missing / pageBytes));
  const { buffer } = memory;
  const make = {
    f32: (pointer: number, length: number) => new Float32Array(buffer, pointer, length),
    f64: (pointer: number, length: number) => new Float64Array(buffer, pointer, length),
    i32: (pointer: number, length: number) => new Int32Array(buffer, pointer, length),
  };
  const at = Object.fromEntries(places.map(({ name, type, length, pointer }) => [name, make[type](pointer, length)]));
  const functions = Object.entries(exports).filter(([, value]) => typeof value === 'function');
  const call = Object.fromEntries(functions.map(([name, value]) => [name, kernelOf(name, value as WasmFunction)]));
  return { call: call as Kernels<L>['call'], at: at as Kernels<L>['at'] };
}

function grow(memory: WebAssembly.Memory, pages: number): void {
  const all = memory.buffer.byteLength / pageBytes + pages;
  const size = `${((all * pageBytes) / 1e9).toFixed(1)} GB`;
  const hint = 'Fewer probe images, or fewer neurons, take less.';
  if (all > mostPages) throw unreadable('too-much-memory', `this takes ${size} of memory; 4.3 GB is the most`, hint);
  try {
    memory.grow(pages);
  } catch (thrown) {
    throw unreadable('too-much-memory', `this takes ${size} of memory, which this machine does not give`, hint, thrown);
  }
}

/** The same, for computations that give others a turn. */
export const loadKernels = <const L extends Layout>(layout: L): Promise<Kernels<L>> =>
  Promise.resolve(openKernels(layout));

type WasmFunction = (...values: number[]) => number;

const kernelOf =
  (name: string, kernel: WasmFunction): Kernel =>
  (...values) => {
    // WebAssembly would take 0 for what is missing.
    if (values.length !== kernel.length) throw new TypeError(`${name} takes ${kernel.length} values`);
    return kernel(...values.map((value) => (typeof value === 'number' ? value : value.byteOffset)));
  };

/** The next multiple of four: rows of that many floats are whole vectors. */
export const padToVector = (length: number): number => Math.ceil(length / 4) * 4;
