import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/backend/engine.ts';
import { layerTable } from '../../../src/engine/network/layer-table.ts';
import { findPreset } from '../../../src/engine/network/presets/index.ts';
import type { LayerSpecification, NetworkSpecification } from '../../../src/engine/network/specification.ts';
import { buildModel, type Model } from '../../../src/engine/training/model.ts';
import { onEachEngine, useEngine } from '../../support/engines.ts';
import { hashed, type Values } from '../../../src/engine/training/reference/cases.ts';
import { relativeError } from '../../../src/engine/training/reference/check-engine.ts';

/** What the fixture keeps of an array: its size, every `step`th value, and the sum of its squares. */
type Summary = Values & { squares: number };

interface Case {
  batch: number;
  learningRate: number;
  weightDecay: number;
  scale: number;
  deviations: Record<string, number>;
  steps: { loss: number; top1Errors: number; top5Errors: number }[];
  after: Record<string, { value: Summary; velocity?: Summary }>;
}

const { cases } = JSON.parse(readFileSync(new URL('./fixtures/training-steps.json', import.meta.url), 'utf8')) as {
  cases: Record<string, Case>;
};

const conv = (kernel: number, channels: number, padding: 'same' | 'valid', last = false): LayerSpecification => ({
  kind: 'convolution',
  kernel,
  channels,
  padding,
  deviation: 0.05,
  learningRate: last ? { weights: 0.01, biases: 0.2 } : { weights: 0.1, biases: 2 },
});
const pool = (operation: 'max' | 'average'): LayerSpecification => ({
  kind: 'pooling',
  operation,
  size: 3,
  stride: 2,
  padding: 'same',
});

function specificationOf(name: string): NetworkSpecification {
  const lenet = findPreset('lenet');
  if (name === 'even') {
    const layers = [conv(5, 8, 'same'), pool('max'), { kind: 'relu' } as const, pool('average'), pool('average')];
    return { ...lenet, name, layers: [...layers, conv(4, 8, 'same'), { kind: 'relu' }, conv(4, 10, 'valid', true)] };
  }
  const preset = findPreset(name);
  // Dropout draws its own random numbers; the peer goes without.
  return { ...preset, layers: preset.layers.filter(({ kind }) => kind !== 'dropout') };
}

/** The model with the fixture's weights. */
async function modelOf(engine: Engine, name: string): Promise<Model> {
  const model = buildModel(engine, specificationOf(name), 1);
  const state = await model.state();
  let salt = 0;
  for (const [parameter, { data }] of state) {
    if (/\.(mean|variance)$/.test(parameter)) continue;
    salt++;
    const deviation = cases[name].deviations[parameter];
    if (deviation !== undefined) data.set(hashed(data.length, salt, deviation));
  }
  model.restore(state);
  return model;
}

onEachEngine(describe, 'on the %s engine', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await useEngine(name);
  });

  it.each(Object.keys(cases))('%s takes the steps that PyTorch takes', async (network) => {
    const { batch, scale, steps, after, learningRate } = cases[network];
    const model = await modelOf(engine, network);
    const labels = Array.from({ length: batch }, (_, image) => (image * 3) % 10);
    for (const [step, expected] of steps.entries()) {
      const images = hashed(batch * 3072, 1000 + step, scale);
      const found = await model.train(images, labels, { learningRate, epoch: 1, batch: step + 1 });
      expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(1e-4);
      expect(found).toMatchObject({ top1Errors: expected.top1Errors, top5Errors: expected.top5Errors });
    }
    const state = await model.state();
    for (const [parameter, { value, velocity }] of Object.entries(after)) {
      expect(state.get(parameter)!.data.length).toBe(value.size);
      expect(relativeError(state.get(parameter)!.data, value), parameter).toBeLessThan(1e-4);
      // The velocity is all gradient, where a weight is mostly what it was before.
      if (!velocity) continue;
      const moved = state.get(`${parameter}.velocity`)!.data;
      if (Math.sqrt(velocity.squares / velocity.size) > 1e-4) {
        expect(relativeError(moved, velocity), `velocity of ${parameter}`).toBeLessThan(1e-4);
      } else {
        // A bias before batch normalisation changes nothing: both find rounding errors only.
        expect(Math.max(...moved.map(Math.abs)), `velocity of ${parameter}`).toBeLessThan(1e-4);
      }
    }
    model.dispose();
  });

  it('gives the same numbers again, bit for bit, and others for another seed', async () => {
    // Enough for every thread of tensorflow to get a share; wasm has one, and is slow.
    const count = name === 'wasm' ? 4 : 64;
    const run = async (seed: number): Promise<string> => {
      const model = buildModel(engine, specificationOf('lenet'), seed);
      for (let batch = 1; batch <= 3; batch++) {
        await model.train(
          hashed(count * 3072, batch, 50),
          new Uint16Array(count).map((_, i) => i % 10),
          {
            learningRate: 0.05,
            epoch: 1,
            batch,
          },
        );
      }
      const state = await model.state();
      model.dispose();
      return [...state]
        .map(
          ([key, { data }]) =>
            `${key} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`,
        )
        .join('\n');
    };
    const first = await run(7);
    for (let again = 0; again < 3; again++) expect(await run(7)).toBe(first);
    expect(await run(8)).not.toBe(first);
  });

  it('goes on from a saved state as if it had not stopped', async () => {
    const step = async (model: Model, batch: number): Promise<void> => {
      await model.train(hashed(8 * 3072, batch, 2), [0, 1, 2, 3, 4, 5, 6, 7], { learningRate: 0.05, epoch: 1, batch });
    };
    const specification = { ...findPreset('lenet-sig4-bn') };
    const whole = buildModel(engine, specification, 3);
    await step(whole, 1);
    const saved = await whole.state();
    await step(whole, 2);
    const other = buildModel(engine, specification, 4);
    other.restore(saved);
    await step(other, 2);
    expect(await other.state()).toEqual(await whole.state());
    expect(saved.get('conv1.weights')!.data).not.toEqual((await whole.state()).get('conv1.weights')!.data);
    whole.dispose();
    other.dispose();
  });

  it('keeps no tensors from step to step, and none after dispose', async () => {
    const before = engine.tf.memory().numTensors;
    const tiny: NetworkSpecification = {
      ...findPreset('lenet'),
      inputShape: [8, 8, 3],
      layers: [
        ...[
          conv(3, 4, 'same'),
          {
            kind: 'batch-normalisation',
            epsilon: 1e-4,
            momentum: 0.1,
            learningRate: { weights: 1, biases: 1 },
          } as const,
        ],
        ...[
          pool('max'),
          { kind: 'relu' } as const,
          { kind: 'dropout', rate: 0.5 } as const,
          pool('average'),
          { kind: 'sigmoid' } as const,
        ],
        conv(2, 10, 'valid'),
      ],
    };
    const model = buildModel(engine, tiny, 1);
    const images = hashed(6 * 192, 1, 1);
    const counts = new Set<number>();
    for (let index = 0; index < 5; index++) {
      await model.train(images, [1, 2, 3, 4, 5, 6], { learningRate: 0.05, epoch: 1, batch: index + 1 });
      await model.evaluate(images, [1, 2, 3, 4, 5, 6]);
      await model.samples(images);
      counts.add(engine.tf.memory().numTensors);
    }
    expect(counts.size).toBe(1);
    model.dispose();
    expect(engine.tf.memory().numTensors).toBe(before);
  });

  it('leaves everything as it was when the loss is not finite', async () => {
    const model = await modelOf(engine, 'shallow');
    const images = hashed(2 * 3072, 1, 1);
    // The step that goes astray is noticed at the next one.
    await model.train(images, [1, 2], { learningRate: 1e35, epoch: 1, batch: 1 });
    const before = await model.state();
    const tensors = engine.tf.memory().numTensors;
    expect((await model.train(images, [1, 2], { learningRate: 0.05, epoch: 1, batch: 2 })).loss).not.toBeLessThan(
      Infinity,
    );
    expect(await model.state()).toEqual(before);
    expect(engine.tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  it('says so when the weights are no longer finite', async () => {
    const model = await modelOf(engine, 'shallow');
    await model.train(hashed(2 * 3072, 1, 1), [1, 2], { learningRate: Infinity, epoch: 1, batch: 1 });
    await expect(model.state()).rejects.toThrow(/no longer finite/);
    model.dispose();
  });

  it('reads what each layer answers as means over the positions', async () => {
    const model = await modelOf(engine, 'lenet');
    const images = hashed(3 * 3072, 9, 2);
    const samples = await model.samples(images);
    expect(samples.map(({ length }) => length)).toEqual(layerTable(model.specification).map(({ units }) => 3 * units));
    // The last layer has one position, so that its means are the logits.
    const logits = await model.logits(images);
    expect(samples.at(-1)).toEqual(logits);
    // A relu's means are never below its convolution's; average pooling without padding would keep them.
    samples[4].forEach((value, index) => expect(value).toBeGreaterThanOrEqual(Math.max(0, samples[3][index]) - 1e-5));
    // Alone or among others: an image's answers are its own.
    const alone = await model.samples(images.slice(3072, 2 * 3072));
    alone.forEach((values, layer) =>
      values.forEach((value, unit) => expect(value).toBeCloseTo(samples[layer][values.length + unit], 4)),
    );
    model.dispose();
  });

  it('refuses the state of another network, and changes nothing', async () => {
    const [lenet, shallow] = [await modelOf(engine, 'lenet'), await modelOf(engine, 'shallow')];
    const before = await shallow.state();
    const others = await lenet.state();
    expect(() => shallow.restore(others)).toThrow(/not of shallow/);
    const short = await shallow.state();
    short.set('conv1.biases', { shape: [2], data: new Float32Array(2) });
    expect(() => shallow.restore(short)).toThrow(/conv1\.biases has the shape \[2\] instead of \[16\]/);
    const holed = await shallow.state();
    holed.get('conv2.biases')!.data[1] = NaN;
    expect(() => shallow.restore(holed)).toThrow(/not finite/);
    const lacking = await shallow.state();
    lacking.delete('conv3.weights');
    expect(() => shallow.restore(lacking)).toThrow(/lacks conv3\.weights/);
    expect(await shallow.state()).toEqual(before);
    lenet.dispose();
    shallow.dispose();
  });
});
