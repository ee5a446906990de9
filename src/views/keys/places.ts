/** Places that bindings have in common. */

export const layerPanes = ['layer', 'map', 'neurons'] as const;
export const neuronPanes = ['neuron', 'facets', 'patches'] as const;

/** Every screen that shows a run. */
export const runScreens = ['network', ...layerPanes, ...neuronPanes] as const;
export const screens = ['home', ...runScreens] as const;

/** Screens with rows that may be more than fit. */
export const lists = ['home', 'network', 'layer', 'neurons', 'neuron', 'patches'] as const;
