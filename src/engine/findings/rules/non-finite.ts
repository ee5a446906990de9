import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import { layerName } from '../series.ts';

export const nonFinite: Rule = {
  id: 'non-finite',
  label: 'numbers that are none',
  means:
    'The weights went astray: a step was too large for them, or the images have values far from those that weights expect.',
  tries: 'Train with a tenth of the rate, with --clip-gradient 1, or with standardised images.',
  source: 'Goodfellow et al. (2016), section 11.5',
  find,
};

/** The first record with a loss, gradient or sample that is not finite; a scalar that is absent is none of them. */
function find({ header, records }: DiagnosedRun): Found | undefined {
  for (const { number, scalars, layers } of records) {
    const tag = Object.keys(scalars).find((one) => !Number.isFinite(scalars[one]));
    const layer = ['nonfinite', 'nonfinite_gradients', 'gradient_norm']
      .map((id) =>
        (layers[id] ?? []).findIndex(
          (value) => value !== null && (id === 'gradient_norm' ? !Number.isFinite(value) : value > 0),
        ),
      )
      .find((place) => place >= 0);
    if (tag === undefined && layer === undefined) continue;
    const where = layer === undefined ? '' : `, in ${layerName(header, layer + 1)}`;
    return {
      severity: 'error',
      text:
        tag === undefined
          ? `Values of a layer are not finite from ${header.clock} ${number} on${where}.`
          : `${tag} is ${scalars[tag]} at ${header.clock} ${number}${where}.`,
      ...(layer !== undefined && { layers: [layer + 1] }),
      records: [number, records[records.length - 1].number],
      numbers: tag === undefined ? {} : { [tag]: scalars[tag] },
    };
  }
  return undefined;
}
