import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { referenceCases } from '../../../src/engine/training/reference/cases.ts';
import { checkEngine } from '../../../src/engine/training/reference/check-engine.ts';
import { onEachEngine, useEngine } from '../../support/engines.ts';

const context = { onProgress: () => undefined, signal: new AbortController().signal };
const { layers, optimisers, losses } = await referenceCases();
const some = {
  layers: layers.filter(({ case: name }) => /^(addition|batch normalisation)$/.test(name)),
  optimisers: { adam: optimisers['adam'] },
  losses: losses.slice(0, 2),
};

it('is shipped with the cases that the tests have', () => {
  const kept = JSON.parse(readFileSync(new URL('./fixtures/lenet-losses.json', import.meta.url), 'utf8')) as number[];
  expect(losses).toEqual(kept);
  expect(losses[9]).toBeLessThan(0.8 * losses[0]);
  expect([layers.length > 50, Object.keys(optimisers).length]).toEqual([true, 9]);
});

onEachEngine(it, 'finds what the %s engine computes equal to the stored values, and measures it', async (name) => {
  const { checks, speed } = await checkEngine(await useEngine(name), some, context, [4]);
  expect(checks.map(({ cases, failed }) => [cases, failed])).toEqual([
    [2, []],
    [1, []],
    [2, []],
  ]);
  for (const { difference, tolerance } of checks) expect(difference).toBeLessThan(tolerance);
  expect(speed).toEqual([{ batch: 4, imagesPerSecond: expect.any(Number) }]);
});

it('names each case that differs: an output, a gradient, a moment, a loss', async () => {
  const wrong = structuredClone(some);
  wrong.layers[0].logits.values[0] += 0.01;
  const [, other] = wrong.layers;
  const [gradient] = Object.values(other.after).flatMap(({ velocity }) => velocity ?? []);
  gradient.values[0] += 0.01;
  Object.values(wrong.optimisers.adam.after)[0]['exp_avg'].values[0] *= 1.01;
  wrong.losses[1] *= 1.001;
  const { checks } = await checkEngine(await useEngine('wasm'), wrong, context, []);
  expect(checks.map(({ failed }) => failed)).toEqual([wrong.layers.map((each) => each.case), ['adam'], ['step 2']]);
});

it('counts what is not finite as different, and stops when it is told', async () => {
  const wrong = { ...some, losses: [Number.NaN] };
  const { checks } = await checkEngine(await useEngine('wasm'), wrong, context, []);
  expect(checks[2]).toMatchObject({ difference: Infinity, failed: ['step 1'] });
  const { signal } = { signal: AbortSignal.abort(new Error('told')) };
  await expect(checkEngine(await useEngine('wasm'), some, { ...context, signal }, [])).rejects.toThrow('told');
});
