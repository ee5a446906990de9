import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EarlyStopping } from '../../../src/engine/training/early-stopping.ts';
import { trainEpochs } from '../../../src/engine/training/trainer.ts';
import { OneWeight, trial } from './fakes.ts';

/** The epoch that a training ends with, looked up in the whole list of losses: the definition itself. */
function endOf(losses: readonly number[], patience: number, minimumChange: number): number {
  for (let epoch = 1; epoch <= losses.length; epoch++) {
    let best = { loss: Infinity, epoch: 0 };
    losses.slice(0, epoch).forEach((loss, at) => {
      if (loss < best.loss - minimumChange) best = { loss, epoch: at + 1 };
    });
    if (epoch - best.epoch >= patience) return epoch;
  }
  return losses.length;
}

/** The loop over epochs whose validation losses are these. */
function training(losses: readonly number[], settings: { patience: number; minimumChange: number }, done = 0) {
  let epoch = done;
  const network = new OneWeight();
  network.evaluate = () => Promise.resolve({ loss: losses[epoch++], top1Errors: 0, top5Errors: 0 });
  return trial({
    network,
    epochs: losses.length,
    epochsDone: done,
    learningRate: losses.map(() => 0.01),
    earlyStopping: new EarlyStopping(settings, losses.slice(0, done)),
  });
}

const settingsOf = fc.record({ patience: fc.integer({ min: 1, max: 4 }), minimumChange: fc.constantFrom(0, 0.5) });
const lossesOf = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 });

describe('early stopping', () => {
  it('ends with the epoch that makes it wait long enough, commits it, and says why', async () => {
    await fc.assert(
      fc.asyncProperty(lossesOf, settingsOf, async (losses, settings) => {
        const { parts, committed, events } = training(losses, settings);
        expect(await trainEpochs(parts)).toBe('finished');
        const end = endOf(losses, settings.patience, settings.minimumChange);
        expect(committed.map(({ epoch }) => epoch)).toEqual(Array.from({ length: end }, (_, at) => at + 1));
        const notices = events.flatMap((event) => (event.type === 'notice' ? event.text : []));
        expect(notices.length).toBe(end < losses.length ? 1 : 0);
        if (notices.length > 0) expect(notices[0]).toContain(`ended early after epoch ${end}:`);
      }),
      { numRuns: 60 },
    );
  });

  it('ends a resumed run where it would have ended', async () => {
    await fc.assert(
      fc.asyncProperty(lossesOf, settingsOf, fc.nat(), async (losses, settings, pick) => {
        const end = endOf(losses, settings.patience, settings.minimumChange);
        const done = pick % end;
        const { parts, committed } = training(losses, settings, done);
        await trainEpochs(parts);
        expect(committed.at(-1)?.epoch).toBe(end);
      }),
      { numRuns: 60 },
    );
  });

  it('knows an epoch before that it may end', () => {
    fc.assert(
      fc.property(lossesOf, settingsOf, (losses, settings) => {
        const stopping = new EarlyStopping(settings);
        for (const loss of losses) {
          const nearly = stopping.nearlyDue;
          if (!stopping.saw(loss)) continue;
          expect(nearly).toBe(true);
          break;
        }
      }),
    );
  });

  it('does not expect its end before it has waited', () => {
    const stopping = new EarlyStopping({ patience: 3, minimumChange: 0 });
    expect([1, 2, 2, 0.5, 1, 1].map((loss) => [stopping.saw(loss), stopping.nearlyDue])).toEqual([
      ...[
        [false, false],
        [false, false],
        [false, true],
      ],
      ...[
        [false, false],
        [false, false],
        [false, true],
      ],
    ]);
    const once = new EarlyStopping({ patience: 1, minimumChange: 0 }, [1, 2]);
    expect(once.reason).toBe(
      'ended early after epoch 2: the validation loss has not fallen for 1 epoch (least 1.0000 in epoch 1)',
    );
  });

  it('tells the least loss, where it was, and what counts as lower', () => {
    const stopping = new EarlyStopping({ patience: 2, minimumChange: 0.1 }, [1, 0.5, 0.45, 0.41]);
    expect(stopping.due).toBe(true);
    expect(stopping.reason).toBe(
      'ended early after epoch 4: the validation loss has not fallen by more than 0.1 for 2 epochs (least 0.5000 in epoch 2)',
    );
  });
});
