import type { Placement } from './wasm.ts';

/** Calls `visit` with each window's real pixels: rows [firstRow, endRow), columns [firstColumn, endColumn). */
function eachWindow(
  { images, input, output, kernel, stride, before }: Placement,
  visit: (image: number, position: number, rows: [number, number], columns: [number, number]) => void,
): void {
  const range = (at: number, axis: 0 | 1): [number, number] => {
    const first = at * stride - before[axis];
    return [Math.max(0, first), Math.min(input[axis], first + kernel)];
  };
  for (let image = 0, position = 0; image < images; image++) {
    for (let y = 0; y < output[0]; y++) {
      for (let x = 0; x < output[1]; x++) visit(image, position++, range(y, 0), range(x, 1));
    }
  }
}

/**
 * Max pooling's gradient: each window's goes to its maximum, the first one of equals.
 * @param dx where it is written, like `x`
 */
export function maxPoolGradient(x: Float32Array, dy: Float32Array, dx: Float32Array, placement: Placement): void {
  const { channels, input } = placement;
  const best = new Float32Array(channels);
  const place = new Int32Array(channels);
  dx.fill(0);
  eachWindow(placement, (image, position, [firstRow, endRow], [firstColumn, endColumn]) => {
    let first = true;
    for (let row = firstRow; row < endRow; row++) {
      for (let column = firstColumn; column < endColumn; column++) {
        const from = ((image * input[0] + row) * input[1] + column) * channels;
        for (let c = 0; c < channels; c++) {
          const value = x[from + c];
          if (first || value > best[c]) {
            best[c] = value;
            place[c] = from + c;
          }
        }
        first = false;
      }
    }
    const from = position * channels;
    for (let c = 0; c < channels; c++) dx[place[c]] += dy[from + c];
  });
}

/**
 * Average pooling's gradient: each window's, in equal parts to its real pixels.
 * @param dx where it is written, like the pooling's input
 */
export function averagePoolGradient(dy: Float32Array, dx: Float32Array, placement: Placement): void {
  const { channels, input } = placement;
  dx.fill(0);
  eachWindow(placement, (image, position, [firstRow, endRow], [firstColumn, endColumn]) => {
    const share = 1 / ((endRow - firstRow) * (endColumn - firstColumn));
    const from = position * channels;
    for (let row = firstRow; row < endRow; row++) {
      for (let column = firstColumn; column < endColumn; column++) {
        const to = ((image * input[0] + row) * input[1] + column) * channels;
        for (let c = 0; c < channels; c++) dx[to + c] += share * dy[from + c];
      }
    }
  });
}
