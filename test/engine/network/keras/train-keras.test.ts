import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networks } from '../../../../src/commands/networks.ts';
import { readCheckpoint } from '../../../../src/engine/run/index.ts';
import { readHeader } from '../../../../src/engine/run/records.ts';
import { openNetworkFile } from '../../../../src/engine/network/open-file.ts';
import { validateRequest } from '../../../../src/engine/training/request.ts';
import { sceneIn } from '../../../commands/scene.ts';
import {
  epochsOf,
  smallRequest,
  trainingHome,
  watchTraining,
  type TrainingHome,
} from '../../../support/training-home.ts';
import { input, keras, layer, saveModel, sequential, weight, writeModel } from './saved-models.ts';
import { useEngine } from '../../../support/engines.ts';

let home: TrainingHome;
let path: string;
const { layers: l } = keras;

beforeAll(async () => {
  home = await trainingHome();
  await useEngine('wasm');
  path = await saveModel(
    keras.sequential({
      name: 'tiny',
      layers: [
        l.conv2d({ inputShape: [32, 32, 3], filters: 4, kernelSize: 5, strides: 3, activation: 'relu', name: 'eyes' }),
        l.batchNormalization({ name: 'norm' }),
        l.globalAveragePooling2d({ name: 'pool' }),
        l.dense({ units: 10, activation: 'softmax', name: 'classes' }),
      ],
    }),
    2,
  );
});
afterAll(() => home.remove());

const requestFor = async (changes: Parameters<typeof smallRequest>[0]) =>
  validateRequest(smallRequest({ network: path, ...changes }), home.paths);

describe('a Keras model as a network', () => {
  it('is measured as it is, and its weights are those of the file', async () => {
    const run = join(home.directory, 'probed');
    const request = await requestFor({ run, probeOnly: true });
    delete request.epochs;
    const probed = watchTraining(home, request);
    expect(await probed.end).toMatchObject({ state: 'finished' });
    expect(epochsOf(probed.events)).toHaveLength(1);
    const header = await readHeader(run);
    expect(header).toMatchObject({
      network: { name: 'tiny', layers: ['eyes', 'eyes_relu', 'norm', 'pool', 'classes'].map((name) => ({ name })) },
      training: { epochs: 1, learningRate: [0] },
      weights: { file: 'model.json', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    const bytes = await Promise.all(
      ['weights-1of2.bin', 'weights-2of2.bin'].map((name) => readFile(join(dirname(path), name))),
    );
    const kept = await readCheckpoint(run, 1);
    const first = Buffer.concat(bytes).subarray(0, 4 * 5 * 5 * 3 * 4);
    expect(Buffer.from(Float32Array.from(kept.get('eyes.weights')!.data, Number).buffer)).toEqual(first);
    expect([...kept.get('norm.variance')!.data]).toEqual([1, 1, 1, 1]);
  });

  it('is trained further, and its run goes on without the file', async () => {
    const run = join(home.directory, 'trained');
    const first = watchTraining(home, await requestFor({ run, epochs: 500 }));
    await first.seen((event) => event.type === 'epoch');
    first.client.send({ type: 'stop', when: 'now' });
    expect(await first.end).toMatchObject({ state: 'stopped' });
    const next = epochsOf(first.events).at(-1)!.number + 1;
    const whole = await readFile(path, 'utf8');
    await writeFile(path, 'gone');
    try {
      const resume = await validateRequest(smallRequest({ resume: run, epochs: next }), home.paths);
      const second = watchTraining(home, resume);
      await second.end;
      expect(epochsOf(second.events).at(-1)).toMatchObject({ epoch: next, scalars: { learning_rate: 0.001 } });
      expect((await readHeader(run)).training.optimiser).toMatchObject({ kind: 'adam', epsilon: 1e-7 });
    } finally {
      await writeFile(path, whole);
    }
  });

  it('has a table like the others', async () => {
    const { context, out } = sceneIn('/');
    await networks({ name: path }, context);
    expect(out()).toMatch(/^tiny: Keras model of model.json$/m);
    expect(out()).toMatch(/^ 1 +eyes +conv5-4\/3 +10x10x4 +304 +5x5/m);
    expect(out()).toMatch(/^ 6 +loss +softmax/m);
    expect(out()).not.toContain('leaves that to the data set');
  });

  it('is refused where its classes or images are not those of the data', async () => {
    const other = await writeModel(
      sequential([input([32, 32, 3]), layer('Flatten', {}, 'flat'), layer('Dense', { units: 7 }, 'end')]),
      [weight('end/kernel', [3072, 7], new Float32Array(3072 * 7)), weight('end/bias', [7], new Float32Array(7))],
    );
    const ended = await watchTraining(home, await requestFor({ network: other, run: join(home.directory, 'no') })).end;
    expect(ended.error?.message).toMatch(/7.*10/);
    const small = await writeModel(sequential([input([8, 8, 1]), layer('Dense', { units: 10 }, 'end')]));
    await expect(requestFor({ network: small })).rejects.toMatchObject({ code: 'unsupported-keras-model' });
  });

  it('brings its weights along; a network file, and another file of that ending, have none', async () => {
    const options = { cwd: '/', allowModule: false };
    expect(await openNetworkFile(path, options)).toMatchObject({ weights: path, notices: [] });
    const mine = join(home.directory, 'mine.json');
    await writeFile(mine, JSON.stringify({ layers: [{ kind: 'dense', units: 'classes' }], note: '"modelTopology"' }));
    await expect(openNetworkFile(mine, options)).rejects.toMatchObject({ code: 'bad-network' });
    await writeFile(mine, JSON.stringify({ layers: [{ kind: 'dense', units: 'classes' }] }));
    expect(await openNetworkFile(mine, options)).not.toHaveProperty('weights');
  });
});
