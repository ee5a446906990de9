import type { Rgb } from '../cells/cells.ts';

/** A colour in OKLab: lightness 0..1, a (green to red) and b (blue to yellow) about -0.4..0.4. */
export type Oklab = readonly [lightness: number, a: number, b: number];

function linear(channel: number): number {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** sRGB to OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020). */
export function oklabOf([red, green, blue]: Rgb): Oklab {
  const r = linear(red);
  const g = linear(green);
  const b = linear(blue);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** The squared distance of two OKLab colours. */
export function squaredDistance(one: Oklab, other: Oklab): number {
  return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2;
}

/** Black or white, whichever is easier to read on `background`. */
export function contrastingColour(background: Rgb): Rgb {
  return oklabOf(background)[0] > 0.6 ? [0, 0, 0] : [255, 255, 255];
}
