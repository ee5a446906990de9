import { expect, it } from 'vitest';
import { ProgressMeter, type Progress } from '../../../src/engine/base/progress.ts';

function metered(total?: number): { meter: ProgressMeter; reports: Progress[]; clock: { time: number } } {
  const reports: Progress[] = [];
  const clock = { time: 0 };
  const meter = new ProgressMeter({
    label: 'doing',
    unit: 'bytes',
    total,
    onProgress: (each) => reports.push(each),
    now: () => clock.time,
  });
  return { meter, reports, clock };
}

it('reports at most ten times a second', () => {
  const { meter, reports, clock } = metered(1000);
  for (clock.time = 0; clock.time < 1000; clock.time++) meter.advance(1);
  expect(reports.length).toBeLessThanOrEqual(10);
  expect(reports.at(-1)!.done).toBeGreaterThan(900);
});

it('averages the rate over the last seconds', () => {
  const { meter, reports, clock } = metered(10_000);
  for (let second = 0; second < 20; second++) {
    clock.time += 1000;
    meter.advance(second < 10 ? 10 : 500);
  }
  expect(reports.at(-1)).toEqual({
    label: 'doing',
    unit: 'bytes',
    done: 5100,
    total: 10_000,
    rate: 500,
    secondsLeft: 9.8,
  });
});

it('does not count what was there before into the rate', () => {
  const { meter, reports, clock } = metered();
  clock.time = 500;
  meter.startAt(1_000_000, 2_000_000);
  clock.time = 1500;
  meter.advance(1000);
  expect(reports.at(-1)).toMatchObject({ done: 1_001_000, rate: 1000, secondsLeft: 999 });
});

it('says at the end that all is done, whatever was left out before', () => {
  const { meter, reports } = metered(3);
  meter.advance(1);
  meter.advance(1);
  meter.finish();
  expect(reports.at(-1)).toMatchObject({ done: 3, total: 3 });
});
