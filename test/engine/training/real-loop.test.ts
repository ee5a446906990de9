import { expect, it } from 'vitest';
import { openDataset } from '../../../src/engine/data/open-dataset.ts';
import { findPreset } from '../../../src/engine/network/presets/index.ts';
import { pathsFor } from '../../../src/engine/base/paths.ts';
import { buildModel } from '../../../src/engine/training/model.ts';
import { trainEpochs } from '../../../src/engine/training/trainer.ts';
import { quickEngine, useEngine } from '../../support/engines.ts';
import { trial } from './fakes.ts';

it('a learning rate far too high ends a real training with an error that says so', async () => {
  const engine = await useEngine(quickEngine);
  const dataset = await openDataset(
    { name: 'shapes', limit: 100 },
    {
      paths: pathsFor({ HOME: '/nowhere' }),
      env: {},
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onNotice: () => undefined,
    },
  );
  const network = buildModel(engine, findPreset('shallow'), 1);
  const { parts, committed } = trial({
    network,
    dataset,
    batch: 5,
    epochs: 2,
    learningRate: [1e30, 1e30],
    captureState: () => network.state(),
  });
  await expect(trainEpochs(parts)).rejects.toMatchObject({
    code: 'loss-not-finite',
    message: expect.stringMatching(/^The loss became (NaN|Infinity) in epoch 1, batch \d+ of 20\.$/) as string,
    hint: expect.stringContaining('lower learning rate (it was 1e+30)') as string,
  });
  expect(committed).toEqual([]);
  network.dispose();
});
