import { describe, expect, test } from 'vitest';
import { trainingOptions } from '../../../src/cli/training-options.ts';
import { areGrave, defaultThresholds, diagnose, rules, thresholdsWith } from '../../../src/engine/findings/index.ts';
import type { RunHeader, RunRecord } from '../../../src/engine/run/index.ts';
import { headerOf } from '../run/sample-run.ts';

const layerOf = (name: string, index: number, parameters: number) => ({
  ...headerOf().network.layers[0],
  ...{ name, label: name, index, parameters, units: 100 },
});
const header: RunHeader = {
  ...headerOf(),
  network: {
    name: 'n',
    parameters: 3,
    layers: [layerOf('conv1', 1, 1), layerOf('act1', 2, 0), layerOf('conv2', 3, 1)],
  },
  dataset: { ...headerOf().dataset, classes: Array.from({ length: 10 }, (_, at) => `class ${at}`) },
  probe: { indices: [], labels: Array.from({ length: 40 }, (_, at) => at % 10) },
};

/** A run that learns: its losses fall, its steps are of the usual size, its layers drift ever less. */
const healthy = (epochs = 8): RunRecord[] =>
  Array.from({ length: epochs }, (_, at) => ({
    number: at + 1,
    scalars: {
      'loss/train': 2 * 0.7 ** at,
      'loss/validation': 2 * 0.75 ** at,
      'error/train': 0.8 * 0.7 ** at,
      'error/validation': 0.8 * 0.75 ** at,
    },
    layers: {
      discriminability: [1 + at, 1 + at, 1 + at],
      dead: [0, 0.05, 0],
      saturated: [null, 0.3, 0.99],
      dimension: [20, 15, 9],
      drift: [0.2, 0.2, 0.2].map((value) => (at === 0 ? null : value / at)),
      gradient_norm: [1, null, 2],
      update_ratio: [0.002, null, 0.001],
    },
  }));

/** The healthy run with some values another. @param change of a record, by its place */
const run = (
  change: (record: RunRecord, at: number) => Partial<Pick<RunRecord, 'scalars' | 'layers'>>,
  epochs = 8,
) => ({
  header,
  records: healthy(epochs).map((record, at) => {
    const { scalars = {}, layers = {} } = change(record, at);
    return { ...record, scalars: { ...record.scalars, ...scalars }, layers: { ...record.layers, ...layers } };
  }),
});
const only = (found: ReturnType<typeof diagnose>, rule: string) => {
  expect(found.map((finding) => finding.rule)).toEqual([rule]);
  return found[0];
};

test('a healthy run has no findings, nor has one of no records or of few', () => {
  expect(diagnose({ header, records: healthy() })).toEqual([]);
  for (const epochs of [0, 1, 2, 3]) expect(diagnose({ header, records: healthy(epochs) })).toEqual([]);
  expect(diagnose({ header, records: healthy(40) })).toEqual([]);
});

test('a run that has nothing but a number a record has nothing to be found of', () => {
  const records = Array.from({ length: 9 }, (_, at) => ({ number: at, scalars: {}, layers: {} }));
  const { labels: _, ...probe } = header.probe;
  expect(diagnose({ header: { ...header, probe }, records })).toEqual([]);
});

test('what is to be tried is there: an option that a rule names is one of train', () => {
  const named = rules.flatMap(({ tries }) => tries.match(/--[a-z-]+/g) ?? []);
  expect(named.length).toBeGreaterThan(1);
  const options = trainingOptions.map(({ name }) => `--${name}`);
  expect(named.filter((option) => !options.includes(option))).toEqual([]);
});

describe('each rule finds its fault, alone', () => {
  test('a loss that is none, at its first record and layer', () => {
    const found = only(
      diagnose(run((_, at) => (at > 4 ? { scalars: { 'loss/train': NaN }, layers: { nonfinite: [null, 3, 4] } } : {}))),
      'non-finite',
    );
    expect(found).toMatchObject({ severity: 'error', layers: [2], records: [6, 8] });
    expect(found.text).toBe('loss/train is NaN at epoch 6, in layer 2 (act1).');
  });

  test('dead neurons, by name where they are known, and the gravest layer first', () => {
    const dead = (share: number) => run(() => ({ layers: { dead: [0.2, share, 0] } }));
    const neurons = [{}, { dead: Float64Array.of(1, 0.5, 1) }, {}];
    const found = only(diagnose({ ...dead(0.6), neurons }), 'dead');
    expect(found).toMatchObject({ severity: 'warning', layers: [2, 1], neurons: [0, 2] });
    expect(found.text).toBe('60 % of the neurons of layer 2 (act1) and 1 other layer are silent for all images.');
    expect(diagnose(dead(0.3))[0].severity).toBe('note');
    expect(diagnose(dead(1))[0].severity).toBe('error');
  });

  test('saturated hidden layers; an output may be', () => {
    const found = only(diagnose(run(() => ({ layers: { saturated: [null, 0.9, 1] } }))), 'saturated');
    expect(found).toMatchObject({ severity: 'warning', layers: [2], numbers: { saturated: 0.9 } });
  });

  test('a loss of guessing, and one that stands still', () => {
    const guess = diagnose(run((_, at) => ({ scalars: { 'loss/train': 2.31 - at / 1000 } })));
    expect(only(guess, 'plateau').severity).toBe('warning');
    const still = diagnose(run(() => ({ scalars: { 'loss/train': 1.5, 'error/train': 0.5 } })));
    expect(only(still, 'plateau').severity).toBe('note');
    expect(diagnose(run((_, at) => ({ scalars: { 'loss/train': at < 2 ? 1 : 0.01 } })))).toEqual([]);
  });

  test('a rate that is too high, or too low', () => {
    const high = diagnose(run((_, at) => ({ scalars: { 'loss/train': 1 / (at + 1) + (at % 2) / 2 } })));
    expect(only(high, 'rate-too-high').numbers['rises']).toBe(3);
    const slow = (_: RunRecord, at: number) => ({
      scalars: { 'loss/train': 2 - at / 20 },
      layers: { update_ratio: [2e-5, null, 1e-5] },
    });
    expect(diagnose(run(slow)).map(({ rule, severity }) => [rule, severity])).toEqual([
      ['rate-too-low', 'warning'],
      ['update-ratio', 'note'],
    ]);
  });

  test('gradients that vanish, explode, or jump', () => {
    const norms = (...gradient_norm: (number | null)[]) => run(() => ({ layers: { gradient_norm } }));
    expect(only(diagnose(norms(1e-5, null, 1)), 'vanishing-gradients').layers).toEqual([1]);
    expect(only(diagnose(norms(500, null, 1)), 'exploding-gradients').layers).toEqual([1]);
    const jump = run((_, at) => ({ layers: { gradient_norm: [1, null, at === 5 ? 900 : 1] } }));
    expect(only(diagnose(jump), 'exploding-gradients')).toMatchObject({ layers: [3], records: [6, 6] });
  });

  test('steps of an unusual size, and layers that take none', () => {
    const ratios = (...update_ratio: (number | null)[]) => diagnose(run(() => ({ layers: { update_ratio } })));
    expect(only(ratios(0.02, null, 0.001), 'update-ratio').severity).toBe('note');
    expect(only(ratios(0.001, null, 0.5), 'update-ratio')).toMatchObject({ severity: 'warning', layers: [3] });
    expect(only(ratios(1e-7, null, 1e-3), 'update-ratio').severity).toBe('warning');
    expect(only(ratios(0, null, 0.001), 'unchanged')).toMatchObject({ severity: 'warning', layers: [1] });
    // A run that only measures changes nothing, and is meant to.
    expect(ratios(0, null, 0)).toEqual([]);
  });

  test('overfitting: a note where the loss alone turns, a warning where errors rise as well', () => {
    const turned = (by: number, error: number) =>
      diagnose(
        run((_, at) => ({
          scalars: { 'loss/validation': at < 4 ? 2 - at / 4 : 1.25 * by, 'error/validation': at < 4 ? 0.3 : error },
        })),
      );
    expect(only(turned(1.2, 0.3), 'overfitting')).toMatchObject({ severity: 'note', records: [4, 8] });
    expect(only(turned(2, 0.4), 'overfitting').severity).toBe('warning');
    expect(only(turned(2, 0.3), 'overfitting').severity).toBe('note');
    expect(turned(1.05, 0.3)).toEqual([]);
  });

  test('discriminability that is lost, in inner layers', () => {
    const lost = (share: number) =>
      diagnose(run((_, at) => ({ layers: { discriminability: [at < 5 ? 4 : 4 * share, 1, at < 5 ? 4 : 0.1] } })));
    expect(only(lost(0.4), 'degenerates')).toMatchObject({ severity: 'note', layers: [1], records: [1, 8] });
    expect(only(lost(0.1), 'degenerates').severity).toBe('warning');
  });

  test('neurons that say the same, and layers that finished first', () => {
    expect(only(diagnose(run(() => ({ layers: { dimension: [2, 15, 9] } }))), 'redundant')).toMatchObject({
      ...{ severity: 'note', layers: [1], numbers: { dimension: 2, neurons: 100 } },
    });
    const four = {
      ...header,
      network: { ...header.network, layers: [...header.network.layers, layerOf('out', 4, 1)] },
    };
    const drifts = run(() => ({ layers: { drift: [0.001, 0.1, 0.1, 0.1], saturated: [null, 0.3, 0.3, 0.99] } }));
    const found = only(diagnose({ ...drifts, header: four }), 'finished-first');
    expect(found).toMatchObject({ severity: 'note', layers: [1], records: [5, 8] });
  });

  test('classes that are missing or rare', () => {
    const with_ = (labels: number[]) =>
      diagnose({ header: { ...header, probe: { indices: [], labels } }, records: healthy() });
    const missing = header.probe.labels?.filter((label) => label !== 3) ?? [];
    expect(only(with_(missing), 'classes')).toMatchObject({ severity: 'warning', numbers: { least: 0, missing: 1 } });
    expect(only(with_(missing), 'classes').text).toBe('No image of the probe is of class 3.');
    const rare = [...missing, 3, ...Array.from({ length: 4 }, () => 0)];
    expect(only(with_(rare), 'classes').text).toBe('The probe has 1 images of class 3 and 8 of class 0.');
  });
});

test('the gravest comes first, and only what is no note is grave', () => {
  const found = diagnose(
    run((_, at) => ({
      scalars: { 'loss/train': at > 5 ? Infinity : 1 },
      layers: { dead: [0, 0.2, 0], dimension: [1, 1, 1] },
    })),
  );
  expect(found.map(({ severity }) => severity)).toEqual(['error', 'note', 'note']);
  expect(areGrave(found)).toBe(true);
  expect(areGrave(found.slice(1))).toBe(false);
});

test('thresholds are set by name, and what is none is refused with what was meant', () => {
  const dead = run(() => ({ layers: { dead: [0, 0.05, 0] } }));
  expect(diagnose(dead, thresholdsWith(['dead.note=0.05'])).map(({ rule }) => rule)).toEqual(['dead']);
  expect(thresholdsWith([])).toEqual(defaultThresholds);
  expect(() => thresholdsWith(['dead.notes=1'])).toThrow(/no threshold "dead.notes"/);
  for (const bad of ['dead.note', 'dead.note=', 'dead.note=x', 'dead.note=-1', 'dead.note=NaN']) {
    expect(() => thresholdsWith([bad]), bad).toThrow(/dead\.note is "/);
  }
});

test('each rule says what it means, what to try and where it comes from', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  for (const { id, means, tries, source } of rules) {
    for (const text of [means, tries]) expect(text, id).toMatch(/^[A-Z].*[^.]\.$/);
    expect(source, id).not.toBe('');
  }
});
