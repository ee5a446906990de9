import { elementsOf, isFloat, type ArraySource, type ElementArray } from '../../arrays/index.ts';
import type { DeepviewError } from '../../base/errors.ts';
import { sixteenBits, whiteOf } from '../images/sixteen-bits.ts';
import type { Remark } from '../store/store-format.ts';
import type { ImageToStore } from '../store/write-store.ts';
import { npzError, type ArrayPart } from './provide-npz.ts';

/** How an array's values become 0..255. */
export interface ValueScale {
  factor: number;
  /** Whether values are rounded, and what lies a little outside cut off: all but bytes and booleans are. */
  rounds: boolean;
  /** What is to be said of it. */
  remarks: Remark[];
}

/** Most classes that numbers may stand for. */
const mostLabel = 65_535;

/** Of the range: what resampling and rounding may go beyond it. */
const overshoot = 0.01;

/** Fractions up to this value would be rounded to a few grey levels. */
const leastReach = 32;

/**
 * How the values of all images become bytes: bytes as they are, `bool` 0 and 255; integers as they are if they lie in
 * 0..255, and from as many bits as the greatest needs if in 0..65535; floats times 255 where all lie in 0..1, as they
 * are, rounded, where all lie in 0..255. Of floats a hundredth of the range may lie outside, and is cut off.
 * @param sources read to the end, unless they are bytes
 * @throws DeepviewError `bad-images` for values outside, and for fractions that fill neither range
 */
export async function valueScale(sources: readonly ArraySource[]): Promise<ValueScale> {
  const [{ type, origin }] = sources;
  const different = sources.find((source) => source.type !== type);
  if (different) throw npzError(`${different.origin}: its type is ${different.type}, that of the other images ${type}`);
  if (type === 'uint8') return { factor: 1, rounds: false, remarks: [] };
  if (type === 'bool') return { factor: 255, rounds: false, remarks: [] };
  const { least, greatest, areWhole } = await valuesOf(sources);
  const refuse = (problem: string, hint: string): DeepviewError => npzError(`${origin}: ${problem}`, hint);
  const outside = (): DeepviewError =>
    refuse(
      `its values go from ${least} to ${greatest}`,
      'Images are 0 to 255, or 0 to 1; undo what was done to them (subtracted means, say).',
    );
  if (!isFloat(type)) {
    if (least < 0 || greatest > 65_535) throw outside();
    if (greatest <= 255) return { factor: 1, rounds: false, remarks: [] };
    return { factor: 255 / whiteOf(greatest), rounds: true, remarks: [sixteenBits(greatest)] };
  }
  if (least >= -overshoot && greatest <= 1 + overshoot) return { factor: 255, rounds: true, remarks: [] };
  if (least < -255 * overshoot || greatest > 255 * (1 + overshoot)) throw outside();
  if (areWhole || greatest >= leastReach) return { factor: 1, rounds: true, remarks: [] };
  throw refuse(
    `its values go from ${least} to ${greatest}, which is neither 0 to 1 nor 0 to 255`,
    'Divide them by what stands for white, so that they go from 0 to 1.',
  );
}

/** The range of all values, and whether none has a fraction. @throws DeepviewError `bad-images` unless all are finite */
async function valuesOf(
  sources: readonly ArraySource[],
): Promise<{ least: number; greatest: number; areWhole: boolean }> {
  let [least, greatest, areWhole] = [Infinity, -Infinity, true];
  for (const source of sources) {
    for await (const elements of elementsOf(source)) {
      for (let i = 0; i < elements.length; i++) {
        const value = Number(elements[i]);
        if (!Number.isFinite(value))
          throw npzError(`${source.origin}: it holds ${value}`, 'Images are finite numbers.');
        if (value < least) least = value;
        if (value > greatest) greatest = value;
        areWhole &&= Number.isInteger(value);
      }
    }
  }
  return { least, greatest, areWhole };
}

/**
 * The class of each image.
 * @throws DeepviewError `bad-images` for anything but whole numbers from 0
 */
export async function readLabels({ labels, count }: Pick<ArrayPart, 'labels' | 'count'>): Promise<Uint16Array> {
  if ('read' in labels) throw npzError(`${labels.origin}: it holds names where another part has numbers`);
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
      pixels[to] = rounds ? Math.min(255, Math.max(0, Math.round(value))) : value;
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
