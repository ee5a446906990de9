import { linkages } from '../../engine/analysis/linkages.ts';
import { neuronPlaces, type Place } from './binding.ts';

/** A setting that a key steps through. */
export interface Toggle {
  name: string;
  /** The first is the default. */
  values: readonly string[];
  key: string;
  label: string;
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
    where: ['network'],
    hint: 'scale',
  },
  {
    name: 'lines',
    values: ['outliers', 'all', 'none', 'selected'],
    key: 'v',
    label: 'lines: outliers, all, none, selected',
    where: ['layer'],
    hint: 'lines',
    said: (lines) => `Lines: ${lines === 'all' || lines === 'selected' ? `${lines} neurons` : lines}.`,
  },
  {
    name: 'linkage',
    values: linkages,
    key: 'l',
    label: 'how clusters are joined: the next linkage',
    where: ['map'],
    hint: 'linkage',
    said: (linkage) => `Clusters are joined by ${linkage} linkage.`,
  },
  {
    name: 'order',
    values: ['class', 'median'],
    key: 's',
    label: 'classes by their median, or as in the data',
    where: neuronPlaces,
    hint: 'sort',
    said: (order) => (order === 'median' ? 'Classes by the median of their activations.' : 'Classes as in the data.'),
  },
] as const satisfies readonly Toggle[];

type AnyToggle = (typeof toggles)[number];
export type ToggleName = AnyToggle['name'];
export type ToggleValues = { readonly [Name in ToggleName]: Extract<AnyToggle, { name: Name }>['values'][number] };

export const defaultToggles = Object.fromEntries(toggles.map(({ name, values }) => [name, values[0]])) as ToggleValues;
