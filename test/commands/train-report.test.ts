import { expect, it } from 'vitest';
import { epochLine, headerLines } from '../../src/commands/train-report.ts';
import { demoRun } from '../../src/engine/program-files.ts';
import { readHeader } from '../../src/engine/run/records.ts';

it('keeps an epoch under its titles when the loss has run away', async () => {
  const header = await readHeader(demoRun());
  const titles = headerLines(header, 'run')[2];
  const half = { train: 0.5, validation: 0.5 };
  const record = {
    ...{ epoch: 7, learningRate: 0.1, top1Error: half, top5Error: half, seconds: 3, monitoringShare: 0.1 },
    ...{ discriminability: [], density: [], at: '2026-01-01T00:00:00Z' },
  };
  for (const loss of [0, 9999.9, 10_000, 2.19e19, 1.8e28, 3e38]) {
    const row = epochLine({ ...record, loss: { train: loss, validation: loss } }, header);
    expect(row).toHaveLength(titles.length);
    const shown = Number(row.trim().split(/ +/)[1]);
    expect(Math.abs(shown - loss)).toBeLessThanOrEqual(0.01 * loss);
  }
});
