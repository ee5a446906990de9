import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/engine/training/messages.ts';
import { stateOf, textOf } from './frame-files.ts';
import { fakeEpoch, fakeEvents, fakeHeader } from './fake-run.ts';

/** A run whose numbers take more room than their columns have. */
function wideRun(loss: number, value: number, number: number): RunEvent[] {
  const header = fakeHeader({ epochs: number });
  const epoch = (at: number, factor: number): RunEvent => {
    const record = fakeEpoch(header, 1);
    const scalars = { ...record.scalars, 'loss/train': loss, 'loss/validation': loss, 'error/validation': 0.125 };
    const layers = { discriminability: header.network.layers.map(() => value * factor) };
    return { type: 'epoch', record: { ...record, number: at, epoch: at, scalars, layers } };
  };
  return [...fakeEvents({ epochs: 0, planned: number }), epoch(number - 1, 0), epoch(number, 1)];
}

const numbersIn = (text: string): string[] => text.match(/[+-]?\d[\d.]*(e-?\d+)?/g) ?? [];

test('numbers that are wider than their columns are rounded, not cut, and do not touch', () => {
  for (const columns of [80, 120]) {
    const text = textOf(
      stateOf([{ source: 'run', events: wideRun(8.1e29, 309_361_296, 1_234_567) }], { columns, rows: 30 }, 'none'),
    );
    const row = text.split('\n').find((line) => line.includes('1 conv5-32')) ?? '';
    expect(row).toMatch(/\+3\.09e8 *$/);
    expect(row).toContain('3.094e8');
    const losses = text.split('\n').find((line) => / loss .*8e29/.test(line)) ?? '';
    expect(numbersIn(losses).slice(-2)).toEqual(['8e29', '8e29']);
    expect(text).toMatch(/ @1234567 +12\.5/);
  }
});
