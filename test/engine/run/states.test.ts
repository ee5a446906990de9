import { describe, expect, it, test } from 'vitest';
import { differences, differencesText } from '../../../src/engine/run/differences.ts';
import {
  classOfImages,
  epochsDone,
  isUnderWay,
  layerValue,
  runStates,
  saysNothing,
  scalar,
  tellsTop5,
  toldName,
  toldSeed,
} from '../../../src/engine/run/format.ts';
import {
  heartbeat,
  isActive,
  notHeardOf,
  stateOf,
  statusOf,
  type RunStatus,
  type Surroundings,
} from '../../../src/engine/run/status.ts';
import { epochOf, headerOf } from './sample-run.ts';

const now = Date.parse('2026-01-01T12:00:00.000Z');
const none = { done: 0, planned: 3 };

/** What is said of a trainer that was last heard of so many milliseconds ago. */
function heard(ago: number, more: Partial<RunStatus> = {}): RunStatus {
  return statusOf('running', more, new Date(now - ago));
}

/** A machine on which no process is known to be gone, or all are. */
const around = (isGone = false): Surroundings => ({
  now: () => now,
  elapsed: () => 0,
  isGone: () => isGone,
  patience: heartbeat.goneAfterMs,
});

describe('the state of a run', () => {
  it('is what its trainer says, for 20 seconds; then it is silent, for a day; then it crashed', () => {
    const state = (ago: number, more?: Partial<RunStatus>) => stateOf(heard(ago, more), none, around());
    expect([state(0), state(20_000), state(20_001)]).toEqual(['running', 'running', 'silent']);
    expect([state(86_400_000), state(86_400_001)]).toEqual(['silent', 'crashed']);
    expect(state(20_000, { state: 'paused' })).toBe('paused');
    expect(state(20_001, { state: 'preparing' })).toBe('silent');
    // Who holds the run's lock can be asked, however long it says nothing.
    const holder = { pid: 1, host: 'here', token: 'a' };
    expect(state(90_000_000, { holder })).toBe('silent');
    // A clock that runs behind is no silence.
    expect(state(-90_000_000)).toBe('running');
  });

  it('is crashed at once where its process is gone', () => {
    expect(stateOf(heard(0), none, around(true))).toBe('crashed');
    for (const state of ['finished', 'stopped', 'failed', 'diverged'] as const) {
      expect(stateOf(heard(90_000_000, { state }), none, around(true))).toBe(state);
    }
  });

  it('is told by its epochs where nothing else is said', () => {
    expect(stateOf(undefined, { done: 3, planned: 3 })).toBe('finished');
    expect(stateOf(undefined, { done: 2, planned: 3 })).toBe('stopped');
    expect(stateOf(undefined, { done: 0, planned: 0 })).toBe('finished');
  });

  it('decides whether somebody may be at work on it', () => {
    expect(isActive(undefined, around())).toBe(false);
    expect([heard(0), heard(20_001)].map((status) => isActive(status, around()))).toEqual([true, true]);
    expect(isActive(heard(86_400_001), around())).toBe(false);
    expect(isActive(heard(0), around(true))).toBe(false);
    expect(isActive(heard(0, { state: 'finished' }), around())).toBe(false);
    expect(runStates.filter(isUnderWay)).toEqual(['preparing', 'running', 'paused', 'silent']);
  });

  it('is said with how long nothing was heard', () => {
    expect(notHeardOf(heard(45_000), around())).toBe('not heard of for 45 s');
    expect(notHeardOf(heard(-45_000), around())).toBe('not heard of for 0 s');
  });
});

describe('what a record and a header say', () => {
  const header = headerOf();
  const { record } = epochOf(header, 2);

  it('is not a number where there is none, also under names that every object has', () => {
    expect(scalar(record, 'loss/train')).toBe(1);
    expect([scalar(record, 'nothing'), scalar(record, 'constructor'), scalar(record, 'toString')]).toEqual([
      ...[NaN, NaN, NaN],
    ]);
    const layers = { density: [0.25, null] };
    expect([1, 2, 3, 0].map((layer) => layerValue({ layers }, 'density', layer))).toEqual([0.25, NaN, NaN, NaN]);
    expect([layerValue({ layers }, 'dead', 1), layerValue({ layers }, 'constructor', 1)]).toEqual([NaN, NaN]);
  });

  it('counts whole epochs, and of no record or of a step none', () => {
    expect([epochsDone({ ...record, epoch: 2.9 }), epochsDone(record), epochsDone(undefined)]).toEqual([2, 2, 0]);
    const { epoch: _, ...step } = record;
    expect(epochsDone(step)).toBe(0);
  });

  it('tells a top-5 error from six classes on', () => {
    const classes = (count: number) => ({ dataset: { ...header.dataset, classes: Array<string>(count).fill('c') } });
    expect([5, 6].map((count) => tellsTop5(classes(count)))).toEqual([false, true]);
    const silent = (tag: string, count: number): boolean => saysNothing(tag, classes(count));
    expect([silent('error_top5/validation', 5), silent('error_top5', 5)]).toEqual([true, true]);
    expect([silent('error_top5/validation', 6), silent('error_top50/validation', 5)]).toEqual([false, false]);
    // Of classes that are not known nothing is known.
    expect([silent('error_top5/validation', 0), silent('error/validation', 5)]).toEqual([false, false]);
  });

  it('names what was told: no unknown data, and of another program no seed 0', () => {
    expect([toldName({ name: 'shapes' }), toldName({ name: 'unknown' })]).toEqual(['shapes', undefined]);
    const other = { name: 'recorder', version: '1' };
    expect([toldSeed({ ...header, seed: 0 }), toldSeed({ ...header, program: other, seed: 0 })]).toEqual([
      0,
      undefined,
    ]);
    expect(toldSeed({ ...header, program: other, seed: 3 })).toBe(3);
  });

  it('has a class for each probe image; without labels all are of one', () => {
    expect(classOfImages(header, 6)).toEqual([0, 0, 0, 1, 1, 1]);
    expect(classOfImages({ probe: { indices: [0, 1] } }, 4)).toEqual(new Uint16Array(4));
  });
});

test('runs of a network are told apart by the settings in which they do not agree, each by its own value', () => {
  const base = headerOf();
  const { training, dataset } = base;
  const alike = headerOf({ id: 'b', createdAt: '2026-02-01T12:00:00.000Z' });
  expect(differences([base, alike, undefined])).toEqual([{}, {}, {}]);
  const changed = headerOf({
    seed: 8,
    weights: { file: 'first.safetensors', checksum: 'x' } as never,
    engine: { name: 'tensorflow', version: '2.9.1', device: 'gpu' },
    dataset: {
      ...dataset,
      trainImages: 30,
      imageShape: [16, 16, 3],
      preparation: ['mean subtraction', 'whitening'],
    },
    training: {
      ...training,
      batch: 20,
      learningRate: [0.1, 0.1, 0.1],
      optimiser: { kind: 'sgd', momentum: 0.5, nesterov: true },
      weightDecay: 0.5,
      clipGradient: 2,
      earlyStopping: { patience: 4, minimumChange: 0 },
      augmentation: { shift: 2 },
      loss: 'squared-error',
    },
  });
  const [first, second] = differences([base, changed]);
  expect(first).toEqual({
    ...{ rate: '0.05..0.005', batch: '10', seed: '7', optimiser: 'sgd 0.9', images: '60', size: '8x8x3' },
    ...{ preparation: 'mean subtraction', augmentation: 'mirror=batch', decay: '0.0001', loss: 'cross-entropy' },
    engine: 'wasm cpu',
  });
  expect(second).toEqual({
    ...{ rate: '0.1', batch: '20', seed: '8', optimiser: 'sgd 0.5 true', images: '30', size: '16x16x3' },
    ...{ preparation: 'mean subtraction + whitening', augmentation: 'shift=2', decay: '0.5', clip: '2', patience: '4' },
    ...{ loss: 'squared-error', weights: 'first.safetensors', engine: 'tensorflow gpu' },
  });
  expect(differencesText({ rate: '0.1', seed: '8' })).toBe('rate 0.1, seed 8');
  // Another network's settings say nothing of this one's.
  const elsewhere = headerOf({ seed: 9, network: { ...base.network, name: 'alone' } });
  expect(differences([base, elsewhere])).toEqual([{}, {}]);
});
