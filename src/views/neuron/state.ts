/** The neuron view's panes, in the order that Tab takes them. */
export const neuronPanes = ['activations', 'facets', 'patches'] as const;
export type NeuronPane = (typeof neuronPanes)[number];

/** Where the user is in the neuron view. What is shown there comes from the exploration's answers. */
export interface NeuronState {
  /** The pane that has the focus; on a narrow screen the only one shown. */
  pane: NeuronPane;
  /** The selected facet, whose patches alone the sheet shows; all of the neuron's without one. */
  facet: number | undefined;
  /** The sheet's cursor: a position among the patches shown. */
  patch: number;
  /** The class under the cursor. */
  label: number;
}

export const emptyNeuron: NeuronState = { pane: 'activations', facet: undefined, patch: 0, label: 0 };

/** The state with which another neuron is opened: what was chosen of the one before means nothing to it. */
export const otherNeuron = (state: NeuronState): NeuronState => ({ ...state, facet: undefined, patch: 0 });
