import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../../src/engine/backend/engine.ts';
import { openEngine } from '../../../../src/engine/backend/open-engine.ts';
import { engineChoice, engineStatus } from '../../../../src/engine/backend/status.ts';
import { pathsFor } from '../../../../src/engine/base/paths.ts';
import { findPreset } from '../../../../src/engine/network/presets/index.ts';
import { buildModel, type StepResult } from '../../../../src/engine/training/model.ts';
import { hashed, referenceCases } from '../../../../src/engine/training/reference/cases.ts';
import { checkEngine } from '../../../../src/engine/training/reference/check-engine.ts';
import { trainEpochs } from '../../../../src/engine/training/trainer.ts';
import { quickEngine, useEngine } from '../../../support/engines.ts';
import { needing } from '../../../support/needing.ts';
import { trial } from '../../training/fakes.ts';

/** A program that stands in for a GPU: SwiftShader, as Debian's chromium has it, or Mesa's lavapipe. */
const adapters = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  ...['x86_64', 'aarch64'].map((machine) => `/usr/share/vulkan/icd.d/lvp_icd.${machine}.json`),
];
const adapter = adapters.find((path) => existsSync(path));
const loaders = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/libvulkan.so.1`);
const isThere = adapter !== undefined && loaders.some((path) => existsSync(path));

needing(
  describe,
  'a software GPU',
  isThere,
)('WebGPU on a program instead of a GPU', () => {
  const quiet = { onProgress: () => undefined, onNotice: () => undefined, signal: new AbortController().signal };
  const context = { ...quiet, paths: pathsFor(process.env), env: process.env };
  let engine: Engine;
  beforeAll(async () => {
    process.env['VK_ICD_FILENAMES'] = adapter;
    engine = await openEngine('webgpu', context);
  }, 600_000);

  it('is taken by its name alone, and called what it is', async () => {
    expect(engine).toMatchObject({
      name: 'webgpu',
      device: 'cpu',
      gpu: expect.stringMatching(/swiftshader|llvmpipe/i),
    });
    const statuses = await engineStatus(context.paths, context.env);
    const [webgpu] = statuses.filter(({ name }) => name === 'webgpu');
    expect(webgpu).toMatchObject({ installed: true, usable: true, onlyByName: true, device: 'cpu' });
    expect(engineChoice(statuses)?.engine.name).not.toBe('webgpu');
  });

  it('computes every layer and optimiser as PyTorch does', async () => {
    await engine.tf.setBackend('webgpu');
    const { layers, optimisers } = await referenceCases();
    const { checks } = await checkEngine(engine, { layers, optimisers, losses: [] }, quiet, []);
    expect(checks.map(({ failed }) => failed)).toEqual([[], [], []]);
  });

  it('has the losses of the processor, and its norms of a step, with gradients clipped', async () => {
    const images = hashed(2 * 3072, 1, 1);
    const lenet = findPreset('lenet');
    // More parameters than a shader has inputs.
    const clipped = { ...lenet, training: { ...lenet.training, clipGradient: 1 } };
    const steps = 5;
    const trained = async (own: Engine): Promise<StepResult[]> => {
      await own.tf.setBackend(own.name);
      const model = buildModel(own, clipped, 1);
      const found: StepResult[] = [];
      for (let batch = 1; batch <= steps; batch++) {
        const step = { learningRate: 0.05, epoch: 1, batch, measured: batch === steps };
        found.push(await model.train(images, [0, 1], step));
      }
      model.dispose();
      return found;
    };
    const expected = await trained(await useEngine(quickEngine));
    const found = await trained(engine);
    const isClose = (value: number, other: number) => Math.abs(value / other - 1) < 1e-4;
    expect(expected[steps - 1].loss).toBeLessThan(expected[0].loss);
    found.forEach(({ loss }, step) =>
      expect(loss, `step ${step + 1}`).toSatisfy((one: number) => isClose(one, expected[step].loss)),
    );
    for (const [id, values] of Object.entries(expected[steps - 1].layers!)) {
      values.forEach((value, layer) => {
        const own = found[steps - 1].layers![id][layer];
        expect(own === null ? value === null : isClose(own, value!), `${id} of layer ${layer + 1}`).toBe(true);
      });
    }
  });

  it('ends a training with one sentence when the device is lost, its epochs kept', async () => {
    await engine.tf.setBackend('webgpu');
    const { training: settings } = findPreset('lenet');
    const network = buildModel(
      engine,
      {
        ...{ name: 'small', description: '', inputShape: [1, 2, 1], training: settings },
        layers: [{ kind: 'dense', units: 2, deviation: 'glorot', learningRate: { weights: 1, biases: 1 } }],
      },
      1,
    );
    const { device } = engine.tf.backend() as unknown as { device: GPUDevice };
    const { parts, committed, states } = trial({
      network,
      captureState: async () => network.state(),
    });
    const { commit } = parts;
    const training = trainEpochs({
      ...parts,
      commit: async (...given) => {
        const record = await commit(...given);
        device.destroy();
        return record;
      },
    });
    const thrown: unknown = await training.catch((error: unknown) => error);
    expect(engine.failure?.() ?? thrown).toMatchObject({
      code: 'gpu-failed',
      message: expect.stringMatching(/^\S.* failed: the device was lost \(.*\)$/) as string,
    });
    expect(thrown).toBeInstanceOf(Error);
    expect(committed.map(({ epoch }) => epoch)).toEqual([1]);
    expect(states).toHaveLength(1);
  });
});
