import { parseAugmentation } from '../base/augmentation.ts';
import { DeepviewError, exitCodes } from '../base/errors.ts';
import { check } from '../base/schema/index.ts';
import { optimiserForm, plainSettings, type TrainingSettings } from '../base/training-settings.ts';
import { usualOf } from '../network/file/index.ts';
import type { OptimiserSpecification, TrainingSpecification } from '../network/specification.ts';

/** Of sgd, where the network was made for Adam. */
const usualMomentum = 0.9;

const isAdam = ({ kind }: Pick<OptimiserSpecification, 'kind'>): boolean => kind !== 'sgd';

/**
 * A network's training with what a user asked for. Another kind of optimiser (Adam instead of momentum, or the other
 * way round) brings a usual rate of its own, for the network's would be far off; the form of the schedule stays.
 * @throws DeepviewError `bad-option` (exit code 2) for options that do not go together
 */
export function overridden(training: TrainingSpecification, asked: TrainingSettings = {}): TrainingSpecification {
  const optimiser = optimiserWith(training.optimiser, asked);
  const highest =
    asked.learningRate ?? (isAdam(optimiser) === isAdam(training.optimiser) ? undefined : usualOf[optimiser.kind].rate);
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
    return own.kind === 'sgd' ? check(optimiserForm, { kind }) : { ...own, kind };
  }
  const nesterov = optimiser === undefined ? own.kind === 'sgd' && own.nesterov === true : optimiser === 'nesterov';
  const before = own.kind === 'sgd' ? own.momentum : usualMomentum;
  return { kind, momentum: momentum ?? before, ...(nesterov && { nesterov }) };
}

/** A schedule whose highest rate is another one; a schedule of zeros has no form to keep. */
function scaled(rates: readonly number[], highest: number): number[] {
  const before = Math.max(...rates);
  return rates.map((rate) => (before > 0 ? (rate / before) * highest : highest));
}

const refused = (message: string, { hint }: { hint?: string }): DeepviewError =>
  new DeepviewError('bad-option', `${message}.`, { hint, exitCode: exitCodes.usage });
