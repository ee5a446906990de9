import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { layersOf, neuronMetrics, wholeMetrics } from '../../../src/engine/metrics/index.ts';
import type { LayerEpoch, RunHeader, RunRecord } from '../../../src/engine/run/index.ts';
import { createRun } from '../../support/held-run.ts';

/** A directory that is gone after the test. */
export async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'deepview-run-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A header whose probe images have classes. */
export type LabelledHeader = RunHeader & { probe: { labels: number[] } };

/** The header of a small run: a convolution of 3 neurons and a relu, 2 classes of 3 probe images. */
export function headerOf(changes: Partial<LabelledHeader> = {}): LabelledHeader {
  const field = { size: 5, stride: 1, offset: -2 };
  return {
    format: 2,
    clock: 'epoch',
    id: '20260101-1200-tiny-aaaa',
    createdAt: '2026-01-01T12:00:00.000Z',
    program: { name: 'deepview-tui', version: '0.1.0' },
    network: {
      name: 'tiny',
      parameters: 228,
      layers: [
        {
          index: 1,
          name: 'conv1',
          label: 'conv5-3',
          kind: 'convolution',
          units: 3,
          shape: [8, 8, 3],
          parameters: 228,
          receptiveField: field,
        },
        {
          index: 2,
          name: 'relu1',
          label: 'relu',
          kind: 'activation',
          units: 3,
          shape: [8, 8, 3],
          parameters: 0,
          receptiveField: field,
        },
      ],
    },
    dataset: {
      name: 'shapes',
      classes: ['disc', 'square'],
      trainImages: 60,
      validationImages: 20,
      imageShape: [8, 8, 3],
      preparation: ['mean subtraction'],
    },
    probe: { indices: [1, 4, 5, 2, 7, 9], labels: [0, 0, 0, 1, 1, 1] },
    training: {
      epochs: 3,
      batch: 10,
      learningRate: [0.05, 0.05, 0.005],
      optimiser: { kind: 'sgd', momentum: 0.9 },
      weightDecay: 0.0001,
      augmentation: { mirror: 'batch' },
      loss: 'cross-entropy',
    },
    seed: 7,
    engine: { name: 'wasm', version: '4.22.0', device: 'cpu' },
    ...changes,
  };
}

/** What the tiny run's trainer would hand over after an epoch: of samples that half precision has exactly. */
export function epochOf(header: RunHeader, epoch: number, scale = 1): { record: RunRecord; layers: LayerEpoch[] } {
  const images = header.probe.indices.length;
  const samplesAt = (number: number, { units, index }: RunHeader['network']['layers'][number]): Float32Array =>
    Float32Array.from(
      { length: images * units },
      (_, at) => (Math.round(Math.sin(at * 1.7 + number + index) * 1024) / 1024) * scale,
    );
  const given = header.network.layers.map((layer) => ({
    ...{ values: samplesAt(epoch, layer), images, neurons: layer.units },
    before: epoch > 1 ? samplesAt(epoch - 1, layer) : undefined,
  }));
  const layers = given.map((samples): LayerEpoch => {
    const metrics = neuronMetrics(samples, header.probe.labels);
    return { metrics, samples: samples.values };
  });
  const record: RunRecord = {
    number: epoch,
    epoch,
    scalars: {
      'loss/train': 2 / epoch,
      'loss/validation': 2.2 / epoch,
      'error/train': 0.5 / epoch,
      'error/validation': 0.6 / epoch,
      learning_rate: 0.05,
    },
    seconds: 1.5,
    monitoringShare: 0.02,
    layers: layersOf(
      layers.map(({ metrics }) => metrics),
      given.map((samples) => wholeMetrics(samples, header.probe.labels)),
    ),
    at: `2026-01-01T12:0${epoch % 10}:00.000Z`,
  };
  return { record, layers };
}

/** Writes the tiny run with so many epochs. */
export async function writeRun(directory: string, { epochs = 3, header = headerOf(), scale = 1 } = {}): Promise<void> {
  const writer = await createRun(directory, header);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const { record, layers } = epochOf(header, epoch, scale);
    await writer.commitEpoch(record, layers);
  }
  await writer.close();
}
