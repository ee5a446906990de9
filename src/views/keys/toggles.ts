import { defaultClusters, defaultFacets, linkages } from '../../engine/analysis/choices.ts';
import { neuronPlaces, type Place } from './binding.ts';

/** A setting that a key steps through; `show` has an option of its name. */
export interface Toggle {
  name: string;
  /** The first is the default. */
  values: readonly string[];
  key: string;
  label: string;
  /** What the option means. */
  about: string;
  where: readonly Place[];
  /** Its word in the footer. */
  hint: string;
  /** What is said of the value that was stepped to. */
  said?: (value: string) => string;
}

/** Every setting of the screen that a key steps through; `state.toggles` holds their values, from run to run. */
export const toggles = [
  {
    name: 'scale',
    values: ['layer', 'common'],
    key: 's',
    label: 'colour scale per layer or common',
    about: 'Network view and comparison: a colour scale per layer, or one for all.',
    where: ['network', 'compare'],
    hint: 'scale',
  },
  {
    name: 'lines',
    values: ['outliers', 'all', 'none', 'selected'],
    key: 'v',
    label: 'lines: outliers, all, none, selected',
    about: 'Layer view: which neurons are drawn as lines; selected: those of the selected cluster.',
    where: ['layer'],
    hint: 'lines',
    said: (lines) => `Lines: ${lines === 'all' || lines === 'selected' ? `${lines} neurons` : lines}.`,
  },
  {
    name: 'linkage',
    values: linkages,
    key: 'l',
    label: 'how clusters are joined: the next linkage',
    about: 'Layer view: how far two clusters are apart.',
    where: ['map'],
    hint: 'linkage',
    said: (linkage) => `Clusters are joined by ${linkage} linkage.`,
  },
  {
    name: 'order',
    values: ['class', 'median'],
    key: 's',
    label: 'classes by their median, or as in the data',
    about: 'Neuron view: classes as in the data, or by the median of their activations.',
    where: neuronPlaces,
    hint: 'sort',
    said: (order) => (order === 'median' ? 'Classes by the median of their activations.' : 'Classes as in the data.'),
  },
] as const satisfies readonly Toggle[];

type AnyToggle = (typeof toggles)[number];
export type ToggleName = AnyToggle['name'];
export type ToggleValues = { readonly [Name in ToggleName]: Extract<AnyToggle, { name: Name }>['values'][number] };

export const defaultToggles = Object.fromEntries(toggles.map(({ name, values }) => [name, values[0]])) as ToggleValues;

/** The panes of the screens that have some, in the order in which Tab goes round. */
export const panesOf = {
  layer: ['evolution', 'map', 'neurons'],
  neuron: ['activations', 'facets', 'patches'],
} as const;

export type LayerPane = (typeof panesOf.layer)[number];
export type NeuronPane = (typeof panesOf.neuron)[number];
export type Pane = LayerPane | NeuronPane;

/** A number that `+` and `-` change; `show` has an option of its name. */
interface Count {
  least: number;
  most: number;
  usual: number;
  about: string;
  where: readonly Place[];
}

/** Every such number; `state.exploration.settings` holds them, from run to run. */
export const counts = {
  levels: { least: 4, most: 60, usual: 20, about: 'Layer view: levels of the evolution.', where: ['layer'] },
  clusters: {
    ...{ least: 1, most: 24, usual: defaultClusters },
    about: 'Layer view: clusters; a layer with fewer neurons has fewer.',
    where: ['map', 'neurons'],
  },
  facets: { least: 1, most: 24, usual: defaultFacets, about: 'Neuron view: facets.', where: neuronPlaces },
} as const satisfies Record<string, Count>;

type CountName = keyof typeof counts;
export type CountValues = Readonly<Record<CountName, number>>;

export const defaultCounts = Object.fromEntries(
  Object.entries(counts).map(([name, { usual }]) => [name, usual]),
) as CountValues;
