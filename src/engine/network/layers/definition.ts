import type { Flow, Row } from '../keras/flow.ts';
import type { KerasLayer } from '../keras/topology.ts';
import type { ReceptiveField } from '../receptive-field.ts';
import type { Join, Layer, LayerContext } from './layer.ts';

/** What views tell apart. */
export const layerCategories = [
  'convolution',
  'dense',
  'normalisation',
  'activation',
  'pooling',
  'dropout',
  'other',
] as const;

export type LayerCategory = (typeof layerCategories)[number];

/** How fast a layer's parameters learn and shrink: factors on the network's learning rate and weight decay. */
export interface Multipliers {
  weights: number;
  biases: number;
}

/** Where a layer's input comes from. The list of layers is in topological order: a layer sees only those before it. */
export interface Wiring {
  /** Unique in its network; by default the layer table's own: `conv1`, `relu2`. */
  name?: string;
  /**
   * Names of earlier layers, or `input`, the images; by default the layer before. `add` and `concatenate` take two or
   * more, all others one.
   */
  from?: readonly string[];
}

/** [height, width, channels] */
export type Shape = [height: number, width: number, channels: number];

/** What comes into a layer, or out of it: of one image. */
export interface Inflow {
  shape: Shape;
  field: ReceptiveField;
}

/** Throws `ImpossibleLayer` for the layer in question. */
export type Refuse = (problem: string, details: { hint: string; field?: string }) => never;

/** Any kind of layer as its network files describe it. */
type AnySpecification = Wiring & { kind: string };

/** A layer's own settings, without its name and its place. */
export type Bare<Specification> = Omit<Specification, keyof Wiring>;

/** What a kind of layer is, in all places that need to know. What is left out: as its input, one by one, and nothing. */
interface Definition<Specification extends AnySpecification> {
  kind: Specification['kind'];
  category: LayerCategory;
  /** What its name begins with where it has none of its own; a number follows. Kinds may share one. */
  prefix: string;
  /** As the paper writes it, `conv5-32`; what it lacks follows its manner. By default the kind. */
  label?(layer: Specification): string;
  /**
   * What its activations lie between whatever its input is, `Infinity` where there is no end. By both ends the program
   * recognises saturated neurons, unless `saturates` is false: a softmax may well answer 0 or 1.
   */
  range?(layer: Specification): readonly [low: number, high: number];
  saturates?: false;
  /** Its output, and what each position of it sees. @throws ImpossibleLayer by `refuse` */
  outflow?(layer: Specification, inputs: readonly Inflow[], refuse: Refuse): Inflow;
  /** Weights that each position's output is computed with. */
  weights?(layer: Specification, input: Shape): number;
  /** All values that it learns. */
  parameters?(layer: Specification, input: Shape): number;
  /** The field that says how many neurons it has, where it may be left to the data set (`classes`). */
  neurons?: 'channels' | 'units';
  /** Its counterparts in Keras, where they keep their input's shape; `keras/` has the others. */
  keras?: {
    /** By the name that a layer's `activation` has for it, with the settings that the name stands for. */
    activation?: Readonly<Record<string, Bare<Specification>>>;
    /** By the class of a layer of its own. */
    classes?: Readonly<Record<string, (layer: KerasLayer, input: Flow) => Row>>;
    /** Refuses an input that it cannot work on. */
    require?(layer: KerasLayer, input: Flow): void;
  };
}

/** A kind of layer with one input. */
export interface LayerDefinition<Specification extends AnySpecification> extends Definition<Specification> {
  /** A layer at work, its parameters at their initial values. */
  build(layer: Specification, context: LayerContext): Layer;
}

/** A kind of layer that brings several inputs together. */
export interface JoinDefinition<Specification extends AnySpecification> extends Definition<Specification> {
  join(context: Pick<LayerContext, 'tf'>): Join;
}
