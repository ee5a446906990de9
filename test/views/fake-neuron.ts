import type {
  LayerEvolution,
  NeuronDistributions,
  NeuronFacets,
  NeuronPatches,
  Patch,
  PixelPicture,
} from '../../src/engine/analysis/questions/messages.ts';
import type { ViewAction } from '../../src/views/model/state.ts';
import { seeded } from './fake-run.ts';

/** Answers about one neuron as the analysis thread would give them, the same for the same seed. */
export interface FakeNeuron {
  layer: number;
  neuron: number;
  epoch: number;
  /** Neurons of the layer. */
  units: number;
  classes: number;
  /** Patches there are. */
  patches: number;
  /** Facets there are. */
  k: number;
  /** Edge of a patch. */
  size: number;
  seed: number;
}

export const usualNeuron: FakeNeuron = {
  layer: 7,
  neuron: 17,
  epoch: 12,
  units: 64,
  classes: 10,
  patches: 1000,
  k: 10,
  size: 16,
  seed: 1,
};

const clamped = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

/** A picture of a kind: a slanting edge between two colours, at a place of its own. */
export function fakePicture(kind: number, size: number, seed: number): PixelPicture {
  const random = seeded(seed);
  const colours = seeded(kind * 31 + 5);
  const [light, dark] = [0, 1].map(() => [0, 1, 2].map(() => 40 + 200 * colours()));
  const angle = kind * 0.7;
  const shift = (random() - 0.5) * 0.5;
  const pixels = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = (x + 0.5) / size - 0.5;
      const v = (y + 0.5) / size - 0.5;
      const side = Math.cos(angle) * u + Math.sin(angle) * v + 0.2 * shift > 0 ? light : dark;
      for (let channel = 0; channel < 3; channel++) {
        pixels[(y * size + x) * 3 + channel] = clamped((side?.[channel] ?? 0) + 20 * (random() - 0.5));
      }
    }
  }
  return { height: size, width: size, channels: 3, pixels };
}

export function fakeEvolution({ layer, units, epoch, seed }: FakeNeuron): LayerEvolution {
  const epochs = Array.from({ length: epoch }, (_, index) => index + 1);
  const random = seeded(seed + 100);
  const heights = Array.from({ length: units }, () => 0.3 + 2.4 * random());
  const curve = (scale: number): Float64Array =>
    Float64Array.from(
      epochs.flatMap((at) =>
        heights.map((height) => scale * height * (1 - Math.exp(-at / 6)) + 0.05 * scale * random()),
      ),
    );
  return { layer, epochs, neurons: units, metrics: { discriminability: curve(1), density: curve(0.25) } };
}

/** Quantiles of answers that a relu lets through: nothing for most classes, a hill for one or two. */
export function fakeDistributions({ layer, neuron, epoch, classes, seed }: FakeNeuron): NeuronDistributions {
  const random = seeded(seed + 200);
  const quantileCount = 21;
  const quantiles = new Float64Array(classes * quantileCount);
  for (let label = 0; label < classes; label++) {
    const centre = label === 2 ? 2.1 : label === 0 ? 1.3 : 0.8 * random() - 0.2;
    for (let at = 0; at < quantileCount; at++) {
      const share = at / (quantileCount - 1);
      const spread = Math.log((share + 0.02) / (1.02 - share)) * 0.28;
      quantiles[label * quantileCount + at] = Math.max(0, centre + spread);
    }
  }
  return { layer, neuron, epoch, quantiles, quantileCount };
}

const facetOf = (index: number, k: number, seed: number): number => Math.floor(seeded(seed + index * 13)() ** 1.6 * k);

export function fakePatches(
  fake: FakeNeuron,
  pictured: number[] = Array.from({ length: 40 }, (_, i) => i),
): NeuronPatches {
  const { layer, neuron, epoch, patches: count, classes, k, size, seed } = fake;
  const random = seeded(seed + 300);
  const patches = Array.from({ length: count }, (_, index): Patch => ({
    image: Math.floor(random() * 10_000),
    y: Math.floor(random() * 8),
    x: Math.floor(random() * 8),
    activation: 4.2 / (1 + index / 300),
    label: random() < 0.6 ? 2 : random() < 0.5 ? 0 : Math.floor(random() * classes),
  }));
  const shown = pictured.filter((index) => index < count);
  return {
    layer,
    neuron,
    epoch,
    patches,
    average: count > 0 ? fakePicture(facetOf(0, k, seed), size, seed) : undefined,
    pictured: shown,
    pictures: shown.map((index) => fakePicture(facetOf(index, k, seed), size, seed + index)),
  };
}

export function fakeFacets(fake: FakeNeuron, steps = 1000): NeuronFacets {
  const { layer, neuron, epoch, patches: count, k, size, seed } = fake;
  const labels = Int32Array.from({ length: count }, (_, index) => facetOf(index, k, seed));
  const random = seeded(seed + 400);
  const centres = Array.from({ length: k }, () => [random() * 60 - 30, random() * 60 - 30] as const);
  const positions = new Float32Array(2 * (count + k));
  const around = (): number => (random() + random() + random() - 1.5) * 9;
  labels.forEach((label, index) => {
    const [x, y] = centres[label] ?? [0, 0];
    positions[2 * index] = x + around();
    positions[2 * index + 1] = y + around();
  });
  centres.forEach(([x, y], facet) => {
    positions[2 * (count + facet)] = x;
    positions[2 * (count + facet) + 1] = y;
  });
  const facets = Array.from({ length: k }, (_, facet) => {
    const members = Int32Array.from(labels.keys()).filter((index) => labels[index] === facet);
    return { size: members.length, patches: members, average: fakePicture(facet, size, seed + facet) };
  });
  const suggestion = { k: 4, silhouette: 0.31 };
  return { layer, neuron, epoch, facets, positions, labels, steps, ...(steps === 1000 && { suggestion }) };
}

/** Everything about a neuron, answered. */
export function neuronAnswers(fake: FakeNeuron, pictured?: number[]): ViewAction[] {
  return [
    { source: 'exploration', answer: { type: 'evolution', evolution: fakeEvolution(fake) } },
    { source: 'exploration', answer: { type: 'distributions', distributions: fakeDistributions(fake) } },
    { source: 'exploration', answer: { type: 'patches', patches: fakePatches(fake, pictured) } },
    { source: 'exploration', answer: { type: 'facets', facets: fakeFacets(fake) } },
  ];
}

/** The way from the network view to a neuron of one of the layers. */
export const toNeuron = ({ layer, neuron }: Pick<FakeNeuron, 'layer' | 'neuron'>): ViewAction[] => [
  { source: 'key', command: { id: 'cell', layer: layer - 1, epoch: undefined } },
  { source: 'key', command: { id: 'open' } },
  { source: 'key', command: { id: 'pane', pane: 'activations' } },
  { source: 'key', command: { id: 'pane', pane: 'neurons' } },
  { source: 'key', command: { id: 'neuron', neuron } },
  { source: 'key', command: { id: 'open' } },
];
