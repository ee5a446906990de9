import { availableParallelism, cpus } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Dataset, ImageSet } from '../../../src/engine/data/dataset.ts';
import type { Engine } from '../../../src/engine/backend/engine.ts';
import type { NetworkFile } from '../../../src/engine/network/file/index.ts';
import type { RunHeader } from '../../../src/engine/run/format.ts';
import { preparationSteps } from '../../../src/engine/base/preparations.ts';
import { parseHeader } from '../../../src/engine/run/header.ts';
import { hasFeatures, machineOf, newRunId, planRun, specificationOf } from '../../../src/engine/training/plan.ts';
import type { TrainingRequest } from '../../../src/engine/training/messages.ts';

const images = (count: number, classes = 10): ImageSet => ({
  count,
  labels: Uint16Array.from({ length: count }, (_, image) => image % classes),
  fill: () => undefined,
  pixels: () => new Uint8Array(3072),
});
const dataset: Dataset = {
  name: 'tiny',
  classes: Array.from({ length: 10 }, (_, label) => `class ${label}`),
  imageShape: [32, 32, 3],
  preparation: ['mean subtraction'],
  train: images(60),
  validation: images(200),
};
const engine = { name: 'wasm', version: '4.22.0', device: 'cpu', threads: 1 } as Engine;
const request: TrainingRequest = { network: 'lenet', data: 'tiny', seed: 5, engine: 'auto' };
const now = new Date('2026-01-02T03:04:05Z');
const plan = (changes: Partial<TrainingRequest> = {}, data = dataset) =>
  planRun({ ...request, ...changes }, { dataset: data, engine, id: newRunId(request.network, now), now });

describe('the plan of a run', () => {
  it('takes what was left open from network, data and engine', () => {
    const header = plan();
    expect(header).toMatchObject({
      format: 2,
      createdAt: '2026-01-02T03:04:05.000Z',
      network: { name: 'lenet', parameters: 145_578 },
      dataset: { name: 'tiny', trainImages: 60, validationImages: 200, imageShape: [32, 32, 3] },
      training: {
        ...{ epochs: 45, batch: 60, weightDecay: 0.0001, loss: 'cross-entropy' },
        optimiser: { kind: 'sgd', momentum: 0.9 },
        augmentation: { mirror: 'batch' },
      },
      seed: 5,
      engine: { name: 'wasm', version: '4.22.0', device: 'cpu' },
      machine: { cpu: cpus()[0].model, cores: availableParallelism(), threads: 1 },
    });
    expect(machineOf({ threads: 4, gpu: 'Stand-in 0' })).toMatchObject({ threads: 4, gpu: 'Stand-in 0' });
    expect(plan({ deterministic: true }).machine).toMatchObject({ deterministic: true });
    expect(header.network.layers).toHaveLength(12);
    expect(header.training.learningRate).toHaveLength(45);
    expect(header.id).toMatch(/^20260102-0304-lenet-/);
  });

  it('has patches of the first epoch, the last, and every fifth or as many as were asked for', () => {
    const epochs = Array.from({ length: 12 }, (_, at) => at + 1);
    const stored = (features: RunHeader['training']['features']) =>
      epochs.filter((epoch) => hasFeatures(epoch, epoch === 12, features));
    expect(plan().training.features).toBe(5);
    expect(stored(5)).toEqual([1, 5, 10, 12]);
    // A run of before there was the setting.
    expect(stored(undefined)).toEqual([1, 5, 10, 12]);
    expect(stored(4)).toEqual([1, 4, 8, 12]);
    expect(stored(1)).toEqual(epochs);
    expect(stored('off')).toEqual([]);
  });

  it('takes what was asked for before that', () => {
    const header = plan({ epochs: 50, batch: 7, probe: 100 });
    expect(header.training).toMatchObject({ epochs: 50, batch: 7 });
    expect(header.training.learningRate.slice(-2)).toEqual([0.0005, 0.0005]);
    expect(header.probe.indices).toHaveLength(100);
    expect(header.probe.labels).toEqual(Array.from({ length: 100 }, (_, at) => Math.floor(at / 10)));
    expect(header.probe.indices.every((image, at) => image % 10 === header.probe.labels?.[at])).toBe(true);
  });

  it('clips gradients where rates are for whitened images and these are not, unless something else is asked', () => {
    const contrast = { ...dataset, preparation: preparationSteps.contrast };
    const notices: string[] = [];
    const told = (text: string) => void notices.push(text);
    const header = planRun(request, { dataset: contrast, engine, now, id: 'x', onNotice: told });
    expect(header.training.clipGradient).toBe(1);
    expect(notices).toContain('gradients are clipped to a norm of 1: the rates are those for whitened images');
    expect(specificationOf(header, contrast).training.clipGradient).toBe(1);
    expect(plan({ clipGradient: 5 }, contrast).training.clipGradient).toBe(5);
    for (const other of [
      plan({ clipGradient: 'off' }, contrast),
      plan({ learningRate: 0.1 }, contrast),
      plan({ probeOnly: true }, contrast),
      plan({}, { ...dataset, preparation: preparationSteps.whitening }),
    ]) {
      expect(other.training).not.toHaveProperty('clipGradient');
    }
  });

  it("makes batches of a user's own images as small as 25 steps an epoch need, unless another number is asked", () => {
    const origin = { source: '/home/ada/pets', content: 'ab' };
    const own = (count: number) => ({ ...dataset, origin, train: images(count) });
    const batchOf = (count: number) => plan({}, own(count)).training.batch;
    expect([40, 250, 540, 5000].map(batchOf)).toEqual([10, 10, 21, 100]);
    expect(plan({ batch: 50 }, own(540)).training.batch).toBe(50);
    expect(plan({}, { ...dataset, train: images(540) }).training.batch).toBe(100);
  });

  it('changes images as was asked, or as the network says', () => {
    expect(plan().training.augmentation).toEqual({ mirror: 'batch' });
    expect(plan({ augment: 'none' }).training.augmentation).toEqual({});
    const augmentation = { shift: 31, crop: 0.5 };
    const header = plan({ augment: 'shift=31,crop=0.5' });
    expect(header.training.augmentation).toEqual(augmentation);
    expect(specificationOf(header, dataset).training.augmentation).toEqual(augmentation);
    expect(() => plan({ augment: 'shift=32' })).toThrow(
      expect.objectContaining({
        code: 'augmentation-does-not-fit',
        exitCode: 2,
        hint: 'Give --augment a shift of 31 at most.',
      }),
    );
  });

  it('is refused when network and data do not fit', () => {
    expect(() => plan({}, { ...dataset, imageShape: [28, 28, 1] })).toThrow(/28x28x1/);
    const larger = (): unknown => plan({}, { ...dataset, imageShape: [64, 64, 3] });
    expect(larger).toThrow(expect.objectContaining({ hint: 'Bring them to that size with: --image-size 32' }) as Error);
  });

  it('gives a preset as many outputs as there are classes', () => {
    const twenty = { ...dataset, classes: Array.from({ length: 20 }, (_, i) => `c${i}`) };
    const validation = { ...dataset.validation, labels: dataset.validation.labels.map((_, i) => i % 20) };
    const header = plan({ probe: 200 }, { ...twenty, validation });
    expect(header.network.layers.at(-1)).toMatchObject({ units: 20 });
    expect(specificationOf(header, { ...twenty, validation }).layers.at(-1)).toMatchObject({ channels: 20 });
  });
});

describe('a network of a file', () => {
  const networkFile: NetworkFile = {
    ...{ source: 'mynet.json', name: 'mynet', description: 'mine', places: [[3, 5]] },
    layers: [
      {
        ...{ kind: 'dense', units: 'classes', deviation: 'glorot', bias: true },
        learningRate: { weights: 1, biases: 1 },
      },
    ],
    training: {
      ...{ batch: 30, weightDecay: 0.01, loss: 'cross-entropy', clipGradient: 2, preparation: 'scale' },
      optimiser: { kind: 'adam', beta1: 0.8, beta2: 0.9, epsilon: 1e-8 },
      learningRate: { kind: 'cosine', rate: 1, least: 0, warmUp: 0 },
      earlyStopping: { patience: 3, minimumChange: 0 },
      augmentation: { mirror: 'image', shift: 2 },
    },
  };

  it('is kept in the header as a whole, so that the run goes on without the file', () => {
    const header = plan({ network: './mynet.json', networkFile, epochs: 2 });
    expect(header.network).toMatchObject({ name: 'mynet', parameters: 30_730 });
    const text = JSON.stringify(header);
    const read = parseHeader(text, 'run.json', 'run');
    expect(read).toEqual(header);
    const { layers, training, inputShape } = specificationOf(read, dataset);
    expect(inputShape).toEqual([32, 32, 3]);
    expect(layers).toEqual([{ ...networkFile.layers[0], units: 10 }]);
    const { learningRate: _, ...same } = networkFile.training;
    // How the images were prepared is for the data set to say.
    expect(training).toEqual({ ...same, preparation: 'contrast', learningRate: [1, 0.5] });
  });

  it('is refused with its place when it does not fit the data', () => {
    const layers = [{ ...networkFile.layers[0], units: 7 }] as NetworkFile['layers'];
    expect(() => plan({ networkFile: { ...networkFile, layers } })).toThrow(
      /^mynet\.json:3:5: layers\[0\], the last one, has 7 outputs, and the data set has 10 classes/,
    );
    expect(() => plan({ networkFile: { ...networkFile, input: [28, 28, 1] } })).toThrow(/takes images of 28x28x1/);
  });
});

describe('going on with a run', () => {
  it('trains the network with the settings of the run', () => {
    const header = plan({ epochs: 3, batch: 9 });
    expect(specificationOf(header, dataset)).toMatchObject({
      name: 'lenet',
      training: { batch: 9, learningRate: [0.05, 0.05, 0.05] },
    });
  });

  it('is refused when network, images or classes are other ones', () => {
    const header = plan();
    const other = structuredClone(header);
    other.network.layers[3].shape = [16, 16, 33];
    expect(() => specificationOf(other, dataset)).toThrow(/layers of lenet/);
    expect(() => specificationOf(header, { ...dataset, train: images(61) })).toThrow(/61 training .* the run has 60/);
    const shifted = { ...images(200), labels: images(200).labels.map((label) => (label + 1) % 10) };
    expect(() => specificationOf(header, { ...dataset, validation: shifted })).toThrow(/probe images/);
  });
});
