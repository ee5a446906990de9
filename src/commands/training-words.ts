import { augmentationText } from '../engine/base/augmentation.ts';
import { counted } from '../engine/base/counted.ts';
import { plainSettings, toldOf } from '../engine/base/training-settings.ts';
import type { NetworkFile } from '../engine/network/file/index.ts';
import type { OptimiserSpecification, TrainingSpecification } from '../engine/network/specification.ts';

/** A learning rate as its author put it: one, one per epoch, or a schedule. */
type LearningRate = NetworkFile['training']['learningRate'];

/**
 * How a network is trained by default, as lines of text.
 * @param written its learning rate as a file has it; by default one an epoch, as the network has them
 */
export function trainingInWords(training: TrainingSpecification, written?: LearningRate): string[] {
  const { learningRate, batch, optimiser, weightDecay, earlyStopping, preparation, augmentation } = training;
  const changes = Object.keys(augmentation).length > 0 ? `, augmentation ${augmentationText(augmentation)}` : '';
  return [
    `${counted(learningRate.length, 'epoch')}, batch ${batch}, ${optimiserInWords(optimiser)}, weight decay ${weightDecay}`,
    `learning rate ${rateInWords(written ?? learningRate)}`,
    ...plainSettings.flatMap((name) => toldOf(name, training[name]) ?? []),
    ...(earlyStopping ? [stoppingInWords(earlyStopping)] : []),
    `preparation ${preparation}${changes}`,
  ];
}

/** `sgd with Nesterov momentum 0.9`, `adamw`, `adam with beta1 0.8`. */
function optimiserInWords(optimiser: OptimiserSpecification): string {
  if (optimiser.kind === 'sgd') {
    const { momentum, nesterov } = optimiser;
    return momentum === 0 ? 'sgd without momentum' : `sgd with ${nesterov ? 'Nesterov ' : ''}momentum ${momentum}`;
  }
  const { kind } = optimiser;
  const unusual = (Object.keys(usualAdam) as (keyof typeof usualAdam)[])
    .filter((name) => optimiser[name] !== usualAdam[name])
    .map((name) => `${name} ${optimiser[name]}`);
  return unusual.length === 0 ? kind : `${kind} with ${listed(unusual)}`;
}

/** What goes without saying. */
const usualAdam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

function rateInWords(written: LearningRate): string {
  if (typeof written === 'number') return rateText(written);
  if (isList(written)) return listInWords(written);
  const { rate, warmUp } = written;
  const start = warmUp > 0 ? `${rateText(rate)} after a warm-up of ${counted(warmUp, 'epoch')}` : rateText(rate);
  switch (written.kind) {
    case 'constant':
      return start;
    case 'steps': {
      const epochs = written.after.length === 1 ? 'epoch' : 'epochs';
      return `${start}, multiplied by ${written.factor} after ${epochs} ${listed(written.after.map(String))}`;
    }
    case 'cosine':
      return `${start}, falling to ${rateText(written.least)} along a cosine`;
  }
}

/** More stretches of one rate than these are not told one by one. */
const mostStretches = 6;

/** `0.05 for 30 epochs, 0.005 for 10, 0.0005 for 5`; rates that change often by the first, the largest and the last. */
function listInWords(rates: readonly number[]): string {
  const stretches: { rate: number; epochs: number }[] = [];
  for (const rate of rates) {
    const last = stretches.at(-1);
    if (last?.rate === rate) last.epochs++;
    else stretches.push({ rate, epochs: 1 });
  }
  if (stretches.length === 1) return rateText(rates[0]);
  if (stretches.length <= mostStretches) {
    return stretches
      .map(({ rate, epochs }, at) => `${rateText(rate)} for ${at === 0 ? counted(epochs, 'epoch') : epochs}`)
      .join(', ');
  }
  const [first, largest, last] = [rates[0], Math.max(...rates), rates[rates.length - 1]];
  const between = largest > first && largest > last ? `rising to ${rateText(largest)} and ending with ` : 'to ';
  return `${between === 'to ' ? 'from ' : ''}${rateText(first)} ${between}${rateText(last)}, one per epoch`;
}

const isList = (written: LearningRate): written is readonly number[] => Array.isArray(written);

const rateText = (rate: number): string => String(Number(rate.toPrecision(3)));

/** `82`, `82 and 123`, `30, 60 and 90`. */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

function stoppingInWords({ patience, minimumChange }: NonNullable<TrainingSpecification['earlyStopping']>): string {
  const by = minimumChange > 0 ? ` by ${minimumChange}` : '';
  return `ends once the validation loss has not fallen${by} for ${counted(patience, 'epoch')}`;
}
