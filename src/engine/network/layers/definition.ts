import type { Fields, Path } from '../../base/schema/index.ts';
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
export type Bare<S> = Omit<S, keyof Wiring>;

/**
 * All that there is to know of a kind of layer. By default its output is like its input, it has no parameters, and
 * nothing bounds its activations.
 */
interface Definition<S extends AnySpecification> {
  kind: S['kind'];
  /** One line for the schema and the documentation. */
  about: string;
  /** What a network file may say of it, besides its name and where its input comes from. */
  fields: Fields;
  /** What depends on other fields, filled in. @param layer as its fields let it through @throws ValidationError */
  complete?(layer: S, path: Path): S;
  category: LayerCategory;
  /** What its name begins with where it has none of its own; a number follows. Kinds may share one. */
  prefix: string;
  /** As the paper writes it, `conv5-32`; what it lacks follows its manner. By default the kind. */
  label?(layer: S): string;
  /**
   * What its activations lie between whatever its input is, `Infinity` where there is no end. By both ends the program
   * recognises saturated neurons, unless `saturates` is false: a softmax may well give 0 or 1, a bounded ReLU 0.
   */
  range?(layer: S): readonly [low: number, high: number];
  saturates?: false;
  /** Its output, and what each position of it sees. @throws ImpossibleLayer by `refuse` */
  outflow?(layer: S, inputs: readonly Inflow[], refuse: Refuse): Inflow;
  /** Weights that each position's output is computed with. */
  weights?(layer: S, input: Shape): number;
  /** All values that it learns. */
  parameters?(layer: S, input: Shape): number;
  /** The field that says how many neurons it has, where it may be left to the data set (`classes`). */
  neurons?: 'channels' | 'units';
  /** Its counterparts in Keras, where they keep their input's shape; `keras/` has the others. */
  keras?: {
    /** By the name that a layer's `activation` has for it, with the settings that the name stands for. */
    activation?: Readonly<Record<string, Bare<S>>>;
    /** By the class of a layer of its own. */
    classes?: Readonly<Record<string, (layer: KerasLayer, input: Flow) => Row>>;
    /** Refuses an input that it cannot work on. */
    require?(layer: KerasLayer, input: Flow): void;
  };
}

/** A kind of layer with one input. */
export interface LayerDefinition<S extends AnySpecification> extends Definition<S> {
  /** A layer at work, its parameters at their initial values. */
  build(layer: S, context: LayerContext): Layer;
}

/** A kind of layer that brings several inputs together. */
export interface JoinDefinition<S extends AnySpecification> extends Definition<S> {
  join(context: Pick<LayerContext, 'tf'>): Join;
}
