import { DeepviewError, exitCodes } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { printable } from '../base/printable.ts';

/** From where on something is a finding: every number that a rule compares with, and nothing else. */
const table = {
  'records.least': [4, 'Records that a run must have before anything is said of how it went.'],
  'dead.note': [0.1, 'Share of a layer’s neurons that are silent for the whole probe: a note.'],
  'dead.warning': [0.5, 'The same share: a warning.'],
  'saturated.warning': [0.7, 'Mean share of images for which a hidden layer’s neurons are at an end of their range.'],
  'guessing.share': [0.95, 'Training loss of at least this share of that of guessing: nothing is learned.'],
  'plateau.fall': [0.01, 'Share of the training loss that its last half of records must fall by.'],
  'plateau.error': [0.1, 'Training error above which a plateau is worth a note.'],
  'rate-high.rise': [0.05, 'Rise of the training loss from a record to the next, as a share, that counts as one.'],
  'rate-high.least': [0.01, 'The same rise as a share of the first training loss: a loss near 0 trembles by nature.'],
  'rate-high.share': [0.25, 'Share of the records that rise so.'],
  'rate-low.left': [
    0.5,
    'Share of the first training loss that is left at the end of a run that still falls steadily.',
  ],
  'rate-low.ratio': [1e-4, 'Median update ratio of the layers below which the rate is too low.'],
  'overfit.note': [1.1, 'Last validation loss by its lowest, while the training loss fell on: a note.'],
  'overfit.warning': [1.5, 'The same: a warning, where the validation error rose as well.'],
  'overfit.error': [0.02, 'Rise of the validation error above its lowest.'],
  'overfit.records': [3, 'Records since the lowest validation loss.'],
  'vanishing.ratio': [1e-3, 'Smallest gradient norm of a layer, by the last learning layer’s.'],
  'exploding.norm': [
    100,
    'Gradient norm of a layer, by the last learning layer’s or the layer’s median over the records.',
  ],
  'update.low': [1e-4, 'Median update ratio of a layer, below: a note; a hundredth of it: a warning.'],
  'update.high': [1e-2, 'Median update ratio of a layer, above: a note; ten times it: a warning.'],
  'finished.drift': [0.005, 'Drift below which a layer has finished.'],
  'finished.share': [0.5, 'Share of the records, the last ones, for which it has, while a later layer has not.'],
  'degenerates.note': [0.5, 'Last discriminability of an inner layer by its highest: a note.'],
  'degenerates.warning': [0.2, 'The same: a warning.'],
  'redundant.share': [0.03, 'Dimension of a layer by its neurons.'],
  'classes.ratio': [5, 'Probe images of the most frequent class by those of the rarest.'],
  'classes.images': [3, 'Probe images a class, on average, from which a class without any is a warning: no chance.'],
} as const satisfies Record<string, readonly [value: number, about: string]>;

export type ThresholdName = keyof typeof table;
export type Thresholds = Readonly<Record<ThresholdName, number>>;

export const thresholdTable = Object.entries(table).map(([name, [value, about]]) => ({ name, value, about }));

export const defaultThresholds = Object.fromEntries(
  thresholdTable.map(({ name, value }) => [name, value]),
) as Thresholds;

/**
 * The thresholds with some of them set: `dead.warning=0.3`.
 * @throws DeepviewError `bad-threshold` (exit code 2) naming it
 */
export function thresholdsWith(settings: readonly string[]): Thresholds {
  const set: Record<string, number> = { ...defaultThresholds };
  for (const setting of settings) {
    const [name, ...rest] = setting.split('=');
    const text = rest.join('=');
    if (!Object.hasOwn(table, name)) {
      const near = nearest(name, Object.keys(table));
      throw refusal(
        `there is no threshold "${printable(name, 60)}"`,
        near ? `Did you mean ${near}?` : 'docs/findings.md lists them.',
      );
    }
    if (text.trim() === '' || !Number.isFinite(Number(text)) || Number(text) < 0) {
      throw refusal(
        `${name} is "${printable(text, 60)}"`,
        `It must be a number, as in ${name}=${defaultThresholds[name as ThresholdName]}.`,
      );
    }
    set[name] = Number(text);
  }
  return set as Thresholds;
}

const refusal = (message: string, hint: string): DeepviewError =>
  new DeepviewError('bad-threshold', message, { hint, exitCode: exitCodes.usage });
