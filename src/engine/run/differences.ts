import { augmentationText } from '../base/augmentation.ts';
import { toldName, toldSeed, type RunHeader } from './format.ts';

/** What a run was made with, by short names in the order of how much they tell; what it does not say is absent. */
function madeWith(header: RunHeader): Record<string, string | undefined> {
  const { training, dataset, engine, weights } = header;
  const { learningRate, batch, optimiser, weightDecay, clipGradient, earlyStopping, augmentation, loss } = training;
  const [first, last] = [learningRate.at(0), learningRate.at(-1)];
  const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
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

/**
 * What tells runs of one network apart: of each run the settings in which not all runs of its network agree, by short
 * names (`rate`, `batch`, `seed`); what a list shows in columns of its own (data, epochs) is not among them. Of a run that
 * is being prepared there are none.
 */
export function differences(headers: readonly (RunHeader | undefined)[]): Record<string, string>[] {
  const seen = new Map<string, Set<string | undefined>>();
  const key = (header: RunHeader | undefined, name: string): string => JSON.stringify([header?.network.name, name]);
  const made = headers.map((header) => (header ? madeWith(header) : {}));
  made.forEach((one, at) => {
    for (const [name, value] of Object.entries(one)) {
      const place = key(headers[at], name);
      seen.set(place, (seen.get(place) ?? new Set()).add(value));
    }
  });
  return made.map((one, at) =>
    Object.fromEntries(
      Object.entries(one).filter(
        (entry): entry is [string, string] =>
          Boolean(entry[1]) && (seen.get(key(headers[at], entry[0]))?.size ?? 0) > 1,
      ),
    ),
  );
}

/** `rate 0.005, seed 2` */
export const differencesText = (differences: Readonly<Record<string, string>>): string =>
  Object.entries(differences)
    .map((words) => words.join(' '))
    .join(', ');
