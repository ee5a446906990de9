import type { LayerSpecification, NetworkSpecification, TrainingSpecification } from '../specification.ts';
import { batchNormalisation, cifarNetworks, normaliseConvolutions, relu } from './parts.ts';

/** LeNet and its variants as in the paper's figure 4; settings of MatConvNet's CIFAR-10 example, which it follows. */
const training: TrainingSpecification = {
  batch: 100,
  optimiser: { kind: 'sgd', momentum: 0.9 },
  weightDecay: 0.0001,
  learningRate: [...Array<number>(30).fill(0.05), ...Array<number>(10).fill(0.005), ...Array<number>(5).fill(0.0005)],
  loss: 'cross-entropy',
  preparation: 'whitening',
  augmentation: { mirror: 'batch' },
};

const usual = { weights: 0.1, biases: 2 };
const classifier = { weights: 0.01, biases: 0.2 };

const sigmoid: LayerSpecification = { kind: 'sigmoid' };

/** 3x3, stride 2, one pixel of padding at the bottom and the right: 32 -> 16 -> 8 -> 4. */
const pool = (operation: 'max' | 'average'): LayerSpecification => ({
  kind: 'pooling',
  operation,
  size: 3,
  stride: 2,
  padding: 'same',
});

const convolution = (
  kernel: number,
  channels: number,
  { padding = 'same', deviation = 0.05, learningRate = usual }: Partial<Omit<ConvolutionOptions, 'kind'>> = {},
): LayerSpecification => ({ kind: 'convolution', kernel, channels, padding, deviation, learningRate });
type ConvolutionOptions = Extract<LayerSpecification, { kind: 'convolution' }>;

const first = { deviation: 0.01 };
const whole = { padding: 'valid' } as const;
const last = { learningRate: classifier };

/** LeNet's row order with the widths of its four hidden convolutions, and the deviation of their initial weights. */
const lenetLayers = (widths: readonly [number, number, number, number], deviation = 0.05): LayerSpecification[] => [
  convolution(5, widths[0], first),
  pool('max'),
  relu,
  convolution(5, widths[1], { deviation }),
  relu,
  pool('average'),
  convolution(5, widths[2], { deviation }),
  relu,
  pool('average'),
  convolution(4, widths[3], { ...whole, deviation }),
  relu,
  convolution(1, 10, { ...last, deviation }),
];

const shallowLayers: LayerSpecification[] = [
  convolution(5, 16, first),
  pool('max'),
  relu,
  convolution(5, 20),
  relu,
  pool('average'),
  convolution(5, 20),
  relu,
  pool('average'),
  convolution(4, 10, { ...whole, ...last }),
];

const repeated = (times: number, layer: LayerSpecification): LayerSpecification[] =>
  Array.from({ length: times }, () => [layer, relu]).flat();

const deepLayers: LayerSpecification[] = [
  convolution(5, 32, first),
  pool('max'),
  relu,
  ...repeated(4, convolution(5, 32)),
  pool('average'),
  ...repeated(8, convolution(5, 64)),
  pool('average'),
  convolution(4, 64, whole),
  relu,
  ...repeated(3, convolution(4, 64)),
  convolution(1, 10, last),
];

const lenet = lenetLayers([32, 32, 64, 64]);
/**
 * With lenet's deviation of 0.05 the activations of each wide layer would be four times as strong as those of the one
 * before: the loss is infinite after four steps, here and in PyTorch. With that of the first layer it learns.
 */
const wide = lenetLayers([256, 256, 512, 512], first.deviation);

/** `row` counts from 1, as the paper does, here and below. */
const replaceRow = (layers: LayerSpecification[], row: number, layer: LayerSpecification): LayerSpecification[] =>
  layers.with(row - 1, layer);

const insertAfter = (layers: LayerSpecification[], row: number, layer: LayerSpecification): LayerSpecification[] =>
  layers.toSpliced(row, 0, layer);

const network = cifarNetworks(training);

export const lenetFamily: readonly NetworkSpecification[] = [
  network('shallow', 'fewer layers and neurons than lenet', shallowLayers),
  network('lenet', "the paper's baseline", lenet),
  network('lenet-w', 'lenet with eight times the neurons', wide),
  network('lenet-d', 'lenet with 18 convolutions', deepLayers),
  network('lenet-w-bn', 'lenet-w with batch normalisation after layer 4', insertAfter(wide, 4, batchNormalisation)),
  network('lenet-sig1', 'lenet with a sigmoid for its first relu', replaceRow(lenet, 3, sigmoid)),
  network('lenet-sig4', 'lenet with a sigmoid for its fourth relu', replaceRow(lenet, 11, sigmoid)),
  network(
    'lenet-sig4-bn',
    'lenet-sig4 with batch normalisation before the sigmoid',
    insertAfter(replaceRow(lenet, 11, sigmoid), 10, batchNormalisation),
  ),
  network('lenet-bn', 'lenet with batch normalisation after every convolution', normaliseConvolutions(lenet)),
  network(
    'shallow-bn',
    'shallow with batch normalisation after every convolution',
    normaliseConvolutions(shallowLayers),
  ),
];
