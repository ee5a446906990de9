import type { LayerRecord } from '../../src/engine/run/format.ts';
import type { RunEvent } from '../../src/engine/training/messages.ts';
import { fakeEpoch, fakeHeader } from './fake-run.ts';

/** Names of a ResNet-50's modules as PyTorch has them, in the order they run: 126 rows. */
export const resnet50Names: readonly string[] = [
  ...['conv1', 'bn1', 'relu', 'maxpool'],
  ...[3, 4, 6, 3].flatMap((blocks, stage) =>
    Array.from({ length: blocks }, (_, block) =>
      [
        ...['conv1', 'bn1', 'conv2', 'bn2', 'conv3', 'bn3'],
        ...(block === 0 ? ['downsample.0', 'downsample.1'] : []),
        'relu',
      ].map((part) => `layer${stage + 1}.${block}.${part}`),
    ).flat(),
  ),
  ...['avgpool', 'fc'],
];

const kinds: readonly (readonly [part: RegExp, kind: LayerRecord['kind']])[] = [
  [/conv\d$|downsample\.0$/, 'convolution'],
  [/bn\d$|downsample\.1$/, 'normalisation'],
  [/relu$/, 'activation'],
  [/pool$/, 'pooling'],
  [/fc$/, 'dense'],
];

/** A finished run of layers that a recorder of another framework named. */
export function placedLayers(names: readonly string[], epochs = 5): RunEvent[] {
  const layers = names.map((name, place): LayerRecord => ({
    ...{ index: place + 1, name, label: name, units: 8, shape: [8, 8, 8], parameters: 0 },
    kind: kinds.find(([part]) => part.test(name))?.[1] ?? 'other',
    receptiveField: { size: 8, stride: 1, offset: 0 },
  }));
  const header = fakeHeader();
  const run = { ...header, network: { ...header.network, name: 'resnet50', layers } };
  return [
    { type: 'run', header: run, directory: '/runs/resnet50' },
    ...Array.from({ length: epochs }, (_, at): RunEvent => ({ type: 'epoch', record: fakeEpoch(run, at + 1) })),
    { type: 'state', state: 'finished' },
  ];
}
