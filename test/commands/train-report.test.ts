import { expect, it } from 'vitest';
import { recordTable } from '../../src/commands/train-report.ts';
import { demoRun } from '../../src/engine/base/program-files.ts';
import { parseEpochLine } from '../../src/engine/run/epoch-line.ts';
import { readHeader } from '../../src/engine/run/records.ts';

const record = {
  ...{ number: 7, epoch: 7, seconds: 3, monitoringShare: 0.1 },
  ...{ layers: {}, at: '2026-01-01T00:00:00Z' },
};

it('keeps an epoch under its titles when the loss has run away', async () => {
  const header = await readHeader(demoRun());
  const errors = { 'error/train': 0.5, 'error/validation': 0.5, 'error_top5/validation': 0.5 };
  for (const loss of [0, 9999.9, 10_000, 2.19e19, 1.8e28, 3e38]) {
    const scalars = { ...errors, 'loss/train': loss, 'loss/validation': loss };
    const [titles, row] = recordTable(header)({ ...record, scalars });
    expect(row).toHaveLength(titles.length);
    const shown = Number(row.trim().split(/ +/)[1]);
    expect(Math.abs(shown - loss)).toBeLessThanOrEqual(0.01 * loss);
  }
});

it('leaves a top-5 error out where five classes or fewer make it say nothing', async () => {
  const header = await readHeader(demoRun());
  const half = { train: 0.5, validation: 0.25 };
  const line = JSON.stringify({ epoch: 1, loss: half, top1Error: half, top5Error: half });
  const withClasses = (count: number): typeof header => ({
    ...header,
    dataset: { ...header.dataset, classes: header.dataset.classes.slice(0, count) },
  });
  const top5 = (count: number): string | undefined => {
    const { record: read } = parseEpochLine(line, 'epochs.jsonl', 1, { ...withClasses(count), format: 1 });
    const [titles, row] = recordTable(withClasses(count))(read).map((one) => one.trim().split(/ {2,}/));
    return titles.includes('val top-5 err') ? row[titles.indexOf('val top-5 err')] : undefined;
  };
  expect(top5(10)).toBe('25.00 %');
  expect(top5(6)).toBe('25.00 %');
  expect(top5(5)).toBeUndefined();
});

it('has a column for each scalar that a run has, and none for those it lacks', async () => {
  const header = await readHeader(demoRun());
  const table = recordTable(header);
  const first = { 'tokens/s': 120, 'loss/validation': Number.NaN, learning_rate: 0.1, 'loss/train': 1 };
  expect(table({ ...record, scalars: first }).map((one) => one.trim().split(/ {2,}/))).toEqual([
    ['epoch', 'val loss', 'train loss', 's tokens', 'seconds', 'images/s', 'monitoring'],
    ['7/45', 'NaN', '1.0000', '120.0000', '3.0', expect.any(String), '10.00 %'],
  ]);
  // One that has fewer is a line; one that has more has titles of its own.
  expect(table({ ...record, scalars: { 'loss/train': 1 } })).toHaveLength(1);
  expect(table({ ...record, scalars: { 'loss/train': 1, accuracy: 0.5 } })[0]).toContain('accuracy');
  const { epoch: _, ...step } = record;
  expect(recordTable(header)({ ...step, seconds: 0, scalars: {} })).toEqual(['     step', '        7']);
});
