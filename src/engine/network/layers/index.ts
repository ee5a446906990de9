import { add } from './add.ts';
import { batchNormalisation } from './batch-normalisation.ts';
import { concatenate } from './concatenate.ts';
import { convolution } from './convolution.ts';
import type { Inflow, JoinDefinition, LayerDefinition, Refuse } from './definition.ts';
import { dense } from './dense.ts';
import { dropout } from './dropout.ts';
import { elu } from './elu.ts';
import { gelu } from './gelu.ts';
import { globalPooling } from './global-pooling.ts';
import { layerNormalisation } from './layer-normalisation.ts';
import { hardSwish } from './hard-swish.ts';
import type { Join, Layer, LayerContext } from './layer.ts';
import { leakyRelu } from './leaky-relu.ts';
import { multiply } from './multiply.ts';
import { pooling } from './pooling.ts';
import { relu } from './relu.ts';
import { sigmoid } from './sigmoid.ts';
import { softmax } from './softmax.ts';
import { swish } from './swish.ts';
import { tanh } from './tanh.ts';

export type { LayerCategory, Wiring } from './definition.ts';
export type { Multipliers } from './fields.ts';
export type { Gradients, Join, Layer, LayerContext, Parameter, Pass, Trace } from './layer.ts';

/** Every kind of layer, in the order of the documentation. */
export const layerKinds = [
  ...[convolution, dense, pooling, globalPooling],
  ...[relu, leakyRelu, elu, gelu, swish, hardSwish, sigmoid, tanh, softmax],
  ...[batchNormalisation, layerNormalisation, dropout],
  ...[add, multiply, concatenate],
] as const;

type Kind = (typeof layerKinds)[number];

/** Layers of one input. */
export type SingleSpecification = Parameters<Extract<Kind, { build: unknown }>['build']>[0];

/** One layer of a network as data. */
export type LayerSpecification = Parameters<NonNullable<Kind['label']>>[0];

type AnyDefinition = LayerDefinition<LayerSpecification> | JoinDefinition<LayerSpecification>;

const byKind = new Map<string, AnyDefinition>(layerKinds.map((one) => [one.kind, one]));

/** What a layer's kind is. */
export const definitionOf = ({ kind }: Pick<LayerSpecification, 'kind'>): AnyDefinition => byKind.get(kind)!;

/** As the paper writes a layer: `conv5-32`, `max-pool`. */
export const labelOf = (layer: LayerSpecification): string => definitionOf(layer).label?.(layer) ?? layer.kind;

/** What comes out of a layer, and what each position of it sees. @throws ImpossibleLayer by `refuse` */
export const outflowOf = (layer: LayerSpecification, inputs: readonly Inflow[], refuse: Refuse): Inflow =>
  definitionOf(layer).outflow?.(layer, inputs, refuse) ?? { shape: [...inputs[0].shape], field: inputs[0].field };

/** Builds one layer of a network, its parameters at their initial values. */
export function buildLayer(specification: SingleSpecification, context: LayerContext): Layer;
export function buildLayer(specification: LayerSpecification, context: LayerContext): Layer | Join;
export function buildLayer(specification: LayerSpecification, context: LayerContext): Layer | Join {
  const definition = definitionOf(specification);
  return 'join' in definition ? definition.join(context) : definition.build(specification, context);
}
