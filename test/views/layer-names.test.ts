import { describe, expect, it } from 'vitest';
import { placedLayers, resnet50Names } from './deep-run.ts';
import { textWidth } from '../../src/imaging/cells/graphemes.ts';
import { shortNames } from '../../src/views/text/layer-names.ts';
import { itKeepsFrames, stateOf, textOf } from './frame-files.ts';
import { after, press } from './fake-run.ts';

const vit = [
  'conv_proj',
  ...Array.from({ length: 12 }, (_, block) =>
    ['ln_1', 'self_attention', 'self_attention.out_proj', 'ln_2', 'mlp.0', 'mlp.1', 'mlp.3'].map(
      (part) => `encoder.layers.encoder_layer_${block}.${part}`,
    ),
  ).flat(),
  'encoder.ln',
  'heads.head',
];

const gpt = Array.from({ length: 12 }, (_, block) =>
  ['ln_1', 'attn.c_attn', 'attn.c_proj', 'ln_2', 'mlp.c_fc', 'mlp.c_proj'].map(
    (part) => `transformer.h.${block}.${part}`,
  ),
).flat();

itKeepsFrames({ 'deep names': [{ source: 'run', events: placedLayers(resnet50Names) }] });

it('leaves normalisation rows out of the scale that all rows share, of density alone', () => {
  const events = placedLayers(['conv1', 'bn1', 'relu'], 1).map((event) =>
    event.type === 'epoch'
      ? { ...event, record: { ...event.record, layers: { density: [0.1, 0.9, 0.3], discriminability: [1, 9, 3] } } }
      : event,
  );
  const scene = [{ source: 'run' as const, events }];
  const state = stateOf([...scene, ...press('scale', 'next-metric')], { columns: 80, rows: 24 }, 'none');
  expect(textOf(state)).toMatch(/density +0\.100 \S+ 0\.300 +common/);
  expect(textOf(after(press('next-metric'), state))).toMatch(/discriminability +1\.00 \S+ 9\.00 +common/);
  const alone = placedLayers(['bn1', 'bn2'], 2);
  const known = stateOf(
    [{ source: 'run', events: alone }, ...press('scale', 'next-metric')],
    { columns: 80, rows: 24 },
    'none',
  );
  expect(textOf(known)).toMatch(/density +0\.\d+ \S+ 0\.\d+ +common/);
});

describe('names of layers in few columns', () => {
  it.each([
    ['a ResNet-50', resnet50Names, 11],
    ['a ResNet-50', resnet50Names, 12],
    ['a vision transformer', vit, 11],
    ['a GPT', gpt, 11],
    ['names with others in front', ['layer1.0.conv2', '网络.layer1.0.conv2', 'x.layer1.0.conv2'], 11],
    ['names without dots', ['first_convolution_1', 'first_convolution_2', 'first'], 11],
  ])('of %s are told apart', (_, names, width) => {
    const short = shortNames(names, width);
    expect(new Set(short).size).toBe(names.length);
    for (const name of short) expect(textWidth(name)).toBeLessThanOrEqual(width);
  });

  it('lose their beginning, and only where that is not enough parts of their words', () => {
    expect(shortNames(['layer1.0.conv2', 'layer1.1.conv2', 'fc'], 12)).toEqual(['…er1.0.conv2', '…er1.1.conv2', 'fc']);
    const names = ['layer1.0.downsample.0', 'layer2.0.downsample.0'];
    expect(shortNames(names, 12)).toEqual(['l1.0.downs.0', 'l2.0.downs.0']);
    expect(shortNames(['convolution with a long label'], 12)).toEqual(['convolution…']);
    expect(shortNames(['layer1.0.conv2'], 8, '~')).toEqual(['~0.conv2']);
    expect(shortNames(['layer1.0.conv2', ''], 0)).toEqual(['', '']);
  });

  it.each([
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
  ])('stand on the screen, $columns x $rows', (size) => {
    const events = placedLayers(['layer1.0.conv2', 'layer1.1.conv2']);
    const state = stateOf([{ source: 'run', events }], size, 'none');
    // A wide screen has room for them.
    const cut = size.columns < 100;
    expect(textOf(state)).toMatch(
      cut ? /1 …r1\.0\.conv2[^]*2 …r1\.1\.conv2/ : /1 layer1\.0\.conv2 [^]*2 layer1\.1\.conv2 /,
    );
    const ascii = textOf(stateOf([{ source: 'run', events }], size, 'none', true));
    expect(ascii).toContain(cut ? '2 ~r1.1.conv2' : '2 layer1.1.conv2');
    const layer = textOf(stateOf([{ source: 'run', events }, ...press('open')], size, 'none'));
    expect(layer).toMatch(/layer 1 of 2 +layer1\.0\.conv2 +\d/);
  });
});
