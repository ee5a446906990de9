import { readFile } from 'node:fs/promises';
import { builtFile } from '../base/program-files.ts';

/** Byte offset into the kernels' memory. */
type Pointer = number;

/** What the compiled module exports; see assembly/ for shapes and meaning. */
interface KernelExports extends WebAssembly.Exports {
  memory: WebAssembly.Memory;
  heapBase(): Pointer;
  squaredDistances(rows: Pointer, count: number, stride: number, out: Pointer, from: number, to: number): void;
  placeActivations(
    rows: Pointer,
    places: Pointer,
    count: number,
    neurons: number,
    activations: Pointer,
    images: number,
  ): number;
  sortActivations(activations: Pointer, starts: Pointer, classes: number, from: number, to: number): void;
  neuronDistances(
    activations: Pointer,
    starts: Pointer,
    classes: number,
    neurons: number,
    out: Pointer,
    sums: Pointer,
    from: number,
    to: number,
  ): void;
  mirrorTriangle(matrix: Pointer, count: number): void;
  guttman(distances: Pointer, count: number, x: Pointer, y: Pointer, imageX: Pointer, imageY: Pointer): number;
  areFinite(values: Pointer, count: number): number;
  linkClusters(
    work: Pointer,
    count: number,
    method: number,
    sizes: Pointer,
    items: Pointer,
    chain: Pointer,
    firsts: Pointer,
    seconds: Pointer,
    heights: Pointer,
  ): void;
  assignPoints(
    points: Pointer,
    count: number,
    stride: number,
    centroids: Pointer,
    k4: number,
    norms: Pointer,
    labels: Pointer,
    gaps: Pointer,
    sums: Pointer,
    counts: Pointer,
  ): number;
  tsneGradient(
    x: Pointer,
    y: Pointer,
    count: number,
    padded: number,
    starts: Pointer,
    partners: Pointer,
    weights: Pointer,
    exaggeration: number,
    forceX: Pointer,
    forceY: Pointer,
    gradientX: Pointer,
    gradientY: Pointer,
  ): number;
  tsneUpdate(
    position: Pointer,
    gradient: Pointer,
    velocity: Pointer,
    gains: Pointer,
    count: number,
    rate: number,
    momentum: number,
  ): void;
}

/** An array inside the kernels' memory, and where it lies. */
export interface Placed<A> {
  readonly pointer: Pointer;
  readonly array: A;
}

/** Wanted arrays: a name, an element type and a length. */
type Layout = Record<string, readonly ['f32' | 'f64' | 'i32', number]>;

interface ArrayOf {
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
}

const bytesOf = { f32: 4, f64: 8, i32: 4 } as const;
const pageBytes = 65_536;

/** One job's kernels with memory of their own, which goes when the job is let go. */
export interface Kernels<L extends Layout> {
  readonly call: Readonly<KernelExports>;
  readonly at: { readonly [Name in keyof L]: Placed<ArrayOf[L[Name][0]]> };
}

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * A fresh instance of the kernels whose memory holds the given arrays, zeroed and 16-byte aligned.
 * The layout is settled before the first array is made, since growing the memory would detach them all.
 */
export async function loadKernels<const L extends Layout>(layout: L): Promise<Kernels<L>> {
  compiled ??= readFile(builtFile('kernels.wasm')).then((bytes) => WebAssembly.compile(bytes));
  const instance = await WebAssembly.instantiate(await compiled);
  const call = instance.exports as KernelExports;
  let end = call.heapBase();
  const places = Object.entries(layout).map(([name, [type, length]]) => {
    const pointer = Math.ceil(end / 16) * 16;
    end = pointer + length * bytesOf[type];
    return { name, type, length, pointer };
  });
  const missing = end - call.memory.buffer.byteLength;
  if (missing > 0) call.memory.grow(Math.ceil(missing / pageBytes));
  const { buffer } = call.memory;
  const make = {
    f32: (pointer: number, length: number) => new Float32Array(buffer, pointer, length),
    f64: (pointer: number, length: number) => new Float64Array(buffer, pointer, length),
    i32: (pointer: number, length: number) => new Int32Array(buffer, pointer, length),
  };
  const at = Object.fromEntries(
    places.map(({ name, type, length, pointer }) => [name, { pointer, array: make[type](pointer, length) }]),
  );
  return { call, at: at as Kernels<L>['at'] };
}

/** The next multiple of four: rows of that many floats are whole vectors. */
export const padToVector = (length: number): number => Math.ceil(length / 4) * 4;
