/**
 * A shape: whether a point belongs to it. Coordinates have their origin at the shape's centre, u to the right and v
 * down; the shape lies within the unit circle.
 */
export interface Outline {
  readonly name: string;
  readonly contains: (u: number, v: number) => boolean;
  /** Largest turn: the tangent of half the angle. Shapes that a turn would make into another are turned less. */
  readonly turn: number;
}

const larger = (u: number, v: number): number => Math.max(Math.abs(u), Math.abs(v));
const radiusSquared = (u: number, v: number): number => u * u + v * v;
/** Half the side of the squares, whose corners must stay within the circle. */
const half = 0.7;
/** Distance of neighbouring dots: three of them across the square. */
const pitch = (2 * half) / 3;
const inSquare = (u: number, v: number): boolean => larger(u, v) <= half;
/** Which of `count` equal bands across the square a coordinate lies in, from 0. */
const band = (x: number, count: number): number => Math.floor(((x + half) / (2 * half)) * count);
const even = (n: number): boolean => n % 2 === 0;

/** The ten classes, in the order of their labels. */
export const outlines: readonly Outline[] = [
  { name: 'disc', turn: 0, contains: (u, v) => radiusSquared(u, v) <= 0.8 },
  { name: 'ring', turn: 0, contains: (u, v) => radiusSquared(u, v) <= 0.85 && radiusSquared(u, v) >= 0.3 },
  { name: 'square', turn: 0.41, contains: inSquare },
  { name: 'frame', turn: 0.41, contains: (u, v) => inSquare(u, v) && larger(u, v) >= 0.4 },
  {
    name: 'triangle',
    turn: 0.57,
    // Equilateral, its corners on the unit circle; 1.7320508075688772 is the root of three.
    contains: (u, v) => v <= 0.5 && v >= -1 + 1.7320508075688772 * Math.abs(u),
  },
  { name: 'cross', turn: 0.41, contains: (u, v) => larger(u, v) <= 0.95 && Math.min(Math.abs(u), Math.abs(v)) <= 0.27 },
  { name: 'horizontal stripes', turn: 0.14, contains: (u, v) => inSquare(u, v) && even(band(v, 5)) },
  { name: 'vertical stripes', turn: 0.14, contains: (u, v) => inSquare(u, v) && even(band(u, 5)) },
  { name: 'checker', turn: 0.41, contains: (u, v) => inSquare(u, v) && even(band(u, 4) + band(v, 4)) },
  {
    name: 'dots',
    turn: 0.41,
    // Three by three, one in the middle of each third.
    contains: (u, v) =>
      inSquare(u, v) && radiusSquared(u - (band(u, 3) - 1) * pitch, v - (band(v, 3) - 1) * pitch) <= 0.03,
  },
];
