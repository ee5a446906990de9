const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The largest finite half-precision number. */
const float16Max = 65504;

/** Whether half precision holds the values: none rounds to infinity. */
export function fitsHalf(values: Float32Array): boolean {
  for (const value of values) if (!(Math.abs(value) <= float16Max)) return false;
  return true;
}

/**
 * IEEE 754 half-precision bits of single-precision numbers, rounded to the nearest, ties to even.
 * What is beyond the range becomes infinity (from 65 520 on); NaN stays NaN.
 */
export function encodeFloat16(values: Float32Array, target = new Uint16Array(values.length)): Uint16Array {
  const source = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < source.length; i++) target[i] = halfBits(source[i]);
  return target;
}

/** Numbers from half-precision bits: exact. */
export function decodeFloat16(halves: Uint16Array, target = new Float32Array(halves.length)): Float32Array {
  const values = allHalves();
  for (let i = 0; i < halves.length; i++) target[i] = values[halves[i]];
  return target;
}

function halfBits(single: number): number {
  const sign = (single >>> 16) & 0x8000;
  const magnitude = single & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // From 65 520 on the nearest half is infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    // Normal: re-bias the exponent, then add half of the last place, less one unless the kept bit is odd.
    return sign | ((magnitude - 0x38000000 + 0x0fff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // Subnormal: adding 0.5 leaves the rounded multiple of 2^-24 in the mantissa's last bits; the unit rounds to even.
  bits[0] = magnitude;
  float[0] += 0.5;
  return sign | (bits[0] - 0x3f000000);
}

let table: Float32Array | undefined;

/** Every half's value by its bits. */
function allHalves(): Float32Array {
  if (table) return table;
  table = new Float32Array(65_536);
  for (let half = 0; half < 65_536; half++) {
    const exponent = (half >>> 10) & 0x1f;
    const mantissa = half & 0x3ff;
    const magnitude =
      exponent === 0x1f
        ? mantissa === 0
          ? Infinity
          : NaN
        : exponent === 0
          ? mantissa * 2 ** -24
          : (1024 + mantissa) * 2 ** (exponent - 25);
    table[half] = half & 0x8000 ? -magnitude : magnitude;
  }
  return table;
}
