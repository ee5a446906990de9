import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { encodeSafetensors, type TensorToWrite } from '../../../../src/engine/arrays/index.ts';
import { buildModel, type Model } from '../../../../src/engine/training/model.ts';
import type { ModelState } from '../../../../src/engine/training/model-state.ts';
import { conventional, permuted, weightForms, inputShapes } from '../../../../src/engine/training/weights/forms.ts';
import { readWeights } from '../../../../src/engine/training/weights/read-weights.ts';
import { quickEngine, useEngine } from '../../../support/engines.ts';
import { hashed } from '../../../../src/engine/training/reference/cases.ts';
import { small } from './small-network.ts';

const inputOf = inputShapes(small);
const images = hashed(4 * 96, 5, 1);
type Tensors = Map<string, TensorToWrite>;

let home: string;
let model: Model;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'deepview-weights-'));
  model = buildModel(await useEngine(quickEngine), small, 1);
  // So that saved statistics and normalisation are not what a new network has.
  await model.train(images, [0, 1, 2, 3], { learningRate: 0.1, epoch: 1, batch: 1 });
});
afterAll(async () => {
  model.dispose();
  await rm(home, { recursive: true });
});

const tensorsOf = (state: ModelState): Tensors =>
  new Map([...state].map(([name, tensor]) => [name, { type: 'float32', ...tensor }]));
const exported = async (): Promise<Tensors> => tensorsOf(conventional(await model.state(), inputOf));

async function fileOf(tensors: Tensors, metadata: Record<string, string> = {}): Promise<string> {
  const path = join(home, 'weights.safetensors');
  await writeFile(path, Buffer.concat(encodeSafetensors(tensors, metadata)));
  return path;
}
const read = async (tensors: Tensors, metadata: Record<string, string> = {}) =>
  readWeights(await fileOf(tensors, metadata), await model.state(), small.name, inputOf);

test('axes in another order hold the same values at their new places', () => {
  const side = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(fc.tuple(side, side, side), fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (shape, order) => {
      const data = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, at) => at);
      const found = permuted(data, shape, order);
      const moved = order.map((axis) => shape[axis]);
      found.forEach((value, at) => {
        const place = [Math.floor(at / (moved[1] * moved[2])), Math.floor(at / moved[2]) % moved[1], at % moved[2]];
        const own = [0, 1, 2].map((axis) => place[order.indexOf(axis)]);
        expect(value).toBe((own[0] * shape[1] + own[1]) * shape[2] + own[2]);
      });
    }),
  );
});

describe('weights in a file', () => {
  it('have the names and shapes of PyTorch', async () => {
    expect(weightForms(await model.state(), inputOf).map(({ name, shape }) => `${name} ${shape.join()}`)).toEqual([
      'conv1.weight 4,2,3,3',
      'conv1.bias 4',
      'bn1.weight 4',
      'bn1.bias 4',
      'bn1.running_mean 4',
      'bn1.running_var 4',
      'conv2.weight 6,2,3,3',
      'ln1.weight 6',
      'ln1.bias 6',
      'dense1.weight 7,72',
      'dense1.bias 7',
      'dense2.weight 5,7',
      'dense2.bias 5',
    ]);
  });

  it('of a dense layer follow channels, rows, columns', () => {
    // [1, 2, 2] pixels and channels, 1 unit: ours are (x0 c0) (x0 c1) (x1 c0) (x1 c1).
    const state = new Map([['dense1.weights', { shape: [4, 1], data: Float32Array.of(1, 2, 3, 4) }]]);
    const found = conventional(state, () => [1, 2, 2]);
    expect(found.get('dense1.weight')).toEqual({ shape: [1, 4], data: Float32Array.of(1, 3, 2, 4) });
  });

  it('come back as they went, under their names, halves and doubles too', async () => {
    const { state, origin } = await read(await exported());
    const kept = [...(await model.state())].filter(([name]) => !name.endsWith('.velocity'));
    expect([...state]).toEqual(kept);
    expect(origin).toMatchObject({ file: 'weights.safetensors', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const other = buildModel(await useEngine(quickEngine), small, 2);
    expect(await other.logits(images)).not.toEqual(await model.logits(images));
    other.restore(state);
    expect(await other.logits(images)).toEqual(await model.logits(images));
    other.dispose();

    const wide = await exported();
    for (const [name, tensor] of wide) {
      wide.set(name, { ...tensor, type: 'float64', data: Float64Array.from(tensor.data as Float32Array) });
    }
    expect([...(await read(wide)).state]).toEqual(kept);
    const half = await exported();
    for (const [name, tensor] of half) half.set(name, { ...tensor, type: 'float16' });
    const bias = (await read(half)).state.get('bn1.mean')!.data;
    (await model.state()).get('bn1.mean')!.data.forEach((value, at) => expect(bias[at]).toBeCloseTo(value, 3));
  });

  it('may be a checkpoint, whose optimiser state is passed over', async () => {
    const checkpoint = await model.state();
    expect(checkpoint.has('conv1.weights.velocity')).toBe(true);
    checkpoint.set('optimiser.step', { shape: [1], data: Float32Array.of(3) });
    const { state } = await read(tensorsOf(checkpoint), { format: 'deepview-checkpoint', epoch: '1' });
    expect([...state]).toEqual([...(await model.state())].filter(([name]) => !name.endsWith('.velocity')));
  });

  it('may hold what PyTorch counts beside batch normalisation', async () => {
    const counted = (await exported()).set('bn1.num_batches_tracked', {
      type: 'int64',
      shape: [],
      data: BigInt64Array.of(7n),
    });
    await expect(read(counted)).resolves.toBeDefined();
  });

  it.each<[string, (tensors: Tensors) => unknown]>([
    ['it lacks conv1.bias, dense2.weight', (all) => [all.delete('conv1.bias'), all.delete('dense2.weight')]],
    ['it has conv9.weight, unknown to the network', (all) => all.set('conv9.weight', all.get('conv1.weight')!)],
    ['it has x\ufffdy, unknown to the network', (all) => all.set('x\u001by', all.get('conv1.weight')!)],
    [
      'dense2.weight is [7, 5], not [5, 7]',
      (all) => all.set('dense2.weight', { ...all.get('dense2.weight')!, shape: [7, 5] }),
    ],
    [
      'conv1.bias is int32, not floating point',
      (all) => all.set('conv1.bias', { type: 'int32', shape: [4], data: new Int32Array(4) }),
    ],
    [
      'value 2 of bn1.running_var is NaN, not a finite number',
      (all) => ((all.get('bn1.running_var')!.data as Float32Array)[2] = NaN),
    ],
    [
      'value 0 of bn1.bias is Infinity, not a finite number',
      (all) => all.set('bn1.bias', { type: 'float64', shape: [4], data: Float64Array.of(1e300, 0, 0, 0) }),
    ],
    ['it lacks conv1.weight, conv1.bias, bn1.weight, bn1.bias, bn1.running_mean', (all) => all.clear()],
    [
      'and 12 more',
      (all) => {
        for (let at = 0; at < 20; at++) all.set(`more${at}`, { type: 'float32', shape: [1], data: Float32Array.of(1) });
      },
    ],
  ])('are refused: %s', async (message, spoil) => {
    const tensors = await exported();
    spoil(tensors);
    await expect(read(tensors)).rejects.toMatchObject({
      code: 'wrong-weights',
      exitCode: 4,
      message: expect.stringContaining(message) as string,
    });
  });

  it('are refused where the file is none, cut short, or not there', async () => {
    const path = await fileOf(await exported());
    const whole = Buffer.concat(encodeSafetensors(await exported()));
    const refusal = (why: RegExp) => ({ exitCode: 4, message: expect.stringMatching(why) as string });
    const again = async () => readWeights(path, await model.state(), small.name, inputOf);
    await writeFile(path, whole.subarray(0, whole.length - 4));
    await expect(again()).rejects.toMatchObject(refusal(/ends at byte/));
    await writeFile(path, 'not weights at all');
    await expect(again()).rejects.toMatchObject(refusal(/header/));
    await rm(path);
    await expect(again()).rejects.toMatchObject(refusal(/no such file/));
  });
});
