import { DeepviewError, exitCodes } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { printable } from '../base/printable.ts';
import type { OptimiserSpecification, TrainingSpecification } from '../network/specification.ts';

/** What a person asked for in place of what the network says of its training. */
export interface TrainingOverrides {
  optimiser?: OptimiserName;
  /** The highest rate: the network's schedule is scaled to it. */
  learningRate?: number;
  /** Of `sgd` and `nesterov`. */
  momentum?: number;
  weightDecay?: number;
  /** Most that the L2 norm of all gradients together may be; 0: any. */
  clipGradient?: number;
  /** Epochs without a lower validation loss before training ends; 0: never. */
  earlyStopping?: number;
  /** By how much a loss must be lower to count for that. */
  minimumChange?: number;
}

export const optimiserNames = ['sgd', 'nesterov', 'adam', 'adamw'] as const;
export type OptimiserName = (typeof optimiserNames)[number];

/** What each number may be. */
export const numberLimits = {
  learningRate: { minimum: 1e-12, maximum: 1e6 },
  momentum: { minimum: 0, maximum: 0.99999 },
  weightDecay: { minimum: 0, maximum: 1e6 },
  clipGradient: { minimum: 1e-12, maximum: 1e12 },
  minimumChange: { minimum: 0, maximum: 1e12 },
} as const;

/** How each is called on the command line. */
const flags = {
  learningRate: '--learning-rate',
  momentum: '--momentum',
  weightDecay: '--weight-decay',
  clipGradient: '--clip-gradient',
  minimumChange: '--minimum-change',
} as const satisfies Record<keyof typeof numberLimits, string>;

/**
 * Refuses overrides out of range; the command line checks them too, but a request may come from elsewhere.
 * @throws DeepviewError `bad-option` (exit code 2)
 */
export function checkOverrides(asked: TrainingOverrides): void {
  const bad = (what: string, must: string): DeepviewError => refused(`${what}; it must be ${must}`, {});
  if (asked.optimiser !== undefined && !optimiserNames.includes(asked.optimiser)) {
    throw bad(`--optimiser is "${printable(String(asked.optimiser), 60)}"`, `one of ${optimiserNames.join(', ')}`);
  }
  for (const [name, { minimum, maximum }] of Object.entries(numberLimits)) {
    const value = asked[name as keyof typeof numberLimits];
    const off = name === 'clipGradient' && value === 0;
    if (value === undefined || off || (value >= minimum && value <= maximum)) continue;
    throw bad(`${flags[name as keyof typeof flags]} is ${value}`, `a number from ${minimum} to ${maximum}`);
  }
  const { earlyStopping: patience } = asked;
  if (patience !== undefined && !(Number.isInteger(patience) && patience >= 0 && patience <= limits.epochs)) {
    throw bad(`--early-stopping is ${patience}`, `a whole number from 1 to ${limits.epochs} or off`);
  }
}

/** What the settings of one kind of optimiser are where the network was made for the other kind. */
const usual = {
  momentum: 0.9,
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  /** Highest learning rates. */
  rates: { momentum: 0.05, adam: 0.001 },
} as const;

const isAdam = ({ kind }: Pick<OptimiserSpecification, 'kind'>): boolean => kind !== 'sgd';

/**
 * A network's training with what a person asked for. Another kind of optimiser (Adam instead of momentum, or the other
 * way round) brings a usual rate of its own, for the network's would be far off; the form of the schedule stays.
 * @throws DeepviewError `bad-option` (exit code 2) for options that do not go together
 */
export function overridden(training: TrainingSpecification, asked: TrainingOverrides = {}): TrainingSpecification {
  const optimiser = optimiserWith(training.optimiser, asked);
  const highest =
    asked.learningRate ??
    (isAdam(optimiser) === isAdam(training.optimiser)
      ? undefined
      : usual.rates[isAdam(optimiser) ? 'adam' : 'momentum']);
  const { clipGradient: networksClip, earlyStopping: networksStop, ...rest } = training;
  const clipGradient = asked.clipGradient ?? networksClip ?? 0;
  const patience = asked.earlyStopping ?? networksStop?.patience ?? 0;
  if (asked.minimumChange !== undefined && patience === 0) {
    throw refused('--minimum-change says when a loss counts as lower, and nothing ends this training early', {
      hint: 'Give --early-stopping N too.',
    });
  }
  const minimumChange = asked.minimumChange ?? networksStop?.minimumChange ?? 0;
  return {
    ...rest,
    optimiser,
    weightDecay: asked.weightDecay ?? training.weightDecay,
    learningRate: highest === undefined ? training.learningRate : scaled(training.learningRate, highest),
    ...(clipGradient > 0 && { clipGradient }),
    ...(patience > 0 && { earlyStopping: { patience, minimumChange } }),
  };
}

function optimiserWith(
  own: OptimiserSpecification,
  { optimiser, momentum }: TrainingOverrides,
): OptimiserSpecification {
  const kind = optimiser === undefined ? own.kind : optimiser === 'nesterov' ? 'sgd' : optimiser;
  if (kind !== 'sgd') {
    if (momentum !== undefined) {
      throw refused(`--momentum is of sgd and nesterov; ${kind} has none`, { hint: 'Leave out one of the two.' });
    }
    return own.kind === 'sgd' ? { kind, ...usual.adam } : { ...own, kind };
  }
  const nesterov = optimiser === undefined ? own.kind === 'sgd' && own.nesterov === true : optimiser === 'nesterov';
  const before = own.kind === 'sgd' ? own.momentum : usual.momentum;
  return { kind, momentum: momentum ?? before, ...(nesterov && { nesterov }) };
}

/** A schedule whose highest rate is another one; a schedule of zeros has no form to keep. */
function scaled(rates: readonly number[], highest: number): number[] {
  const before = Math.max(...rates);
  return rates.map((rate) => (before > 0 ? (rate / before) * highest : highest));
}

const refused = (message: string, { hint }: { hint?: string }): DeepviewError =>
  new DeepviewError('bad-option', `${message}.`, { hint, exitCode: exitCodes.usage });
