import { printable } from '../../base/printable.ts';
import type { Builder } from './builder.ts';
import { refuse, requireNoZeros, requirePositions, setting } from './builder.ts';
import type { Flow, Row } from './flow.ts';
import type { KerasLayer } from './topology.ts';

/** Keras's names of functions; `linear` does nothing and has no row. */
const byName: Readonly<Record<string, Row>> = {
  relu: { kind: 'relu' },
  sigmoid: { kind: 'sigmoid' },
  tanh: { kind: 'tanh' },
  gelu: { kind: 'gelu' },
  softmax: { kind: 'softmax' },
  elu: { kind: 'elu', alpha: 1 },
  leaky_relu: { kind: 'leaky-relu', slope: 0.2 },
};

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
  if (row.kind === 'softmax') requirePositions(layer, input);
  const nonNegative = row.kind === 'relu' || row.kind === 'sigmoid' || row.kind === 'softmax';
  return builder.add(layer, row, [input], { shape: input.shape, called, nonNegative });
}

/** ReLU as a layer, which may leak, but not saturate or begin elsewhere than at zero. */
export function reluRow(layer: KerasLayer): Row {
  if (layer.config.get('max_value').present) {
    refuse(layer, `has a max_value`, 'A ReLU without an upper bound can be read.');
  }
  const threshold = setting(layer, 'threshold', 0, (field) => field.number());
  if (threshold !== 0) refuse(layer, `has the threshold ${threshold}`, 'A ReLU that begins at zero can be read.');
  const slope = setting(layer, 'negative_slope', 0, (field) => field.number(0, 1));
  return slope === 0 ? { kind: 'relu' } : { kind: 'leaky-relu', slope };
}

export const leakyReluRow = (layer: KerasLayer): Row => {
  const name = layer.config.get('negative_slope').present ? 'negative_slope' : 'alpha';
  return { kind: 'leaky-relu', slope: setting(layer, name, 0.3, (field) => field.number(0, 1)) };
};

export const eluRow = (layer: KerasLayer): Row => ({
  kind: 'elu',
  alpha: setting(layer, 'alpha', 1, (field) => field.number(1e-6, 100)),
});
