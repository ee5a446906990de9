import { optimiserNames, type TrainingOverrides } from '../engine/training/overrides.ts';
import type { Given, OptionSpecification } from './specification.ts';

/** What may be said about how a network learns; each is a setting too, and goes before the network's own. */
export const optimisationOptions: readonly OptionSpecification[] = [
  {
    name: 'optimiser',
    value: 'NAME',
    choices: optimiserNames,
    description: 'How weights follow their gradients.',
    default: "the network's",
    setting: 'optimiser',
  },
  {
    name: 'learning-rate',
    value: 'X',
    description: "The highest rate; the network's schedule is scaled to it.",
    default: "the network's; 0.001 where adam takes the place of sgd, 0.05 the other way round",
    setting: 'learning-rate',
  },
  {
    name: 'momentum',
    value: 'X',
    description: 'Of sgd and nesterov.',
    default: "the network's, or 0.9",
    setting: 'momentum',
  },
  {
    name: 'weight-decay',
    value: 'X',
    description: 'Share of a weight in its gradient; of adamw, in its step.',
    default: "the network's",
    setting: 'weight-decay',
  },
  {
    name: 'clip-gradient',
    value: 'X|off',
    description: 'Shorten all gradients together to this L2 norm.',
    default: "the network's",
    setting: 'clip-gradient',
  },
  {
    name: 'early-stopping',
    value: 'N|off',
    description: 'End when the validation loss has not fallen for N epochs.',
    default: "the network's",
    setting: 'early-stopping',
  },
  {
    name: 'minimum-change',
    value: 'X',
    description: 'By how much it must fall to count for that.',
    default: "the network's, or 0",
    setting: 'minimum-change',
  },
];

/**
 * What was asked for in place of the network's training; undefined where nothing was.
 * @param resumes whether a run is gone on with: settings of files and variables are for new ones then
 */
export function overridesOf({ settings, origins }: Given, resumes: boolean): TrainingOverrides | undefined {
  const names = {
    optimiser: 'optimiser',
    learningRate: 'learning-rate',
    momentum: 'momentum',
    weightDecay: 'weight-decay',
    clipGradient: 'clip-gradient',
    earlyStopping: 'early-stopping',
    minimumChange: 'minimum-change',
  } as const satisfies Record<keyof TrainingOverrides, keyof typeof settings>;
  const given = Object.entries(names).filter(
    ([, name]) =>
      settings[name] !== undefined && (!resumes || origins.find((one) => one.name === name)?.from === `--${name}`),
  );
  if (given.length === 0) return undefined;
  return Object.fromEntries(given.map(([key, name]) => [key, settings[name]]));
}
