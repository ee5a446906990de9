import { cp } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { input, layer, sequential, weight, writeModel } from '../engine/network/keras/saved-models.ts';
import { runCli } from '../support/run-cli.ts';
import { trainingHome, type TrainingHome } from '../support/training-home.ts';
import { documented, fillFolder, patternOf } from './documented.ts';

const run = (await documented()).filter(({ mark }) => mark?.kind !== 'not run');

/** A Keras model of images of 32x32 in two classes. */
const kerasModel = (): Promise<string> =>
  writeModel(
    sequential([
      input([32, 32, 3]),
      layer('MaxPooling2D', { pool_size: [16, 16], strides: [16, 16], padding: 'valid' }),
      layer('Flatten', {}),
      layer('Dense', { units: 2, activation: 'softmax', use_bias: true }, 'top'),
    ]),
    [
      weight(
        'top/kernel',
        [12, 2],
        Array.from({ length: 24 }, (_, at) => Math.sin(at)),
      ),
      weight('top/bias', [2], [0, 0]),
    ],
  );

describe('all commands that the documents show, by the built program', () => {
  let home: TrainingHome;
  beforeAll(async () => {
    home = await trainingHome();
    // Enough for a probe of the validation images.
    await fillFolder(home.directory, 130);
    await cp(dirname(await kerasModel()), home.directory, { recursive: true });
  });
  afterAll(() => home.remove());

  it.each(run.map((one) => [`${one.page}:${one.line}: ${one.command}`, one] as const))('%s', async (_, one) => {
    const { code, out, err } = await runCli(home, one.command.split(' ').slice(1));
    expect(/inspect|diagnose/.test(one.command) ? [0, 3] : [0], out + err).toContain(code);
    if (one.prints !== undefined) expect(out.trimEnd()).toMatch(patternOf(one.prints, one.mark === undefined));
  });
});
