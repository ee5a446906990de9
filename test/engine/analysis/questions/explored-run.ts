import { onTestFinished } from 'vitest';
import { Explorer } from '../../../../src/engine/analysis/questions/explorer.ts';
import type { ExplorationAnswer, ExplorationRequest } from '../../../../src/engine/analysis/questions/messages.ts';
import { layersOf, neuronMetrics } from '../../../../src/engine/metrics/index.ts';
import { pathsFor } from '../../../../src/engine/base/paths.ts';
import { Random } from '../../../../src/engine/base/random.ts';
import { type Features, type LayerRecord, type RunHeader, type RunWriter } from '../../../../src/engine/run/index.ts';
import { headerOf, temporary, type LabelledHeader } from '../../run/sample-run.ts';
import { createRun } from '../../../support/held-run.ts';

export type LayerSketch = Partial<LayerRecord> & { units: number };

/** The header of a run on shapes with these layers; 4 classes of 10 probe images. */
export function exploredHeader(sketches: LayerSketch[]): LabelledHeader {
  const base = headerOf();
  const layers = sketches.map((sketch, place): LayerRecord => ({
    index: place + 1,
    name: `layer${place + 1}`,
    label: sketch.kind ?? 'convolution',
    kind: 'convolution',
    shape: [8, 8, sketch.units],
    parameters: 0,
    receptiveField: { size: 5, stride: 4, offset: -2 },
    ...sketch,
  }));
  const labels = Array.from({ length: 40 }, (_, image) => Math.floor(image / 10));
  return {
    ...base,
    network: { ...base.network, layers },
    dataset: { ...base.dataset, classes: ['a', 'b', 'c', 'd'], validationImages: 1000, imageShape: [32, 32, 3] },
    probe: { indices: labels.map((_, image) => image), labels },
  };
}

/** Answers of a layer to the probe images: a base a class and neuron, and noise. */
export function samplesOf(header: Pick<RunHeader, 'probe'>, layer: LayerRecord, epoch: number): Float32Array {
  const random = new Random(epoch, 'samples', layer.index);
  const { labels = [] } = header.probe;
  const bases = Array.from({ length: 4 * layer.units }, () => random.normal() * epoch);
  const samples = new Float32Array(labels.length * layer.units);
  labels.forEach((label, image) => {
    for (let neuron = 0; neuron < layer.units; neuron++) {
      samples[image * layer.units + neuron] = bases[label * layer.units + neuron] + random.normal() / 4;
    }
  });
  return samples;
}

/** Patches of chance; the neurons of `silent` have none. */
export function featuresOf(layer: LayerRecord, perNeuron = 40, silent: readonly number[] = []): Features {
  const random = new Random(1, 'features', layer.index);
  const total = layer.units * perNeuron;
  const isSilent = (at: number): boolean => silent.includes(Math.floor(at / perNeuron));
  return {
    neurons: layer.units,
    perNeuron,
    image: Int32Array.from({ length: total }, (_, at) => (isSilent(at) ? -1 : random.below(1000))),
    y: Int32Array.from({ length: total }, () => random.below(layer.shape[0])),
    x: Int32Array.from({ length: total }, () => random.below(layer.shape[1])),
    activation: Float32Array.from({ length: total }, (_, at) => 100 - (at % perNeuron)),
  };
}

export async function commit(
  writer: RunWriter,
  epoch: number,
  changes: (samples: Float32Array, layer: LayerRecord) => void = () => undefined,
): Promise<void> {
  const { header } = writer;
  const images = header.probe.indices.length;
  const layers = header.network.layers.map((layer) => {
    const samples = samplesOf(header, layer, epoch);
    const metrics = neuronMetrics({ values: samples, images, neurons: layer.units }, header.probe.labels);
    changes(samples, layer);
    return { metrics, samples };
  });
  const scalars = { 'loss/train': 0.5, 'loss/validation': 0.5, 'error/train': 0.5, 'error/validation': 0.5 };
  const record = { number: epoch, epoch, scalars, layers: layersOf(layers.map(({ metrics }) => metrics)) };
  await writer.commitEpoch({ ...record, seconds: 1, monitoringShare: 0, at: '2026-01-01T12:00:00.000Z' }, layers);
}

/** A run of two epochs; features with the first where asked for. */
export async function exploredRun(
  sketches: LayerSketch[],
  { features = true, silent = [] as number[], perNeuron = 40, dataset = 'shapes' } = {},
): Promise<{ directory: string; header: LabelledHeader; writer: RunWriter }> {
  const directory = await temporary();
  const plain = exploredHeader(sketches);
  const header = { ...plain, dataset: { ...plain.dataset, name: dataset } };
  const writer = await createRun(directory, header);
  onTestFinished(() => writer.close());
  if (features) {
    await writer.writeFeatures(
      1,
      header.network.layers.map((layer) => featuresOf(layer, perNeuron, silent)),
    );
  }
  await commit(writer, 1);
  await commit(writer, 2);
  return { directory, header, writer };
}

type AnswerOf<Type extends ExplorationAnswer['type']> = Extract<ExplorationAnswer, { type: Type }>;

/** An explorer of a run, and all it answered. */
export function explorerOf(directory: string) {
  const answers: ExplorationAnswer[] = [];
  const explorer = new Explorer(directory, pathsFor({ HOME: directory }), (answer) => answers.push(answer));
  onTestFinished(() => explorer.cancel());
  const all = <Type extends ExplorationAnswer['type']>(type: Type): AnswerOf<Type>[] =>
    answers.filter((answer): answer is AnswerOf<Type> => answer.type === type);
  return {
    explorer,
    answers,
    all,
    /** Asks, waits for the end, and gives the answers since. */
    asked: async (request: ExplorationRequest): Promise<ExplorationAnswer[]> => {
      const from = answers.length;
      await explorer.ask(request);
      return answers.slice(from);
    },
    last: <Type extends ExplorationAnswer['type']>(type: Type): AnswerOf<Type> => {
      const found = all(type).at(-1);
      if (!found) throw new Error(`no ${type} among ${JSON.stringify(answers).slice(0, 500)}`);
      return found;
    },
  };
}
