import { MemoryImages } from '../../../../src/engine/data/raw-images.ts';
import type { InspectedData } from '../../../../src/engine/data/inspection/inspect-images.ts';
import { Random } from '../../../../src/engine/base/random.ts';

export const side = 16;
const size = side * side * 3;

/** A picture unlike any other: blots of colour on a ramp. */
export function picture(number: number): Uint8Array {
  const random = new Random(number, 'picture');
  const blots = Array.from({ length: 6 }, () => ({
    x: random.uniform() * side,
    y: random.uniform() * side,
    width: 1 + 4 * random.uniform(),
    colour: [0, 1, 2].map(() => 140 * random.normal()),
  }));
  const pixels = new Uint8Array(size);
  for (let at = 0; at < size; at++) {
    const [y, x, channel] = [Math.floor(at / 3 / side), Math.floor(at / 3) % side, at % 3];
    const value = blots.reduce((sum, blot) => {
      const distance = ((x - blot.x) ** 2 + (y - blot.y) ** 2) / blot.width ** 2;
      return sum + blot.colour[channel] * Math.exp(-distance);
    }, 110);
    pixels[at] = Math.min(240, Math.max(15, Math.round(value)));
  }
  return pixels;
}

/** The same picture, a little lighter and with noise: as another compression would leave it. */
export function nearly(pixels: Uint8Array, number: number): Uint8Array {
  const random = new Random(number, 'noise');
  return pixels.map((value) => Math.min(255, Math.max(0, value + 4 + Math.round(2 * random.normal()))));
}

export const oneColour = (red: number, green: number, blue: number): Uint8Array =>
  new Uint8Array(size).map((_, at) => [red, green, blue][at % 3]);

export type PlantedImage = readonly [pixels: Uint8Array, label: number];

export function part(images: readonly PlantedImage[]): MemoryImages {
  const pixels = new Uint8Array(images.length * size);
  images.forEach(([values], index) => pixels.set(values, index * size));
  return new MemoryImages(
    pixels,
    Uint16Array.from(images, ([, label]) => label),
    size,
  );
}

export const classes = ['cat', 'dog', 'owl'];

/** `count` images of each of the three classes, all different. */
export const fair = (count: number, first: number): PlantedImage[] =>
  Array.from({ length: 3 * count }, (_, index) => [picture(first + index), index % 3]);

export const planted = (
  train: readonly PlantedImage[],
  validation: readonly PlantedImage[],
  more: Partial<InspectedData> = {},
): InspectedData => ({
  classes,
  imageShape: [side, side, 3],
  train: part(train),
  validation: part(validation),
  ...more,
});
