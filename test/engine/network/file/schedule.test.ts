import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ratesOf, type Schedule } from '../../../../src/engine/network/file/schedule.ts';

it.each<[string, Schedule, number[]]>([
  ['one rate', { kind: 'constant', rate: 0.5, warmUp: 0 }, [0.5, 0.5, 0.5, 0.5]],
  ['a warm-up', { kind: 'constant', rate: 0.4, warmUp: 3 }, [0.1, 0.2, 0.3, 0.4, 0.4]],
  ['nothing but a warm-up', { kind: 'cosine', rate: 0.4, least: 0, warmUp: 3 }, [0.1, 0.2]],
  ['steps', { kind: 'steps', rate: 0.1, after: [2, 3], factor: 0.1, warmUp: 0 }, [0.1, 0.1, 0.01, 0.001, 0.001]],
  // What torch.optim.lr_scheduler.CosineAnnealingLR(T_max=4, eta_min=0.2) gives from 1.
  ['a cosine', { kind: 'cosine', rate: 1, least: 0.2, warmUp: 0 }, [1, 0.882842712475, 0.6, 0.317157287525]],
  ['a cosine after a warm-up', { kind: 'cosine', rate: 1, least: 0, warmUp: 1 }, [0.5, 1, 0.5]],
])('%s', (_, schedule, rates) => {
  expect(ratesOf(schedule, rates.length)).toEqual(rates);
});

it('is one rate an epoch, never above the first whole one, and falls after the warm-up', () => {
  const schedules = fc.oneof(
    fc.record({
      kind: fc.constant('cosine' as const),
      rate: fc.constant(0.3),
      least: fc.constant(0.1),
      warmUp: fc.nat(9),
    }),
    fc.record({
      ...{ kind: fc.constant('steps' as const), rate: fc.constant(0.3), factor: fc.constant(0.5), warmUp: fc.nat(9) },
      after: fc.array(fc.integer({ min: 10, max: 40 }), { maxLength: 5 }),
    }),
  );
  fc.assert(
    fc.property(schedules, fc.integer({ min: 1, max: 50 }), (schedule, epochs) => {
      const rates = ratesOf(schedule, epochs);
      expect(rates).toHaveLength(epochs);
      rates.forEach((rate, at) => {
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(0.3);
        if (at === 0) return;
        if (at <= schedule.warmUp) expect(rate).toBeGreaterThan(rates[at - 1]);
        else expect(rate).toBeLessThanOrEqual(rates[at - 1]);
      });
    }),
  );
});
