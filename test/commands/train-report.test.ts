import { expect, it } from 'vitest';
import { epochLine, headerLines } from '../../src/commands/train-report.ts';
import { demoRun } from '../../src/engine/base/program-files.ts';
import { parseEpochLine } from '../../src/engine/run/epoch-line.ts';
import { readHeader } from '../../src/engine/run/records.ts';

const record = {
  ...{ number: 7, epoch: 7, seconds: 3, monitoringShare: 0.1 },
  ...{ layers: {}, at: '2026-01-01T00:00:00Z' },
};

it('keeps an epoch under its titles when the loss has run away', async () => {
  const header = await readHeader(demoRun());
  const titles = headerLines(header, 'run')[2];
  const errors = { 'error/train': 0.5, 'error/validation': 0.5, 'error_top5/validation': 0.5 };
  for (const loss of [0, 9999.9, 10_000, 2.19e19, 1.8e28, 3e38]) {
    const row = epochLine({ ...record, scalars: { ...errors, 'loss/train': loss, 'loss/validation': loss } }, header);
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
    return epochLine(read, withClasses(count)).trim().split(/ {2,}/)[5];
  };
  expect(top5(10)).toBe('25.00 %');
  expect(top5(6)).toBe('25.00 %');
  expect(top5(5)).toBe('-');
});
