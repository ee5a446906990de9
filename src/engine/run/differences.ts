import { augmentationText } from '../base/augmentation.ts';
import { toldName, toldSeed, type RunHeader } from './format.ts';

/** What a run was made with, by short names in the order of how much they tell; what it does not say is absent. */
export function madeWith(header: RunHeader): Record<string, string | undefined> {
  const { training, dataset, engine, weights } = header;
  const { learningRate, batch, optimiser, weightDecay, clipGradient, earlyStopping, augmentation, loss } = training;
  const [first, last] = [learningRate.at(0), learningRate.at(-1)];
  const text = (value: string | number | undefined): string | undefined => value?.toString();
  return {
    rate: first === last ? text(first) : `${first}..${last}`,
    batch: text(batch || undefined),
    seed: text(toldSeed(header)),
    optimiser:
      optimiser &&
      Object.values(optimiser)
        .filter((value) => value !== false)
        .join(' '),
    images: text(dataset.trainImages || undefined),
    size: dataset.imageShape.join('x'),
    preparation: dataset.preparation.join(' + '),
    augmentation: augmentationText(augmentation),
    decay: text(weightDecay),
    clip: text(clipGradient),
    patience: text(earlyStopping?.patience),
    loss,
    weights: weights?.file,
    engine: [toldName(engine), engine.device].filter(Boolean).join(' '),
    source: dataset.origin?.source,
  };
}

/** The names in which not all of some descriptions agree, in the order in which they occur. */
export function differing(made: readonly Readonly<Record<string, string | undefined>>[]): string[] {
  const names = new Set(made.flatMap((one) => Object.keys(one)));
  return [...names].filter((name) => new Set(made.map((one) => one[name])).size > 1);
}

/**
 * What tells runs of one network apart: of each run the settings in which not all runs of its network agree, by short
 * names (`rate`, `batch`, `seed`); what a list shows in columns of its own (data, epochs) is not among them. Of a run that
 * is being prepared there are none.
 */
export function differences(headers: readonly (RunHeader | undefined)[]): Record<string, string>[] {
  const made = headers.map((header) => (header ? madeWith(header) : {}));
  const names = new Map<string | undefined, string[]>();
  return made.map((one, at) => {
    const network = headers[at]?.network.name;
    const told = names.get(network) ?? differing(made.filter((_, other) => headers[other]?.network.name === network));
    names.set(network, told);
    return Object.fromEntries(told.flatMap((name) => (one[name] ? [[name, one[name]]] : [])));
  });
}

/** `rate 0.005, seed 2` */
export const differencesText = (differences: Readonly<Record<string, string>>): string =>
  Object.entries(differences)
    .map((words) => words.join(' '))
    .join(', ');
