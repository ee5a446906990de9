import type { Form } from '../../base/schema/index.ts';
import { optimiserForm, rateOrZero, trainingSettings } from '../../base/training-settings.ts';
import type { Field } from './json-field.ts';
import type { OptimiserSpecification, TrainingSpecification } from '../specification.ts';

const epochs = 10;
const usualRate = 0.001;

/** Keras's own settings of Adam. */
const usual = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/**
 * How a Keras model is trained further: with the optimiser that it was compiled with, as far as the file says and this
 * program has it, else with Adam; ten epochs, images divided by 255.
 * @param outputs of the last layer: one is trained by squared error
 */
export function trainingOf(compiled: Field, outputs: number): TrainingSpecification {
  const { optimiser, rate, weightDecay } = optimiserOf(compiled);
  return {
    batch: 32,
    optimiser,
    weightDecay,
    learningRate: Array<number>(epochs).fill(rate),
    loss: outputs === 1 ? 'squared-error' : 'cross-entropy',
    preparation: 'scale',
    augmentation: {},
  };
}

function optimiserOf(compiled: Field): { optimiser: OptimiserSpecification; rate: number; weightDecay: number } {
  const given = compiled.present ? compiled.get('optimizer_config') : compiled;
  if (!given.present) return { optimiser: usual, rate: usualRate, weightDecay: 0 };
  const config = given.get('config');
  /** A number of the optimiser; a schedule, or what is not there, leaves the usual one. */
  const number = (name: string, fallback: number, form: Form<number>): number => {
    const field = config.present ? config.get(name) : config;
    return typeof field.value === 'number' ? field.as(form) : fallback;
  };
  const { sgd, adam } = optimiserForm.kinds;
  const rate = number('learning_rate', number('lr', usualRate, rateOrZero), rateOrZero);
  const betas = {
    beta1: number('beta_1', usual.beta1, adam.fields.beta1.is),
    beta2: number('beta_2', usual.beta2, adam.fields.beta2.is),
    epsilon: number('epsilon', usual.epsilon, adam.fields.epsilon.is),
  };
  switch (given.get('class_name').value) {
    case 'SGD': {
      const nesterov = config.get('nesterov').or(false, (field) => field.flag());
      const optimiser = {
        kind: 'sgd',
        momentum: number('momentum', 0, sgd.fields.momentum.is),
        ...(nesterov && { nesterov }),
      } as const;
      return { optimiser, rate, weightDecay: 0 };
    }
    case 'Adam':
      return { optimiser: { kind: 'adam', ...betas }, rate, weightDecay: 0 };
    case 'AdamW':
      return {
        optimiser: { kind: 'adamw', ...betas },
        rate,
        weightDecay: number('weight_decay', 0.004, trainingSettings.weightDecay.inRun.is),
      };
    default:
      return { optimiser: usual, rate: usualRate, weightDecay: 0 };
  }
}
