import { parseAugmentation } from '../base/augmentation.ts';
import { DeepviewError, exitCodes } from '../base/errors.ts';
import { plainSettings, type TrainingSettings } from '../base/training-settings.ts';
import type { OptimiserSpecification, TrainingSpecification } from '../network/specification.ts';

/** What the settings of one kind of optimiser are where the network was made for the other kind. */
const usual = {
  momentum: 0.9,
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  /** Highest learning rates. */
  rates: { momentum: 0.05, adam: 0.001 },
} as const;

const isAdam = ({ kind }: Pick<OptimiserSpecification, 'kind'>): boolean => kind !== 'sgd';

/**
 * A network's training with what a user asked for. Another kind of optimiser (Adam instead of momentum, or the other
 * way round) brings a usual rate of its own, for the network's would be far off; the form of the schedule stays.
 * @throws DeepviewError `bad-option` (exit code 2) for options that do not go together
 */
export function overridden(training: TrainingSpecification, asked: TrainingSettings = {}): TrainingSpecification {
  const optimiser = optimiserWith(training.optimiser, asked);
  const highest =
    asked.learningRate ??
    (isAdam(optimiser) === isAdam(training.optimiser)
      ? undefined
      : usual.rates[isAdam(optimiser) ? 'adam' : 'momentum']);
  const { earlyStopping: networksStop, ...rest } = withPlain(training, asked);
  const patience = asked.earlyStopping ?? networksStop?.patience ?? 'off';
  if (asked.minimumChange !== undefined && patience === 'off') {
    throw refused('--minimum-change says when a loss counts as lower, and nothing ends this training early', {
      hint: 'Give --early-stopping N too.',
    });
  }
  const minimumChange = asked.minimumChange ?? networksStop?.minimumChange ?? 0;
  return {
    ...rest,
    optimiser,
    learningRate: highest === undefined ? training.learningRate : scaled(training.learningRate, highest),
    augmentation: asked.augment === undefined ? training.augmentation : parseAugmentation(asked.augment),
    ...(patience !== 'off' && { earlyStopping: { patience, minimumChange } }),
  };
}

/** With the plain settings that were asked for, and without those that are to be off. */
function withPlain(training: TrainingSpecification, asked: TrainingSettings): TrainingSpecification {
  const changed = { ...training };
  for (const name of plainSettings) {
    if (asked[name] === 'off') Reflect.deleteProperty(changed, name);
    else if (asked[name] !== undefined) Object.assign(changed, { [name]: asked[name] });
  }
  return changed;
}

function optimiserWith(own: OptimiserSpecification, { optimiser, momentum }: TrainingSettings): OptimiserSpecification {
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
