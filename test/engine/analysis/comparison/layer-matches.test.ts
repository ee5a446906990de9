import { expect, test } from 'vitest';
import { matchLayers } from '../../../../src/engine/analysis/comparison/layer-matches.ts';

const layers = (text: string): Parameters<typeof matchLayers>[0] =>
  text.split(' ').map((word) => {
    const [name, kind] = word.split(':');
    return { name, kind: kind as 'dense' };
  });

test.each([
  ['a:dense b:dense', 'b:dense a:dense', ['0-1', '1-0'], [], []],
  ['c1:convolution r1:activation c2:convolution', 'conv1:convolution act1:activation', ['0-0', '1-1'], [2], []],
  ['x:dense y:activation', 'x:activation y:dense', ['0-1', '1-0'], [], []],
  ['x:dense', 'y:pooling z:dense w:dense', ['0-1'], [], [0, 2]],
  ['p:dense q:dense', 'r:dense p:dense', ['0-1', '1-0'], [], []],
])('%s with %s: %j', (a, b, pairs, onlyA, onlyB) => {
  const found = matchLayers(layers(a), layers(b));
  expect(found.pairs.map((pair) => `${pair.a}-${pair.b}`)).toEqual(pairs);
  expect(found.onlyA).toEqual(onlyA);
  expect(found.onlyB).toEqual(onlyB);
});
