import { DeepviewError, exitCodes } from '../base/errors.ts';
import { printable } from '../base/printable.ts';

/** A layer's activations for the probe images: s[i, c], the spatial mean of neuron c for image i. */
export interface Samples {
  /** [images, neurons] row-major. */
  values: Float32Array | Float64Array;
  images: number;
  neurons: number;
  /** What an activation function's values lie between. */
  range?: readonly [low: number, high: number] | undefined;
  /** The same neurons' samples for the same images at the record before, where there is one. */
  before?: Samples['values'] | undefined;
}

/** Where samples come from, for messages. */
export interface SamplesOrigin {
  /** `layer 4 (relu1)`, say. */
  layer?: string;
  epoch?: number;
}

/** @throws RangeError for another number of values than images and neurons say */
export function requireWhole({ values, images, neurons }: Samples): void {
  if (values.length !== images * neurons) {
    throw new RangeError(`${values.length} values are not [${images}, ${neurons}]`);
  }
}

/** Where the first sample that is NaN or infinite stands in `values`; -1 where there is none. */
export function firstNonFinite({ values }: Samples): number {
  // A finite value alone leaves nothing to itself; two sums, since an addition waits for the one before it.
  let [even, odd] = [0, 0];
  const paired = values.length - (values.length % 2);
  for (let at = 0; at < paired; at += 2) {
    even += values[at] - values[at];
    odd += values[at + 1] - values[at + 1];
  }
  const rest = paired < values.length ? values[paired] - values[paired] : 0;
  return even + odd + rest === 0 ? -1 : values.findIndex((value) => !Number.isFinite(value));
}

/**
 * Refuses samples that hold NaN or infinity, naming the first such neuron and image (both counted from 0).
 * @throws DeepviewError `non-finite`
 */
export function requireFinite(samples: Samples, origin: SamplesOrigin = {}): void {
  requireWhole(samples);
  const { values, neurons } = samples;
  const at = firstNonFinite(samples);
  if (at < 0) return;
  const where = [origin.layer && printable(origin.layer), origin.epoch !== undefined && `epoch ${origin.epoch}`];
  const prefix = where.filter(Boolean).join(', ');
  const image = Math.floor(at / neurons);
  throw new DeepviewError(
    'non-finite',
    `${prefix && `${prefix}: `}the activation of neuron ${at - image * neurons} for image ${image} is ${values[at]}`,
    {
      hint: 'Metrics need finite activations. While training, a lower learning rate usually helps.',
      exitCode: exitCodes.unreadable,
    },
  );
}

/** Images grouped by class. */
export interface ClassGroups {
  /** The classes that occur, ascending. */
  classes: number[];
  /** Image indices, class after class; within a class in their original order. */
  order: Uint32Array;
  /** Where each class begins in `order`; one more entry holds the end. */
  starts: Uint32Array;
  /** Images of every class when all have as many, else undefined. */
  equalSize: number | undefined;
}

/** @param classOf the class of each image: non-negative integers, [images] */
export function groupByClass(classOf: ArrayLike<number>): ClassGroups {
  const members = new Map<number, number[]>();
  for (let image = 0; image < classOf.length; image++) {
    const label = classOf[image];
    const group = members.get(label);
    if (group) group.push(image);
    else members.set(label, [image]);
  }
  const classes = [...members.keys()].sort((a, b) => a - b);
  const order = new Uint32Array(classOf.length);
  const starts = new Uint32Array(classes.length + 1);
  classes.forEach((label, place) => {
    const group = members.get(label) ?? [];
    order.set(group, starts[place]);
    starts[place + 1] = starts[place] + group.length;
  });
  const size = starts[1];
  const equal = classes.length > 0 && classes.every((_, place) => starts[place + 1] - starts[place] === size);
  return { classes, order, starts, equalSize: equal ? size : undefined };
}

/**
 * The images by class, for comparing classes.
 * @throws DeepviewError `length-mismatch`, `one-class`
 */
export function groupsOf(samples: Samples, classOf: ArrayLike<number>): ClassGroups {
  if (classOf.length !== samples.images) {
    throw new DeepviewError('length-mismatch', `${classOf.length} labels for ${samples.images} images`, {
      hint: 'Every image needs exactly one label.',
      exitCode: exitCodes.unreadable,
    });
  }
  const groups = groupByClass(classOf);
  if (groups.classes.length < 2) {
    throw new DeepviewError('one-class', `all ${samples.images} images are of one class`, {
      hint: 'Discriminability compares classes: give images of at least two.',
      exitCode: exitCodes.unreadable,
    });
  }
  return groups;
}
