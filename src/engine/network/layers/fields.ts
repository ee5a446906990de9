import { limits } from '../../base/limits.ts';
import {
  above,
  choice,
  either,
  flag,
  needed,
  number,
  object,
  usually,
  whole,
  type FieldValues,
  type Fields,
  type Value,
} from '../../base/schema/index.ts';
import type { Wiring } from './definition.ts';

/** Of kinds that need no words but their name. */
export const noFields = {};

/**
 * A layer as it is built: the values of its fields, all of which are there.
 * @typeParam MayLack the fields that a network in code may leave out; the layer then takes the form's own value
 */
export type Specification<Kind extends string, F extends Fields = typeof noFields, MayLack extends keyof F = never> = {
  kind: Kind;
} & {
  [K in Exclude<keyof FieldValues<F>, MayLack>]-?: Settled<FieldValues<F>[K]>;
} & { [K in MayLack & keyof FieldValues<F>]?: Settled<FieldValues<F>[K]> } & Wiring;

/** The number of classes is known by then. */
type Settled<T> = Exclude<T, 'classes' | undefined>;

/** Pixels of any window, stride or padding. */
export const pixels = whole(1, 1024);

export const neurons = (about: string) =>
  needed(
    either(whole(1, limits.neurons), choice(['classes'])),
    `${about}; "classes": as many as the data set has classes.`,
  );

export const padding = usually(
  'same',
  either(choice(['same', 'valid']), whole(0, 1024)),
  'What is put around the input: "same" keeps its size divided by the stride, "valid" adds nothing, a number adds that many pixels on every side.',
);

export const operation = needed(choice(['max', 'average']), 'What is taken of each window.');

const multipliers = object({
  weights: usually(1, number(0, 1000), "Of the weights, or of a normalisation's gains."),
  biases: usually(1, number(0, 1000), 'Of the biases.'),
});

/** How fast a layer's parameters learn: factors on the network's learning rate. */
export type Multipliers = Value<typeof multipliers>;

export const learningRate = usually(
  { weights: 1, biases: 1 },
  multipliers,
  "Factors on the network's learning rate; weights and biases that are not named have 1.",
);

const initialisation = either(choice(['he', 'glorot']), number(0, 1000));

/**
 * How the first weights are drawn; biases start at 0. A number: normally, with this standard deviation. `he`: normally,
 * deviation sqrt(2 / fan-in) (He et al. 2015). `glorot`: evenly within +-sqrt(6 / (fan-in + fan-out)) (Glorot and
 * Bengio 2010). Fans count the window's pixels, and only the channels of one group.
 */
export type Initialisation = Value<typeof initialisation>;

/** Of layers with weights. */
export const weightFields = {
  bias: usually(true, flag, 'Whether a bias is added.'),
  deviation: usually(
    'he',
    initialisation,
    'How the first weights are drawn: "he" or "glorot", or normally with this standard deviation.',
  ),
  learningRate,
};

/** Of normalisations. */
export const normalisationFields = {
  epsilon: usually(1e-5, above(0, 1), 'Added to the variance.'),
  learningRate,
};
