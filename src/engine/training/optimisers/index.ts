import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Operations } from '../../backend/kernels/index.ts';
import type { TrainingSpecification } from '../../network/specification.ts';
import { following, type Optimiser, type Rule } from './optimiser.ts';
import { adamRule, momentumRule, nesterovRule } from './rules.ts';

export type { Optimiser, Update } from './optimiser.ts';

/** The optimiser that a network is trained with, with its weight decay and clipping. */
export function optimiserOf(
  tf: typeof TensorFlow,
  operations: Operations,
  training: Pick<TrainingSpecification, 'optimiser' | 'weightDecay' | 'clipGradient'>,
): Optimiser {
  return following(tf, ruleOf(tf, operations, training.optimiser), training);
}

function ruleOf(tf: typeof TensorFlow, operations: Operations, optimiser: TrainingSpecification['optimiser']): Rule {
  switch (optimiser.kind) {
    case 'sgd':
      return optimiser.nesterov ? nesterovRule(tf, optimiser.momentum) : momentumRule(operations, optimiser.momentum);
    case 'adam':
    case 'adamw':
      return adamRule(tf, { ...optimiser, decoupled: optimiser.kind === 'adamw' });
  }
}
