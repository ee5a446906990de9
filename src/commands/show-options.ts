import { DeepviewError, exitCodes } from '../engine/base/errors.ts';
import { choice, whole, type Form } from '../engine/base/schema/index.ts';
import { layerPlaces, neuronPlaces, type Place } from '../views/keys/binding.ts';
import { counts, panesOf, toggles, type CountValues, type Pane, type ToggleValues } from '../views/keys/toggles.ts';

/** What keys change on the screen, as `show` takes it. */
export interface ViewOptions extends Partial<ToggleValues>, Partial<CountValues> {
  /** The pane that has the focus. */
  pane?: Pane;
  /** What is selected, from 1: a layer of the network, a cluster of a layer, a facet of a neuron. */
  select?: number;
}

/** How each view is asked for. */
const asked = { network: 'show RUN', layer: 'show RUN LAYER', neuron: 'show RUN LAYER/NEURON' } as const;
type View = keyof typeof asked;

const isOneOf = (words: readonly string[], word: unknown): boolean => words.includes(word as string);

const viewOf = (place: Place): View =>
  isOneOf(layerPlaces, place) ? 'layer' : isOneOf(neuronPlaces, place) ? 'neuron' : 'network';

/** One of them, as the command line has it. */
interface ViewOption {
  name: keyof ViewOptions;
  value: string;
  form: Form;
  about: string;
  default?: string;
  /** The views that it means something to. */
  views: readonly View[];
}

/** All of them, from the tables of the screen's settings. */
export const viewOptions: readonly ViewOption[] = [
  ...toggles.map(({ name, values, about, where }) => ({
    ...{ name, value: 'NAME', form: choice(values), about, default: values[0], views: where.map(viewOf) },
  })),
  ...Object.entries(counts).map(([name, { least, most, usual, about, where }]) => ({
    ...{ name: name as keyof CountValues, value: 'N', form: whole(least, most), about, default: String(usual) },
    views: where.map(viewOf),
  })),
  {
    name: 'pane',
    value: 'NAME',
    form: choice([...panesOf.layer, ...panesOf.neuron]),
    about: 'The pane that has the focus; a small picture shows no other.',
    default: `${panesOf.layer[0]} or ${panesOf.neuron[0]}`,
    views: ['layer', 'neuron'],
  },
  {
    name: 'select',
    value: 'N',
    form: whole(1, 65_536),
    about: 'What is selected, by its number: a layer of the network, a cluster of a layer or a facet of a neuron.',
    views: ['network', 'layer', 'neuron'],
  },
];

/** @throws DeepviewError `wrong-view` (exit code 2) for an option that means nothing to the view */
export function requireOfView(options: ViewOptions, view: View): void {
  for (const { name, views } of viewOptions) {
    const value = options[name];
    const own = name === 'pane' ? views.filter((one) => one !== 'network' && isOneOf(panesOf[one], value)) : views;
    if (value === undefined || own.includes(view)) continue;
    const option = `--${name} ${value}`;
    throw new DeepviewError('wrong-view', `${option} is for the view of a ${own[0]}, not of a ${view}`, {
      hint: `Print that view: deepview-tui ${asked[own[0]]} ${option}`,
      exitCode: exitCodes.usage,
    });
  }
}
