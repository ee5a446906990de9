import { loadKernels, padToVector } from '../../kernels/kernels.ts';
import { firstNonFinite, placeCentred, type Samples } from '../../metrics/index.ts';
import type { Pause } from '../neuron-distances.ts';

/**
 * Cells of a layer's geometry, which says how alike the layer finds each two of some images: the Gram matrix of its
 * centred samples. Of it the upper triangle is kept, the cells beside the diagonal times the root of 2, so that the
 * product of two such vectors is that of the matrices.
 */
export const geometryCells = (images: number): number => padToVector((images * (images + 1)) / 2);

/** Rows of a Gram matrix that are made at a time. */
const block = 64;

/** @param cells where the geometry is put @returns its norm; 0 of samples that are not finite, or the same for all images */
async function geometryOf(samples: Samples, cells: Float32Array, pause?: Pause): Promise<number> {
  const { images, neurons } = samples;
  if (firstNonFinite(samples) >= 0) return 0;
  const stride = padToVector(neurons);
  const { call, at } = await loadKernels({ rows: ['f32', images * stride], products: ['f64', block * images] });
  placeCentred(samples, at.rows, stride);
  let cell = 0;
  let squares = 0;
  for (let first = 0; first < images; first += block) {
    const count = Math.min(block, images - first);
    const rest = images - first;
    const rows = at.rows.subarray(first * stride);
    call.rowProducts(rows, count, rows, rest, stride, at.products);
    for (let row = 0; row < count; row++) {
      for (let column = row; column < rest; column++) {
        const product = at.products[row * rest + column];
        const weighted = column === row ? product : product * Math.SQRT2;
        cells[cell++] = weighted;
        squares += weighted * weighted;
      }
    }
    await pause?.();
  }
  return Math.sqrt(squares);
}

/** Layers that are compared with all others at a time. */
const together = 4;

/**
 * Linear centred kernel alignment of layers with layers, all of the same images: 0 where they tell images apart in
 * unrelated ways, 1 where they do so alike, whatever their neurons, their rotation and scale. Source: Kornblith et al.,
 * "Similarity of Neural Network Representations Revisited" (2019), section 3.
 * @param rows, columns each layer's samples, of `images` images; undefined where there are none
 * @yields for some rows at a time their values, 0..1, [rows, columns] row-major; NaN with a layer whose samples are
 *   missing, not finite, or the same for all images
 */
export async function* linearCka(
  rows: readonly (() => Promise<Samples | undefined>)[],
  columns: readonly (() => Promise<Samples | undefined>)[],
  images: number,
  pause?: Pause,
): AsyncGenerator<Float64Array> {
  const cells = geometryCells(images);
  const { call, at } = await loadKernels({
    columns: ['f32', columns.length * cells],
    rows: ['f32', together * cells],
    products: ['f64', together * columns.length],
  });
  const place = async (layers: typeof rows, target: Float32Array): Promise<number[]> => {
    const norms: number[] = [];
    for (const [index, samples] of layers.entries()) {
      const known = await samples();
      norms.push(known ? await geometryOf(known, target.subarray(index * cells), pause) : 0);
    }
    return norms;
  };
  const norms = await place(columns, at.columns);
  for (let first = 0; first < rows.length; first += together) {
    const some = rows.slice(first, first + together);
    const own = await place(some, at.rows);
    call.rowProducts(at.rows, some.length, at.columns, columns.length, cells, at.products);
    yield Float64Array.from({ length: some.length * columns.length }, (_, cell) => {
      const norm = own[Math.floor(cell / columns.length)] * norms[cell % columns.length];
      return norm > 0 ? Math.min(1, Math.max(0, at.products[cell] / norm)) : Number.NaN;
    });
    await pause?.();
  }
}
