import { describe, expect, it, test } from 'vitest';
import { formatTable, hasScreen, progressReporter, reporting } from '../../src/commands/common.ts';
import { helpWidth, isReaderGone } from '../../src/commands/output.ts';
import { resultOf, tableLines } from '../../src/commands/reproduce-table.ts';
import { epochMeant, placeNamed } from '../../src/commands/run-place.ts';
import { eventJson, headerLines, throttled } from '../../src/commands/train-report.ts';
import type { Progress } from '../../src/engine/base/progress.ts';
import { parseEpochLine } from '../../src/engine/run/epoch-line.ts';
import { summariseRun, type OpenRun } from '../../src/engine/run/index.ts';
import type { RunEvent } from '../../src/engine/training/messages.ts';
import { epochOf, headerOf, temporary, writeRun } from '../engine/run/sample-run.ts';
import { sceneIn } from './scene.ts';

/** A reporter whose clock is set by hand, and what it wrote. */
function reporter(terminal: boolean, columns = 80) {
  const written: string[] = [];
  let time = 0;
  const stderr = { isTTY: terminal, columns, write: (text: string) => Boolean(written.push(text)) };
  const { onProgress, onNotice, end } = progressReporter({ stderr }, () => time);
  const step = (at: number, progress: Partial<Progress>): void => {
    time = at;
    onProgress({ label: 'work', done: 0, unit: 'items', ...progress });
  };
  return { step, onNotice, end, written: () => written.splice(0) };
}

describe('progress', () => {
  it('is a line at the start of each step, every ten seconds, and at its end, where no one looks', () => {
    const { step, end, written } = reporter(false);
    step(0, { done: 1, total: 9 });
    step(9_999, { done: 2, total: 9 });
    step(10_000, { done: 3, total: 9 });
    step(10_001, { done: 9, total: 9 });
    step(10_002, { label: 'more' });
    end();
    expect(written()).toEqual(['work  11 %  1 of 9\n', 'work  33 %  3 of 9\n', 'work  100 %  9 of 9\n', 'more\n']);
  });

  it('is one line of a terminal, drawn anew ten times a second, that ends once', () => {
    const { step, onNotice, end, written } = reporter(true, 30);
    step(0, { done: 1 });
    step(99, { done: 2 });
    step(100, { done: 3 });
    expect(written()).toEqual(['\rwork  1\u001b[K', '\rwork  3\u001b[K']);
    step(101, { label: 'w'.repeat(50) });
    const [ended, cutLine] = written();
    // Never as wide as the terminal, which would go on in a line of its own.
    // eslint-disable-next-line no-control-regex
    expect([ended, /^\rw{28,29}\u001b\[K$/.test(cutLine)]).toEqual(['\n', true]);
    onNotice('look\u001b[2J');
    end();
    expect(written()).toEqual(['\n', 'look\ufffd[2J\n']);
    end();
    expect(written()).toEqual([]);
  });

  it('says how much, how fast and how long, each where it is known', () => {
    const said = (progress: Partial<Progress>): string => {
      const { step, written } = reporter(false);
      step(0, progress);
      return written().join('').trimEnd();
    };
    const bytes = { unit: 'bytes' as const, done: 62_000_000, total: 139_000_000 };
    expect(said({ ...bytes, rate: 31_200_000, secondsLeft: 3 })).toBe(
      'work  44 %  62.0 MB of 139 MB  31.2 MB/s  3 s left',
    );
    // Not more than there is: 99.9 % is not all.
    expect(said({ done: 999, total: 1000 })).toBe('work  99 %  999 of 1000');
    expect(said({ done: 12.6 })).toBe('work  13');
    expect(said({ done: 5, secondsLeft: 0 })).toBe('work  5  0 s left');
    expect(said({ unit: 'seconds', done: 12, expected: 40 })).toBe('work  12 s of about 40 s');
  });

  it('is silent under --json, where standard error is for one object', async () => {
    for (const json of [false, true]) {
      const { context, err } = sceneIn('/nowhere', json);
      const result = await reporting(context, ({ onProgress, onNotice }) => {
        onProgress({ label: 'work', done: 1, unit: 'items' });
        onNotice('note');
        return Promise.resolve(7);
      });
      expect([result, err()]).toEqual([7, json ? '' : 'work  1\nnote\n']);
    }
  });
});

test('numbers and what is asked for stand to the right of their columns, words to the left', () => {
  expect(
    formatTable(
      [
        ['a', 'b', 'c', ''],
        ['long', 5, '7 %', ''],
        ['x', 123, '12 %', 'end'],
      ],
      [2],
    ),
  ).toEqual(['a     b       c', 'long    5   7 %', 'x     123  12 %  end']);
  // Wide characters take two columns.
  expect(formatTable([['日本', 1], ['a', 2]])).toEqual(['日本  1', 'a     2']); // prettier-ignore
});

test('a screen needs a terminal on both sides that can move its cursor', () => {
  const { context } = sceneIn('/nowhere');
  const with_ = (stdin: boolean, stdout: boolean, json = false, TERM = 'xterm'): boolean =>
    hasScreen({
      ...context,
      ...{ json, env: { TERM }, stdin: { isTTY: stdin } as never, stdout: { isTTY: stdout } as never },
    });
  expect([with_(true, true), with_(false, true), with_(true, false), with_(true, true, true)]).toEqual([
    ...[true, false, false, false],
  ]);
  expect(with_(true, true, false, 'dumb')).toBe(false);
});

test('a reader that went away is no error; a disk that fails is one', () => {
  const failed = (code: string, isTTY?: boolean): boolean =>
    isReaderGone(Object.assign(new Error(code), { code }), isTTY === undefined ? {} : { isTTY });
  expect([failed('EPIPE'), failed('ERR_STREAM_DESTROYED'), failed('EIO', true)]).toEqual([true, true, true]);
  expect([failed('EIO'), failed('EIO', false), failed('ENOSPC', true)]).toEqual([false, false, false]);
});

test('help is as wide as its terminal, and never wider than one reads', () => {
  expect([helpWidth({ columns: 70 }, {}), helpWidth({ columns: 200 }, {}), helpWidth({}, {})]).toEqual([70, 110, 100]);
});

describe('a place in a run', () => {
  const { layers } = headerOf().network;
  const slashed = [...layers, { ...layers[0], index: 3, name: 'block/conv', units: 2 }];

  it('is a layer by number or name, and a neuron of it', () => {
    expect(placeNamed(layers, '2')).toEqual({ layer: layers[1] });
    expect(placeNamed(layers, 'conv1')).toEqual({ layer: layers[0] });
    expect(placeNamed(layers, 'relu1/0')).toEqual({ layer: layers[1], neuron: 0 });
    expect(placeNamed(layers, '1/2')).toEqual({ layer: layers[0], neuron: 2 });
    expect(placeNamed(slashed, 'block/conv')).toEqual({ layer: slashed[2] });
    expect(placeNamed(slashed, 'block/conv/1')).toEqual({ layer: slashed[2], neuron: 1 });
  });

  it('is refused with what there is', () => {
    for (const word of ['1/3', '1/-1', '1/', '1/x', '1/1.5']) {
      expect(() => placeNamed(layers, word), word).toThrow(
        expect.objectContaining({
          ...{ code: 'unknown-neuron', exitCode: 2, hint: 'Its neurons are numbered 0 to 2.' },
        }),
      );
    }
    for (const word of ['0', '3', 'conv', '01'])
      expect(() => placeNamed(layers, word), word).toThrow(
        expect.objectContaining({
          ...{ code: 'unknown-layer', exitCode: 2, hint: 'Layers are numbered 1 to 2, or named: conv1, relu1.' },
        }),
      );
    const seven = Array.from({ length: 7 }, (_, at) => ({ ...layers[0], index: at + 1, name: `l${at}` }));
    expect(() => placeNamed(seven, 'x')).toThrow(
      expect.objectContaining({ hint: 'Layers are numbered 1 to 7, or named: l0, l1, l2, l3, l4, l5 and 1 more.' }),
    );
  });

  it('has an epoch by its number, the newest, or nothing else', () => {
    const run = { records: [1, 2, 5].map((epoch) => epochOf(headerOf(), epoch).record) } as unknown as OpenRun;
    expect([epochMeant(run, 'last'), epochMeant(run, 'best'), epochMeant(run, '3'), epochMeant(run, '0012')]).toEqual([
      ...[5, 5, 3, 12],
    ]);
    for (const word of ['0', '-1', '1.5', '', 'first', '12345678']) {
      expect(() => epochMeant(run, word), word).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2 }));
    }
    expect(epochMeant({ ...run, records: [] }, 'last')).toBeUndefined();
  });
});

test('of batches and steps one a second is let through, of each kind; of all else everything', () => {
  let time = 0;
  const passes = throttled(() => time);
  const batch = (epoch: number, phase = 'training'): RunEvent =>
    ({ type: 'batch', epoch, phase, batch: 1, batches: 2, loss: 1, imagesPerSecond: 1, secondsLeft: 1 }) as RunEvent;
  const step = (label: string): RunEvent => ({ type: 'step', progress: { label, done: 1, unit: 'items' } });
  const at = (when: number, event: RunEvent): boolean => {
    time = when;
    return passes(event);
  };
  expect([at(0, batch(1)), at(999, batch(1)), at(1000, batch(1)), at(1001, batch(1))]).toEqual([
    ...[true, false, true, false],
  ]);
  expect([at(1002, batch(1, 'validation')), at(1003, batch(2)), at(1004, step('a')), at(1005, step('a'))]).toEqual([
    ...[true, true, true, false],
  ]);
  expect([
    at(1006, step('b')),
    at(1006, { type: 'notice', text: 'a' }),
    at(1006, { type: 'notice', text: 'a' }),
  ]).toEqual([true, true, true]);
});

test('an event as JSON has the record as its line says it, and a header is told in two lines', () => {
  const header = headerOf();
  const { record } = epochOf(header, 2);
  const { number: _, ...line } = record;
  expect(eventJson({ type: 'epoch', record })).toEqual({ type: 'epoch', record: line });
  expect(eventJson({ type: 'notice', text: 'a' })).toEqual({ type: 'notice', text: 'a' });
  expect(headerLines(header, '/runs/a\u001bb')).toEqual([
    'tiny on shapes: 60 training and 20 validation images, 3 epochs, batch 10, seed 7, wasm cpu',
    'run /runs/a\ufffdb',
  ]);
  const measured = { ...header, training: { ...header.training, epochs: 1, learningRate: [0] } };
  expect(headerLines(measured, '/a')[0]).toContain(', measured as it is, ');
});

describe('the table of the paper', () => {
  const place = { network: 'lenet', directory: '/runs/lenet', data: 'cifar10' };

  it('compares only what is the paper’s training, to its end', async () => {
    const directory = `${await temporary()}/run`;
    await writeRun(directory);
    const summary = await summariseRun(directory);
    const header = summary.header!;
    const papers = {
      ...summary,
      dataset: 'cifar10',
      header: {
        ...header,
        network: { ...header.network, name: 'lenet' },
        dataset: { ...header.dataset, name: 'cifar10', trainImages: 50_000 },
        training: { ...header.training, epochs: 45 },
      },
    };
    const result = resultOf(place, papers, undefined);
    expect(result).toMatchObject({
      ...{ network: 'lenet', paperAccuracy: 0.8024, epochs: { done: 3, planned: 3 }, state: 'finished', learns: true },
      meanLoss: { first: 2, last: 2 / 3 },
    });
    expect(result.accuracy).toBeCloseTo(0.8, 12);
    expect(result.bestAccuracy).toBeCloseTo(0.8, 12);
    expect(result.difference).toBeCloseTo(-0.0024, 12);
    expect(result.loss?.validation).toBeCloseTo(2.2 / 3, 12);
    expect(tableLines([result])[1]).toMatch(
      /^lenet +80\.24 % +80\.00 % +-0\.24 +3\/3 +0\.6667 +0\.7333 +2\.0000 +0\.6667 +falls +finished$/,
    );
    const other = (changes: object) => resultOf(place, { ...papers, ...changes }, undefined).difference;
    expect(other({ state: 'stopped' })).toBeNull();
    expect(other({ header: { ...papers.header, training: { ...papers.header.training, epochs: 44 } } })).toBeNull();
    expect(other({ header: { ...papers.header, dataset: { ...papers.header.dataset, trainImages: 100 } } })).toBeNull();
    expect(
      resultOf({ ...place, data: 'shapes' }, { ...papers, dataset: 'shapes' }, undefined).paperAccuracy,
    ).toBeNull();
    const rising = { ...papers, firstRecord: { ...papers.firstRecord!, lossWithin: { first: 0.1, last: 9 } } };
    expect(resultOf(place, rising, undefined)).toMatchObject({ learns: false, meanLoss: { first: 0.1 } });
  });

  it('has a line for what was not begun, and for what failed why', () => {
    const failure = { code: 'x', message: 'no\u001bimages' };
    const lines = tableLines([resultOf(place, undefined, undefined), resultOf(place, undefined, failure)]);
    expect(lines[1]).toMatch(/^lenet +80\.24 % +- +- +0\/- +- +- +- +- +not begun$/);
    expect(lines[2]).toMatch(/ failed: no\ufffdimages$/);
  });
});

test('a line of format 1 says what a record says, each in its place', () => {
  const header = { ...headerOf(), format: 1 as const };
  const six = { ...header, dataset: { ...header.dataset, classes: ['a', 'b', 'c', 'd', 'e', 'f'] } };
  const split = (train: number) => ({ train, validation: train + 0.5 });
  const line = {
    ...{ epoch: 3, at: '2026-01-01T12:03:00.000Z', seconds: 4, monitoringShare: 0.1 },
    ...{ loss: split(1), top1Error: split(0.2), top5Error: split(0.1), lossWithin: { first: 3, last: 2 } },
    ...{ discriminability: [1, 2], density: [0.1, 0.2] },
  };
  const scalars = {
    ...{ 'loss/train': 1, 'loss/validation': 1.5, 'error/train': 0.2, 'error/validation': 0.7 },
  };
  const parsed = (given: object, of: typeof header = header) =>
    parseEpochLine(JSON.stringify(given), 'epochs.jsonl', 1, of).record;
  expect(parsed(line)).toEqual({
    ...{ number: 3, epoch: 3, at: line.at, seconds: 4, monitoringShare: 0.1, lossWithin: { first: 3, last: 2 } },
    // The rate is the header's of that epoch.
    scalars: { ...scalars, learning_rate: 0.005 },
    layers: { discriminability: [1, 2], density: [0.1, 0.2] },
  });
  expect(parsed({ ...line, learningRate: 0.5 }, six).scalars).toEqual({
    ...scalars,
    ...{ learning_rate: 0.5, 'error_top5/train': 0.1, 'error_top5/validation': 0.6 },
  });
  const { seconds: _, monitoringShare: __, lossWithin: ___, density: ____, at: _____, ...bare } = line;
  expect(parsed(bare)).toEqual({
    ...{ number: 3, epoch: 3, at: header.createdAt, scalars: { ...scalars, learning_rate: 0.005 } },
    layers: { discriminability: [1, 2] },
  });
});
