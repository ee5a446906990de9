import { describe, expect, test } from 'vitest';
import {
  computable,
  describeMetric,
  describeScalar,
  figure,
  hasClasses,
  layerMetrics,
  layersOf,
  measureLayer,
  metricsOf,
  neuronMetrics,
  ofLayer,
  scalarGroups,
  wholeMetrics,
} from '../../../src/engine/metrics/index.ts';

const catalogue = layerMetrics.map(({ id }) => id);
/** What is measured while training, and only read here. */
const recorded = ['weight_norm', 'gradient_norm', 'update_ratio'];
/** Two neurons' samples for three images. */
const samples = { values: Float64Array.of(0, 1, 2, 0, 0.5, 3), images: 3, neurons: 2 };

describe('what is known of a metric', () => {
  test('is the catalogue’s word first, then the run’s, then its id', () => {
    const header = {
      metrics: { density: { label: 'mine' }, l2_norm: { label: 'norm', unit: 'm', better: 'lower' as const } },
    };
    expect(describeMetric('density', header)).toBe(layerMetrics.find(({ id }) => id === 'density'));
    expect(describeMetric('nonfinite').symbol).toBe('NF');
    expect(describeMetric('l2_norm', header)).toEqual({
      id: 'l2_norm',
      symbol: 'LN',
      label: 'norm',
      unit: 'm',
      better: 'lower',
    });
    for (const given of [undefined, {}, { metrics: undefined }, { metrics: {} }, { metrics: { other: {} } }]) {
      expect(describeMetric('l2_norm', given)).toEqual({ id: 'l2_norm', symbol: 'LN', label: 'l2 norm', unit: '' });
    }
    // What every object has is not the run's.
    expect(describeMetric('constructor', header)).toMatchObject({ symbol: 'cons', label: 'constructor' });
  });

  test.each([
    ['rank', 'rank'],
    ['sharpness', 'shar'],
    ['stable rank', 'SR'],
    ['a/b--c.d_e', 'ABCD'],
    ['_leading', 'lead'],
    ['été 2', 'É2'],
  ])('of the id %s has the symbol %s', (id, symbol) => expect(describeMetric(id).symbol).toBe(symbol));

  test('says where shares lie', () => {
    expect(layerMetrics.flatMap(({ id, range }) => (range ? [[id, ...range]] : []))).toEqual([
      ['density', 0, 1],
      ['active', 0, 1],
      ['dead', 0, 1],
      ['saturated', 0, 1],
      ['separability', 0, 1],
      ['drift', 0, 1],
    ]);
  });
});

test('records have the catalogue’s metrics first, then others as they first occur', () => {
  const layers = { sharp: [1], density: [1] };
  expect(metricsOf([{ layers }, { layers: { rank: [1], sharp: [2], discriminability: [3] } }])).toEqual([
    'discriminability',
    'density',
    'sharp',
    'rank',
  ]);
  expect(metricsOf([])).toEqual([]);
});

describe('what can be computed', () => {
  test('needs two classes where classes are compared, and what else a metric wants', () => {
    const has = ['range', 'before'] as const;
    expect(computable({ hasClasses: true, has })).toEqual(catalogue.filter((id) => !recorded.includes(id)));
    expect(computable({ hasClasses: false, has })).toEqual([
      ...['density', 'active', 'dead', 'saturated'],
      ...['dimension', 'drift'],
    ]);
    expect(computable({ hasClasses: true })).not.toContain('saturated');
    expect(computable({ hasClasses: true, has: ['range'] })).not.toContain('drift');
    expect(computable({ hasClasses: true, of: 'layers' })).toEqual(['separability', 'dimension']);
    expect([undefined, [], [3, 3], [3, 4]].map((labels) => hasClasses(labels))).toEqual([false, false, false, true]);
  });

  test('of a layer is all of it, or what is wanted', () => {
    const ofNeurons = (hasClasses: boolean): string[] => computable({ hasClasses, of: 'neurons' });
    expect(Object.keys(measureLayer(samples, [0, 1, 1]))).toEqual(ofNeurons(true));
    expect(Object.keys(measureLayer(samples, [1, 1, 1]))).toEqual(ofNeurons(false));
    expect(Object.keys(measureLayer(samples, undefined))).toEqual(ofNeurons(false));
    expect(Object.keys(measureLayer(samples, [0, 1, 1], ['density', 'none']))).toEqual(['density']);
    expect(Object.keys(neuronMetrics(samples, [0, 1, 1], undefined, ['dead']))).toEqual(['dead']);
    const whole = { ...samples, range: [0, 1] as const, before: samples.values };
    expect(Object.keys(measureLayer(whole, undefined, ['saturated', 'drift']))).toEqual(['saturated']);
    expect(Object.keys(wholeMetrics(whole, [0, 1, 1]))).toEqual(['separability', 'dimension', 'drift']);
    expect(Object.keys(wholeMetrics(samples, [1, 1, 1]))).toEqual(['dimension']);
    expect(Object.keys(wholeMetrics(whole, undefined, ['drift']))).toEqual(['drift']);
    expect(wholeMetrics({ ...samples, values: samples.values.map(() => NaN) }, undefined)).toEqual({});
  });

  test('of samples that are not finite is how many those are, and nothing else', () => {
    const values = Float64Array.of(NaN, 1, 2, Infinity, 0.5, -Infinity);
    const found = measureLayer({ ...samples, values }, [0, 1, 1]);
    expect(found).toEqual({ nonfinite: Float64Array.of(1, 2) });
    expect(ofLayer('nonfinite', found['nonfinite'])).toBe(3);
    // Also where the last one alone is none.
    expect(
      Object.keys(measureLayer({ ...samples, values: values.map((value) => value || 0).fill(1, 0, 5) }, undefined)),
    ).toEqual(['nonfinite']);
  });

  test('of layers is a series a metric, empty where a layer has none', () => {
    const [one, other] = [neuronMetrics(samples, [0, 1, 1]), { rank: Float64Array.of(1, 4) }];
    const { density, dead, rank } = layersOf([one, other]);
    expect([density[0], density[1]]).toEqual([(one['density'][0] + one['density'][1]) / 2, null]);
    expect([dead[1], rank]).toEqual([null, [null, 2.5]]);
    expect(ofLayer('rank', new Float64Array())).toBe(0);
    const both = layersOf([one, {}], [{ drift: 0.5 }, { dimension: 2, density: 7 }]);
    expect([both['drift'], both['dimension'], both['density'][1]]).toEqual([[0.5, null], [null, 2], 7]);
  });
});

describe('what is known of a scalar', () => {
  test('is of its group, of which the splits are lines', () => {
    const [loss] = scalarGroups;
    expect(describeScalar('loss/validation')).toEqual({ ...loss, tag: 'loss/validation', split: 'validation' });
    expect(describeScalar('loss/train/first')).toMatchObject({ group: 'loss', split: 'train/first', better: 'lower' });
    expect(describeScalar('learning_rate')).toMatchObject({ group: 'learning_rate', label: 'rate', split: '' });
    for (const group of ['error', 'error_top5', 'accuracy'])
      expect(describeScalar(group)).toMatchObject({ range: [0, 1], unit: 'share' });
  });

  test('else what the run says of the tag, of its group, or nothing', () => {
    const metrics = { bleu: { label: 'BLEU', unit: 'points' }, 'bleu/test': { better: 'higher' as const } };
    expect(describeScalar('bleu/train', { metrics })).toEqual({
      ...{ group: 'bleu', split: 'train', tag: 'bleu/train' },
      ...{ label: 'BLEU', unit: 'points' },
    });
    expect(describeScalar('bleu/test', { metrics })).toEqual({
      ...{ group: 'bleu', split: 'test', tag: 'bleu/test' },
      ...{ label: 'bleu', unit: '', better: 'higher' },
    });
    for (const header of [undefined, {}, { metrics: {} }, { metrics }]) {
      expect(describeScalar('my_own/x', header)).toEqual({
        ...{ group: 'my_own', split: 'x', tag: 'my_own/x' },
        label: 'my own',
        unit: '',
      });
      expect(describeScalar('constructor/x', header)).toMatchObject({ label: 'constructor' });
    }
    expect(describeScalar('/x')).toMatchObject({ group: '/x', split: '' });
  });
});

test.each([
  [0, '0.000'],
  [1.5, '1.500'],
  [-0.001, '-0.001'],
  [0.00099, '9.9e-4'],
  [-1e-9, '-1.0e-9'],
  [9_999_999, '9999999.000'],
  [1e7, '1.0e+7'],
])('the figure of %d is %s', (value, text) => expect(figure(value)).toBe(text));

test('a figure has as many digits as are asked for', () => {
  expect([figure(0.005, 2), figure(0.05, 2), figure(1.25, 1)]).toEqual(['5e-3', '0.05', '1.3']);
});
