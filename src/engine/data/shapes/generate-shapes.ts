import { Random } from '../../base/random.ts';
import { MemoryImages } from '../raw-images.ts';
import { outlines, type Outline } from './outlines.ts';

/** Height and width of the images. */
const side = 32;
const channels = 3;
/** Points looked at along each side of a pixel. */
const samples = 2;

type Colour = [red: number, green: number, blue: number];

export const shapesShape = [side, side, 3] as const;
export const shapesClasses: readonly string[] = outlines.map(({ name }) => name);
export const shapesSizes = { train: 5000, validation: 1000 } as const;

/**
 * Generates coloured shapes in ten classes, the same on every machine. Every ten images hold each class once, and the
 * first images of a larger set are those of a smaller one.
 * @param part images of different parts differ
 */
export function generateShapes(count: number, part: 'train' | 'validation', seed = 1): MemoryImages {
  const size = side * side * 3;
  const pixels = new Uint8Array(count * size);
  const labels = new Uint16Array(count);
  let order: number[] = [];
  for (let image = 0; image < count; image++) {
    const turn = image % outlines.length;
    if (turn === 0) order = new Random(seed, 'shape classes', part, image).shuffle([...outlines.keys()]);
    labels[image] = order[turn]!;
    drawShape(
      new Uint8ClampedArray(pixels.buffer, image * size, size),
      outlines[order[turn]],
      new Random(seed, 'shape', part, image),
    );
  }
  return new MemoryImages(pixels, labels, size);
}

/**
 * Draws one image: a shape of random place, size, turn and colour on a sloping background with some specks, under noise.
 * Uses only operations that IEEE 754 defines exactly, so that an image is the same on every machine.
 * @param pixels where to: [32, 32, 3], 0..255
 */
function drawShape(pixels: Uint8ClampedArray, outline: Outline, random: Random): void {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const colour = (): Colour => [between(0, 255), between(0, 255), between(0, 255)];

  // Dark enough for shapes to be lighter: with either sign a small network needs ten times the images.
  const background: Colour = [between(0, 150), between(0, 150), between(0, 150)];
  const slope: Colour = [between(-50, 50), between(-50, 50), between(-50, 50)];
  const down = between(0, 1);
  const mirrored = random.below(2) === 1;
  const values = new Float64Array(side * side * channels);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const way = (down * y + (1 - down) * (mirrored ? side - 1 - x : x)) / (side - 1) - 0.5;
      for (let c = 0; c < channels; c++) values[at++] = background[c] + slope[c] * way;
    }
  }

  for (let speck = random.below(6); speck > 0; speck--) {
    const radius = between(0.8, 2.6);
    const contains = (u: number, v: number): boolean => u * u + v * v <= 1;
    paint(values, { contains, colour: colour(), x: between(0, side), y: between(0, side), radius, turn: 0 });
  }

  let foreground = colour();
  while (contrast(foreground, background) < 60) foreground = colour();
  const radius = between(9, 14);
  const room = Math.max(1, side / 2 - radius + 2);
  const place = (): number => side / 2 + between(-room, room);
  paint(values, {
    contains: outline.contains,
    colour: foreground,
    x: place(),
    y: place(),
    radius,
    turn: between(-outline.turn, outline.turn),
  });

  addNoise(values, between(8, 40), random, pixels);
}

/** Writes the values with noise of up to `most` either way, rounded and held within 0..255. */
function addNoise(values: Float64Array, most: number, random: Random, pixels: Uint8ClampedArray): void {
  for (let i = 0; i < values.length; i += 2) {
    // The sum of two uniform numbers: a triangle, nearer to a camera's noise than a box. A word serves two values.
    const word = random.next();
    const sums = (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff);
    pixels[i] = values[i] + most * ((sums & 0xffff) / 255 - 1);
    pixels[i + 1] = values[i + 1] + most * ((sums >>> 16) / 255 - 1);
  }
}

interface Figure {
  contains: (u: number, v: number) => boolean;
  colour: Colour;
  x: number;
  y: number;
  radius: number;
  /** Tangent of half the angle. */
  turn: number;
}

/** Lays a figure over the picture, its edge smoothed by counting the points of each pixel that lie inside. */
function paint(values: Float64Array, { contains, colour, x, y, radius, turn }: Figure): void {
  // Cosine and sine without Math.cos, whose last digit may differ between machines.
  const cosine = (1 - turn * turn) / (1 + turn * turn) / radius;
  const sine = (2 * turn) / (1 + turn * turn) / radius;
  const first = (centre: number): number => Math.max(0, Math.floor(centre - radius));
  const last = (centre: number): number => Math.min(side - 1, Math.floor(centre + radius));
  for (let row = first(y); row <= last(y); row++) {
    for (let column = first(x); column <= last(x); column++) {
      let inside = 0;
      for (let i = 0; i < samples; i++) {
        const dy = row + (i + 0.5) / samples - y;
        for (let j = 0; j < samples; j++) {
          const dx = column + (j + 0.5) / samples - x;
          if (contains(cosine * dx + sine * dy, cosine * dy - sine * dx)) inside++;
        }
      }
      if (inside === 0) continue;
      const share = inside / (samples * samples);
      const at = (row * side + column) * channels;
      for (let c = 0; c < channels; c++) values[at + c] += (colour[c] - values[at + c]) * share;
    }
  }
}

/** How much lighter a is than b: the difference of their mean channels. */
function contrast(a: Colour, b: Colour): number {
  return (a[0] + a[1] + a[2] - b[0] - b[1] - b[2]) / 3;
}
