import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeSafetensors, type TensorToWrite } from '../../../src/engine/arrays/index.ts';
import { DeepviewError } from '../../../src/engine/base/errors.ts';
import {
  featureEpochs,
  newestFeatures,
  noFeatures,
  readFeatures,
  writeFeatures,
} from '../../../src/engine/run/features.ts';
import { type Features } from '../../../src/engine/run/index.ts';
import type { LayerRecord } from '../../../src/engine/run/format.ts';
import { runFiles } from '../../../src/engine/run/layout.ts';
import { epochOf, headerOf, temporary } from './sample-run.ts';
import { createRun, resumeRun } from '../../support/held-run.ts';

const header = headerOf();
const [conv] = header.network.layers;

/** Three neurons of four patches; the last neuron has only two. */
const features: Features = {
  neurons: 3,
  perNeuron: 4,
  image: Int32Array.of(3, 1, 2, 0, 19, 18, 17, 16, 5, 6, -1, -1),
  y: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0),
  x: Int32Array.of(7, 6, 5, 4, 3, 2, 1, 0, 7, 7, 0, 0),
  activation: Float32Array.of(9, 8, 7, 6, 5, 4, 3, 2, 1, -1, 0, 0),
};
const layers = [features, { ...features, activation: features.activation.map((value) => value / 2) }];

test('what is written is read, layer by layer, and written again is replaced', async () => {
  const run = await temporary();
  await writeFeatures(run, header, 12, [layers[1], layers[0]]);
  await writeFeatures(run, header, 12, layers);
  expect(await readFeatures(run, header, 12, conv)).toEqual(features);
  expect(await readFeatures(run, header, 12, header.network.layers[1])).toEqual(layers[1]);
  expect(await readdir(`${run}/features/000012`)).toEqual(['01.safetensors', '02.safetensors', 'features.json']);
});

test('positions in a layer of more than 32 767 pixels a side are what they were', async () => {
  const run = await temporary();
  const [first, ...others] = header.network.layers;
  const wide: LayerRecord = { ...first, shape: [1, 40_000, 3] };
  const far = { ...features, y: new Int32Array(12), x: features.x.map((x) => 39_999 - x) };
  const its = headerOf({ network: { ...header.network, layers: [wide, ...others] } });
  await writeFeatures(run, its, 1, [far, layers[1]]);
  expect(await readFeatures(run, its, 1, wide)).toEqual(far);
});

test('old checksums do not vouch for files of which only some were written anew', async () => {
  const run = await temporary();
  await writeFeatures(run, header, 12, layers);
  const second = runFiles.features(run, 12, 2);
  await rm(second);
  // As a writer leaves it that is killed before its second file.
  await mkdir(second);
  await expect(writeFeatures(run, header, 12, [layers[1], layers[0]])).rejects.toThrow('02.safetensors');
  expect(await featureEpochs(run)).toEqual([]);
});

test('only epochs written to the end have features; the newest up to an epoch is found', async () => {
  const run = await temporary();
  expect(await featureEpochs(run)).toEqual([]);
  for (const epoch of [10, 1, 5]) await writeFeatures(run, header, epoch, layers);
  await rm(runFiles.featureIndex(run, 5));
  await mkdir(`${run}/features/rubbish`);
  await mkdir(`${run}/features/000099`);
  expect(await featureEpochs(run)).toEqual([1, 10]);
  expect([await newestFeatures(run, 9), await newestFeatures(run, 10), await newestFeatures(run, 0)]).toEqual([
    1,
    10,
    undefined,
  ]);
  expect(noFeatures({ ...headerOf(), clock: 'step' }, 3000, 'mine')).toMatchObject({
    code: 'no-features',
    message: 'The run has no strongest patches at or before step 3000.',
    exitCode: 4,
    hint: expect.stringContaining('`deepview-tui train --resume mine --features 1`') as string,
  });
  const other = headerOf({ program: { name: 'recorder', version: '1' } });
  expect(noFeatures(other, 3, 'mine').hint).toBe(
    'What wrote the run, recorder, may write them as docs/run-format.md says (features/).',
  );
  expect(noFeatures({ ...other, dataset: { ...other.dataset, imageShape: [1, 1, 1] } }, 3, 'mine').hint).toBe(
    'Patches are cut from images, and this run says of none.',
  );
});

test('going on with a run removes the features of epochs that were not committed, or not written to the end', async () => {
  const run = await temporary();
  const writer = await createRun(run, header);
  for (const epoch of [1, 2]) {
    await writer.writeFeatures(epoch, layers);
    const { record, layers: data } = epochOf(header, epoch);
    await writer.commitEpoch(record, data);
  }
  await writer.writeFeatures(3, layers);
  await rm(runFiles.featureIndex(run, 1));
  await writer.close();
  await (await resumeRun(run)).close();
  expect(await readdir(`${run}/features`)).toEqual(['000002']);
});

test('a full or closed directory loses nothing that was there and is named', async () => {
  const run = await temporary();
  await writeFile(`${run}/features`, 'a file');
  await expect(writeFeatures(run, header, 1, layers)).rejects.toMatchObject({ code: 'not-a-directory' });
});

describe('damage', () => {
  /** A layer's file with these tensors, sealed as it is. */
  async function written(changes: Record<string, Partial<TensorToWrite>>): Promise<string> {
    const run = await temporary();
    await writeFeatures(run, header, 1, layers);
    const shape = [3, 4];
    const tensors: Record<string, TensorToWrite> = {
      image: { type: 'int32', shape, data: features.image },
      y: { type: 'int32', shape, data: features.y },
      x: { type: 'int32', shape, data: features.x },
      activation: { type: 'float32', shape, data: features.activation },
    };
    for (const [name, change] of Object.entries(changes)) Object.assign(tensors[name], change);
    const bytes = Buffer.concat(encodeSafetensors(new Map(Object.entries(tensors))));
    await writeFile(runFiles.features(run, 1, 1), bytes);
    const checksum = { index: 1, bytes: bytes.length, crc32: crc32(bytes) };
    await writeFile(runFiles.featureIndex(run, 1), JSON.stringify({ format: 1, epoch: 1, layers: [checksum] }));
    return run;
  }
  const changed = (values: Int32Array | Float32Array, at: number, value: number) => ({ data: values.with(at, value) });

  test.each<[string, Record<string, Partial<TensorToWrite>>, string]>([
    [
      'an image that is not there',
      { image: changed(features.image, 0, 20) },
      'patch 0 of neuron 0 is of image 20 of 20',
    ],
    ['an image below zero', { image: changed(features.image, 5, -2) }, 'patch 1 of neuron 1 is of image -2'],
    ['a gap', { image: changed(features.image, 1, -1) }, 'patch 2 of neuron 0 follows one that is missing'],
    ['a position outside', { y: changed(features.y, 4, 8) }, 'patch 0 of neuron 1 is at (3, 8), outside of 8x8'],
    ['a position at the border', { x: changed(features.x, 4, 8) }, 'is at (8, 4), outside of 8x8'],
    ['a row before', { y: changed(features.y, 4, -1) }, 'is at (3, -1), outside'],
    ['a position before', { x: changed(features.x, 4, -1) }, 'is at (-1, 4), outside'],
    ['no number', { activation: changed(features.activation, 2, NaN) }, 'patch 2 of neuron 0 has the activation NaN'],
    [
      'a wrong order',
      { activation: changed(features.activation, 1, 99) },
      'patch 1 of neuron 0 is stronger than the one',
    ],
    ['a wrong type', { y: { type: 'float32', data: new Float32Array(12) } }, 'y is float32 [3, 4], not int16 or int32'],
    ['another shape', { x: { shape: [4, 3] } }, 'x is int32 [4, 3]'],
    ['other neurons', { image: { shape: [2, 6] } }, 'image is [2, 6], not [3, patches]'],
  ])('%s is refused by name', async (_, changes, message) => {
    const run = await written(changes);
    const reading = readFeatures(run, header, 1, conv);
    await expect(reading).rejects.toMatchObject({ code: 'bad-run', exitCode: 4 });
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow('01.safetensors');
  });

  test('a file cut short, and one that is gone, are named', async () => {
    const run = await written({});
    expect(await readFeatures(run, header, 1, conv)).toEqual(features);
    const path = runFiles.features(run, 1, 1);
    await truncate(path, 100);
    await expect(readFeatures(run, header, 1, conv)).rejects.toMatchObject({ code: 'bad-run', exitCode: 4 });
    await expect(readFeatures(run, header, 1, conv)).rejects.toThrow('it has 100 bytes, not the');
    await rm(path);
    await expect(readFeatures(run, header, 1, conv)).rejects.toMatchObject({ code: 'not-found', exitCode: 4 });
    await expect(readFeatures(run, header, 1, header.network.layers[1])).rejects.toThrow('it has no layer 2');
  });

  test('whatever a file or its checksums become, reading gives what was written or says what is wrong', async () => {
    const run = await temporary();
    await writeFeatures(run, header, 1, layers);
    const paths = [runFiles.features(run, 1, 1), runFiles.featureIndex(run, 1)];
    const whole = await Promise.all(paths.map((path) => readFile(path)));
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.nat(), fc.nat(7), fc.boolean(), async (which, at, bit, cut) => {
        const bytes = Buffer.from(whole[which]);
        bytes[at % bytes.length] ^= 1 << bit;
        await writeFile(paths[which], cut ? bytes.subarray(0, at % bytes.length) : bytes);
        try {
          expect(await readFeatures(run, header, 1, conv)).toEqual(features);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DeepviewError);
          expect((thrown as DeepviewError).exitCode).toBe(4);
        } finally {
          await writeFile(paths[which], whole[which]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
