import type { Value } from '../../base/schema/index.ts';
import type { scheduleForm } from '../../base/training-settings.ts';

/** How a learning rate changes from epoch to epoch; `warmUp` epochs come first, in which it rises evenly. */
export type Schedule = Value<typeof scheduleForm>;

/**
 * One rate per epoch. In a warm-up of w epochs, epoch e (from 1) has e / (w + 1) of the rate, so that the one after it is
 * the first with all of it.
 * @param epochs at least 1
 */
export function ratesOf(schedule: Schedule, epochs: number): number[] {
  const { rate, warmUp } = schedule;
  const exact = Array.from({ length: epochs }, (_, done) => {
    if (done < warmUp) return (rate * (done + 1)) / (warmUp + 1);
    switch (schedule.kind) {
      case 'constant':
        return rate;
      case 'steps':
        return rate * schedule.factor ** schedule.after.filter((epoch) => done >= epoch).length;
      case 'cosine': {
        const wave = (1 + Math.cos((Math.PI * (done - warmUp)) / (epochs - warmUp))) / 2;
        return schedule.least + (rate - schedule.least) * wave;
      }
    }
  });
  // 0.1 * 0.1 is to be 0.01, as a person reads it.
  return exact.map((each) => Number(each.toPrecision(12)));
}
