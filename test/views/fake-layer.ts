import type {
  NeuronFlag,
  ExplorationAnswer,
  LayerEvolution,
  LayerMap,
  LayerPictures,
  PixelPicture,
} from '../../src/engine/analysis/questions/messages.ts';
import type { ViewAction } from '../../src/views/model/state.ts';
import { seeded } from './fake-run.ts';

export const answer = (one: ExplorationAnswer): ViewAction => ({ source: 'exploration', answer: one });

/** Neurons that learn at their own pace towards their own height; a few stand out, one is dead. */
export function fakeEvolution(layer: number, epochs: number, neurons: number): LayerEvolution {
  const random = seeded(layer * 101 + neurons);
  const discriminability = new Float64Array(epochs * neurons);
  const density = new Float64Array(epochs * neurons);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const height = neuron % 17 === 5 ? 2.1 : 0.5 + 0.5 * random() + 0.3 * random();
    const pace = 3 + 8 * random();
    for (let epoch = 0; epoch < epochs; epoch++) {
      const learned = 0.25 + 0.75 * (1 - Math.exp(-(epoch + 1) / pace));
      const at = epoch * neurons + neuron;
      discriminability[at] = neuron === 3 ? 0 : height * learned + 0.06 * (random() - 0.5);
      density[at] = neuron === 3 ? 0 : Math.min(1, Math.max(0, 0.3 * height + 0.2 * learned + 0.04 * (random() - 0.5)));
    }
  }
  return {
    layer,
    epochs: Array.from({ length: epochs }, (_, index) => index + 1),
    neurons,
    metrics: { discriminability, density },
  };
}

/** Clusters around centres on a circle, the first ones larger. */
export function fakeMap(layer: number, epoch: number, neurons: number, k = 5): LayerMap {
  const random = seeded(layer * 31 + neurons + k);
  const found = Math.min(k, neurons);
  const labels = new Int32Array(neurons);
  const positions = new Float64Array(2 * neurons);
  const medoids = new Int32Array(found).fill(-1);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const label = neuron < found ? neuron : Math.min(found - 1, Math.floor(random() ** 2 * found));
    labels[neuron] = label;
    if (medoids[label] === -1) medoids[label] = neuron;
    const angle = (2 * Math.PI * label) / found;
    const spread = neuron === medoids[label] ? 0 : 0.55;
    positions[2 * neuron] = 1.6 * Math.cos(angle) + spread * (random() + random() - 1);
    positions[2 * neuron + 1] = Math.sin(angle) + spread * (random() + random() - 1);
  }
  const merges = Math.max(0, Math.min(29, neurons - 1));
  const flags: NeuronFlag[] = [];
  if (neurons > 5) {
    flags.push({ neuron: 3, kind: 'dead', reason: 'never active' });
    flags.push({ neuron: 4, kind: 'duplicate', reason: 'activations like those of neuron 1' });
    flags.push({ neuron: 5, kind: 'outlier', reason: 'highest discriminability, 2.103' });
  }
  return {
    layer,
    epoch,
    linkage: 'average',
    k: found,
    labels,
    positions,
    medoids,
    mergeHeights: Float64Array.from({ length: merges }, (_, index) => 3.4 * 0.82 ** index),
    // The smaller ones hang on the left and on the right in turn.
    mergeParts: Int32Array.from({ length: 2 * merges }, (_, at) => {
      const [merge, side] = [at >> 1, at & 1];
      const part = 2 * merge + 1 + side;
      return part < merges ? part : -1;
    }),
    flags,
    stress: 0.043,
    settled: true,
  };
}

/** A picture of two soft colours. */
export function fakePicture(seed: number, size = 14): PixelPicture {
  const random = seeded(seed);
  const from = [random(), random(), random()];
  const to = [random(), random(), random()];
  const angle = random() * Math.PI;
  const pixels = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const share = 0.5 + 0.5 * Math.tanh(((x - size / 2) * Math.cos(angle) + (y - size / 2) * Math.sin(angle)) / 3);
      for (let c = 0; c < 3; c++) {
        pixels[(y * size + x) * 3 + c] = 255 * ((from[c] ?? 0) * (1 - share) + (to[c] ?? 0) * share);
      }
    }
  }
  return { height: size, width: size, channels: 3, pixels };
}

export function fakePictures(layer: number, epoch: number, neurons: number, k: number): LayerPictures {
  return {
    layer,
    epoch,
    field: { size: 14, stride: 2, offset: -5 },
    averages: Array.from({ length: neurons }, (_, neuron) => (neuron === 3 ? undefined : fakePicture(neuron))),
    clusters: Array.from({ length: Math.min(k, neurons) }, (_, cluster) => fakePicture(1000 + cluster)),
  };
}

/** Everything that the layer view asks of a layer, answered. */
export function layerAnswers(
  layer: number,
  epochs: number,
  neurons: number,
  { k = 5, pictures = true }: { k?: number; pictures?: boolean } = {},
): ViewAction[] {
  const rows = Array.from({ length: neurons }, (_, neuron) => ({
    neuron,
    pictures: Array.from({ length: 5 }, (__, place) => fakePicture(100 + 7 * neuron + place)),
  }));
  const error = {
    code: 'no-features',
    message: 'The run stores no features up to epoch 12.',
    hint: 'Train with --features first,last, or press F while it trains.',
  };
  return [
    answer({ type: 'evolution', evolution: fakeEvolution(layer, epochs, neurons) }),
    answer({ type: 'map', map: fakeMap(layer, epochs, neurons, k) }),
    ...(pictures
      ? [
          answer({ type: 'pictures', pictures: fakePictures(layer, epochs, neurons, k) }),
          answer({ type: 'rows', layer, epoch: epochs, rows }),
        ]
      : [
          answer({ type: 'unavailable', about: 'pictures', error }),
          answer({ type: 'unavailable', about: 'rows', error }),
        ]),
  ];
}
