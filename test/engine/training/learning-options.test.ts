import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportRun } from '../../../src/commands/export.ts';
import { openSafetensors } from '../../../src/engine/arrays/index.ts';
import { eventsOf, openRun, featureEpochs, readCheckpoint, type RunHeader } from '../../../src/engine/run/index.ts';
import { epochsOf, numbersOf, smallRequest, trainingHome, watchTraining } from '../../support/training-home.ts';
import type { TrainingHome } from '../../support/training-home.ts';
import type { TrainingRequest } from '../../../src/engine/training/messages.ts';
import { sceneIn } from '../../commands/scene.ts';
import { trainedRun } from '../../support/shared.ts';

let home: TrainingHome;
beforeAll(async () => (home = await trainingHome()));
afterAll(() => home.remove());

const place = (name: string): string => join(home.directory, name);
const headerOf = async (run: string): Promise<RunHeader> =>
  JSON.parse(await readFile(join(run, 'run.json'), 'utf8')) as RunHeader;

async function trained(changes: Partial<TrainingRequest>) {
  const watched = watchTraining(home, smallRequest(changes));
  return { end: await watched.end, events: watched.events };
}

describe('adamw with clipping', () => {
  const training = { optimiser: 'adamw', clipGradient: 0.5, weightDecay: 0.01 } as const;

  it('gives the same numbers whether or not it is interrupted', async () => {
    const whole = await trained({ epochs: 3, ...training, run: place('whole') });
    expect(whole.end).toEqual({ state: 'finished' });
    expect((await headerOf(place('whole'))).training).toMatchObject({
      optimiser: { kind: 'adamw', beta1: 0.9 },
      clipGradient: 0.5,
      weightDecay: 0.01,
    });

    const first = watchTraining(home, smallRequest({ epochs: 3, ...training, run: place('parts') }));
    await first.seen((event) => event.type === 'batch');
    first.client.send({ type: 'stop', when: 'after-epoch' });
    expect(await first.end).toEqual({ state: 'stopped' });
    expect(epochsOf(first.events)).toHaveLength(1);
    const second = await trained({ resume: place('parts') });
    expect(second.end).toEqual({ state: 'finished' });
    expect(numbersOf(epochsOf(second.events))).toEqual(numbersOf(epochsOf(whole.events)));
    expect(await readCheckpoint(place('parts'), 3)).toEqual(await readCheckpoint(place('whole'), 3));
    // Nor are patches stored that it was begun without.
    expect((await headerOf(place('parts'))).training.features).toBe('off');
    expect(await featureEpochs(place('parts'))).toEqual([]);
  });
});

describe('early stopping', () => {
  it('finishes the run, says why, and is gone past only where somebody asks for it', async () => {
    const run = place('early');
    // Nothing is as much better as this asks for: the first epoch is the best.
    const training = { earlyStopping: 2, minimumChange: 1e6 };
    const { end, events } = await trained({ epochs: 6, ...training, run, features: 5 });
    expect(end).toEqual({ state: 'finished' });
    const why = expect.stringMatching(/^ended early after epoch 3: .* \(least .* in epoch 1\)$/) as string;
    expect(epochsOf(events).map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(events).toContainEqual({ type: 'notice', text: why });
    expect(events.at(-1)).toEqual({ type: 'state', state: 'finished', reason: why });

    const stored = eventsOf(await openRun(run));
    expect(stored).toContainEqual({ type: 'notice', text: why });
    expect(stored.at(-1)).toEqual({ type: 'state', state: 'finished', reason: why });
    // The last epoch has its strongest patches, though nobody knew that it would be the last.
    expect(JSON.parse(await readFile(join(run, 'features/000003/features.json'), 'utf8'))).toMatchObject({ epoch: 3 });

    const again = await trained({ resume: run });
    expect(again.end).toMatchObject({
      state: 'failed',
      error: { code: 'run-finished', message: expect.stringContaining('ended early after epoch 3') as string },
    });
    const past = await trained({ resume: run, epochs: 5 });
    expect(past.end).toEqual({ state: 'finished' });
    expect(past.events.at(-1)).toMatchObject({ reason: 'ended after epoch 5 of 6, as was asked' });
    expect(epochsOf(past.events).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
    for (const [epochs, code] of [
      [3, 'run-finished'],
      [5, 'run-finished'],
    ] as const) {
      expect((await trained({ resume: run, epochs })).end).toMatchObject({ state: 'failed', error: { code } });
    }
    expect((await trained({ resume: run, epochs: 6 })).end).toEqual({ state: 'finished' });

    // Past the end that was planned, with more patches from now on.
    const further = await trained({ resume: run, epochs: 8, features: 7 });
    expect(further.end).toEqual({ state: 'finished' });
    expect(epochsOf(further.events).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const planned = await headerOf(run);
    expect(planned.training).toMatchObject({ epochs: 8, features: 7, earlyStopping: { patience: 2 } });
    expect(planned.training.learningRate).toEqual(Array.from({ length: 8 }, () => planned.training.learningRate[5]));
    expect(await featureEpochs(run)).toEqual([1, 3, 5, 6, 7, 8]);
    expect(further.events).toContainEqual({ type: 'notice', text: expect.stringMatching(/planned for 6 epochs/) });
  });
});

describe('a run of before there was a choice of optimisers', () => {
  it('goes on as it would have then', async () => {
    const run = place('old');
    const first = watchTraining(home, smallRequest({ epochs: 3, run }));
    await first.seen((event) => event.type === 'batch');
    first.client.send({ type: 'stop', when: 'after-epoch' });
    expect(await first.end).toEqual({ state: 'stopped' });
    const header = await headerOf(run);
    const { epochs, batch, learningRate, weightDecay, loss } = header.training;
    const then = { epochs, batch, learningRate, momentum: 0.9, weightDecay, mirror: true, loss };
    await writeFile(join(run, 'run.json'), JSON.stringify({ ...header, training: then }));
    expect((await trained({ resume: run })).end).toEqual({ state: 'finished' });
    expect(await readCheckpoint(run, 3)).toEqual(await readCheckpoint(await trainedRun(), 3));
  });
});

describe('weights', () => {
  const exportTo = async (run: string, output: string, epoch?: string): Promise<string> => {
    const { context, out } = sceneIn(home.directory);
    await exportRun({ run, format: 'weights', output, epoch }, context);
    return out();
  };

  it('leave a run, and another begins with them', async () => {
    const run = await trainedRun();
    const file = place('shallow.safetensors');
    expect(await exportTo(run, file, 'last')).toMatch(/: 8 tensors, \d+ values, .*, epoch 3\n$/);
    const opened = await openSafetensors(file);
    expect([...opened.tensors.keys()]).toContain('conv4.weight');
    expect(opened.tensors.get('conv4.weight')?.shape).toEqual([10, 20, 4, 4]);
    expect(opened.metadata.get('epoch')).toBe('3');
    await opened.close();

    // A rate of nearly nothing: what the second run measures are the weights that the first ended with.
    const second = place('second');
    const { end, events } = await trained({
      epochs: 1,
      run: second,
      weights: file,
      learningRate: 1e-12,
    });
    expect(end).toEqual({ state: 'finished' });
    const [before, after] = [epochsOf(eventsOf(await openRun(run))).at(-1)!, epochsOf(events)[0]];
    expect(after.scalars['loss/validation']).toBeCloseTo(before.scalars['loss/validation'], 4);
    expect(after.scalars['error/validation']).toBe(before.scalars['error/validation']);
    expect((await headerOf(second)).weights).toEqual({
      file: 'shallow.safetensors',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('of another network begin nothing', async () => {
    const { end } = await trained({ network: 'lenet', weights: place('shallow.safetensors'), run: place('never') });
    expect(end).toMatchObject({
      state: 'failed',
      error: {
        code: 'wrong-weights',
        exitCode: 4,
        message: expect.stringContaining('it lacks conv5.weight') as string,
      },
    });
    await expect(headerOf(place('never'))).rejects.toThrow('ENOENT');
  });

  it('are refused to be written for an epoch that is not kept, or for none', async () => {
    const file = place('refused.safetensors');
    const first = await trainedRun();
    await expect(exportTo(first, file, '99')).rejects.toMatchObject({
      code: 'no-checkpoint',
      exitCode: 2,
      hint: expect.stringMatching(/^Kept are the best and the latest two: .*2, 3\.$/) as string,
    });
    await expect(exportTo(first, file, 'worst')).rejects.toMatchObject({ code: 'usage', exitCode: 2 });
    const { context } = sceneIn(home.directory);
    await expect(exportRun({ run: first, format: 'weights' }, context)).rejects.toMatchObject({ exitCode: 2 });
  });

  it('say what was written as JSON too', async () => {
    const { context, out } = sceneIn(home.directory, true);
    await exportRun({ run: await trainedRun(), format: 'weights', output: place('best.safetensors') }, context);
    expect(JSON.parse(out())).toMatchObject({ format: 1, file: place('best.safetensors'), tensors: 8 });
  });
});
