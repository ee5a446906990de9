import { printable } from '../../base/printable.ts';
import { definitionOf, layerKinds } from '../layers/index.ts';
import type { Builder } from './builder.ts';
import { refuse, requireNoZeros } from './builder.ts';
import type { Flow, Row } from './flow.ts';
import type { KerasLayer } from './topology.ts';

/** Keras's names of functions; `linear` does nothing and has no row. */
const byName: Readonly<Record<string, Row>> = Object.fromEntries(
  layerKinds.flatMap(({ keras }) => Object.entries<Row>(keras?.activation ?? {})),
);

const supported = Object.keys(byName).join(', ');

/**
 * The function that a layer's `activation` names, as a row of its own behind the layer's.
 * @param called the name of the row; by default the layer's with the function's behind it
 */
export function addActivation(builder: Builder, layer: KerasLayer, input: Flow, called?: string): Flow {
  const given = layer.config.get('activation');
  // Keras 3 may write a registered function as an object around its name.
  const named =
    given.present && !given.isText && given.get('class_name').value === 'function' ? given.get('config') : given;
  const name = named.or('linear', (field) =>
    field.isText ? field.exactText() : refuse(layer, 'has an activation that is no plain function'),
  );
  if (name === 'linear') return input;
  const row = Object.hasOwn(byName, name) ? byName[name] : undefined;
  if (!row) {
    return refuse(
      layer,
      `has the activation "${printable(name)}"`,
      `The activations ${supported} and linear can be read.`,
    );
  }
  return addFunction(builder, layer, input, row, called ?? `${layer.id}_${name}`);
}

/** A function of single values, or softmax over the channels. */
export function addFunction(builder: Builder, layer: KerasLayer, input: Flow, row: Row, called = layer.id): Flow {
  requireNoZeros(layer, input);
  definitionOf(row).keras?.require?.(layer, input);
  return builder.add(layer, row, [input], { called });
}
