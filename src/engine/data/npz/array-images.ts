import { elementsOf, isFloat, type ArraySource, type ElementArray } from '../../arrays/index.ts';
import type { ImageToStore } from '../store/write-store.ts';
import { npzError, type ArrayPart } from './provide-npz.ts';

/** How an array's values become 0..255. */
export interface ValueScale {
  factor: number;
  /** Whether values are rounded: floats are. */
  rounds: boolean;
}

/** Most classes that numbers may stand for. */
const mostLabel = 65_535;

/**
 * How the values of all images become bytes: bytes as they are, `bool` 0 and 255, other integers if they lie in 0..255
 * already; floats times 255 where all lie in 0..1, as they are, rounded, where all lie in 0..255.
 * @param sources read to the end, unless they are bytes
 * @throws DeepviewError `bad-images` for values outside
 */
export async function valueScale(sources: readonly ArraySource[]): Promise<ValueScale> {
  const [{ type }] = sources;
  const different = sources.find((source) => source.type !== type);
  if (different) throw npzError(`${different.origin}: its type is ${different.type}, that of the other images ${type}`);
  if (type === 'uint8') return { factor: 1, rounds: false };
  if (type === 'bool') return { factor: 255, rounds: false };
  let least = Infinity;
  let greatest = -Infinity;
  for (const source of sources) {
    for await (const elements of elementsOf(source)) {
      for (let i = 0; i < elements.length; i++) {
        const value = Number(elements[i]);
        if (!Number.isFinite(value))
          throw npzError(`${source.origin}: it holds ${value}`, 'Images are finite numbers.');
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
    }
  }
  if (least < 0 || greatest > 255) {
    throw npzError(
      `${sources[0].origin}: its values go from ${least} to ${greatest}`,
      'Images are 0 to 255, or 0 to 1; undo what was done to them (subtracted means, say).',
    );
  }
  return { factor: isFloat(type) && greatest <= 1 ? 255 : 1, rounds: isFloat(type) };
}

/**
 * The class of each image.
 * @throws DeepviewError `bad-images` for anything but whole numbers from 0
 */
export async function readLabels({ labels, count }: Pick<ArrayPart, 'labels' | 'count'>): Promise<Uint16Array> {
  if (labels.type === 'bool') throw npzError(`${labels.origin}: its type is bool`, 'Classes are whole numbers from 0.');
  const result = new Uint16Array(count);
  let at = 0;
  for await (const elements of elementsOf(labels)) {
    for (let i = 0; i < elements.length; i++) {
      const value = Number(elements[i]);
      if (!Number.isInteger(value) || value < 0 || value > mostLabel) {
        throw npzError(
          `${labels.origin}: image ${at} has the class ${value}`,
          `Classes are whole numbers from 0 to ${mostLabel}.`,
        );
      }
      result[at++] = value;
    }
  }
  return result;
}

/** The images of an array, one after another, [H, W, C]. */
export async function* arrayImages(
  part: ArrayPart,
  labels: Uint16Array,
  { factor, rounds }: ValueScale,
): AsyncGenerator<ImageToStore> {
  const { shape, channelsFirst, images } = part;
  const [height, width, channels] = shape;
  const plane = height * width;
  const size = plane * channels;
  const pixels = new Uint8Array(size);
  let filled = 0;
  let image = 0;
  const put = (elements: ElementArray, from: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      const value = Number(elements[from + i]) * factor;
      const place = filled + i;
      const to = channelsFirst ? (place % plane) * channels + Math.floor(place / plane) : place;
      pixels[to] = rounds ? Math.round(value) : value;
    }
    filled += count;
  };
  for await (const elements of elementsOf(images)) {
    for (let from = 0; from < elements.length;) {
      const count = Math.min(size - filled, elements.length - from);
      put(elements, from, count);
      from += count;
      if (filled < size) continue;
      yield { pixels, label: labels[image++] };
      filled = 0;
    }
  }
}
