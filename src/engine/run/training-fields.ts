import { augmentationBounds as bounds } from '../base/augmentation.ts';
import type { Augmentation, OptimiserSpecification, TrainingSpecification } from '../network/specification.ts';
import type { Field } from './check.ts';
import type { RunHeader } from './format.ts';

type TrainingFields = Pick<
  RunHeader['training'],
  'optimiser' | 'augmentation' | 'loss' | 'clipGradient' | 'earlyStopping'
>;

const losses: readonly TrainingSpecification['loss'][] = ['cross-entropy', 'squared-error'];

/**
 * How a run was trained, of run.json's `training`, where a recorder said so. Runs of before optimisers were a choice
 * have `momentum` and `mirror` instead.
 */
export function parseTraining(training: Field): TrainingFields {
  if (!training.present) return { augmentation: {}, loss: 'cross-entropy' };
  const optimiser = optimiserOf(training);
  const clipGradient = training.get('clipGradient');
  const earlyStopping = training.get('earlyStopping');
  return {
    ...(optimiser && { optimiser }),
    augmentation: augmentationOf(training),
    loss: training.get('loss').or('cross-entropy', (field) => field.oneOf(losses)),
    ...(clipGradient.present && { clipGradient: clipGradient.number(Number.MIN_VALUE) }),
    ...(earlyStopping.present && {
      earlyStopping: {
        patience: earlyStopping.get('patience').whole(1),
        minimumChange: earlyStopping.get('minimumChange').number(0),
      },
    }),
  };
}

function optimiserOf(training: Field): OptimiserSpecification | undefined {
  const optimiser = training.get('optimiser');
  if (!optimiser.present) {
    const momentum = training.get('momentum');
    return momentum.present ? { kind: 'sgd', momentum: momentum.number(0) } : undefined;
  }
  const kind = optimiser.get('kind').oneOf(['sgd', 'adam', 'adamw']);
  if (kind === 'sgd') {
    const nesterov = optimiser.get('nesterov').or(false, (field) => field.flag());
    return { kind, momentum: optimiser.get('momentum').number(0, 1), ...(nesterov && { nesterov }) };
  }
  return {
    kind,
    beta1: optimiser.get('beta1').number(0, 1),
    beta2: optimiser.get('beta2').number(0, 1),
    epsilon: optimiser.get('epsilon').number(0),
  };
}

function augmentationOf(training: Field): Augmentation {
  const augmentation = training.get('augmentation');
  if (!augmentation.present) {
    return training.get('mirror').or(false, (field) => field.flag()) ? { mirror: 'batch' } : {};
  }
  const [mirror, shift, crop, colour] = ['mirror', 'shift', 'crop', 'colour'].map((name) => augmentation.get(name));
  return {
    ...(mirror.present && { mirror: mirror.oneOf(['batch', 'image']) }),
    ...(shift.present && { shift: shift.whole(bounds.shift.minimum, bounds.shift.maximum) }),
    ...(crop.present && { crop: crop.number(bounds.crop.minimum, bounds.crop.maximum) }),
    ...(colour.present && { colour: colour.number(bounds.colour.minimum, bounds.colour.maximum) }),
  };
}
