import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { exportRun } from '../../src/commands/export.ts';
import type { NeuronJson } from '../../src/commands/show-json.ts';
import { show } from '../../src/commands/show.ts';
import { openSafetensors } from '../../src/engine/arrays/index.ts';
import { openRunImages } from '../../src/engine/analysis/run-images.ts';
import { demoRun } from '../../src/engine/base/program-files.ts';
import { openRun } from '../../src/engine/run/index.ts';
import { epochOf, headerOf, temporary, writeRun } from '../engine/run/sample-run.ts';
import { sceneIn } from './scene.ts';
import { createRun } from '../support/held-run.ts';

test('the strongest patches of a neuron are a contact sheet of their own pixels, enlarged', async () => {
  const directory = await temporary();
  const { context, out } = sceneIn(directory, true);
  const file = join(directory, 'patches.png');
  await exportRun({ run: 'demo', format: 'patches', place: '1/0', output: file }, context);
  const told = JSON.parse(out()) as { patches: number; epoch: number; width: number; height: number };
  const asked = sceneIn(directory, true);
  await show({ run: 'demo', layer: '1/0' }, asked.context);
  const { patches, featureEpoch } = JSON.parse(asked.out()) as NeuronJson;
  expect(told).toMatchObject({ format: 1, layer: 1, neuron: 0, epoch: featureEpoch, patches: patches.length });

  const { data, info } = await sharp(await readFile(file))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const columns = Math.ceil(Math.sqrt(patches.length));
  const [{ size }] = patches;
  const factor = Math.floor(32 / size);
  const tile = size * factor;
  expect([info.width, info.channels]).toEqual([columns * (tile + 1) - 1, 3]);
  expect([told.width, told.height]).toEqual([info.width, info.height]);
  const run = await openRun(demoRun());
  const images = await openRunImages(run.directory, run.header, context.paths);
  const [height, width] = images.imageShape;
  patches.forEach(({ image, y, x }, index) => {
    const pixels = images.pixels(image);
    const [left, top] = [(index % columns) * (tile + 1), Math.floor(index / columns) * (tile + 1)];
    for (const [row, column] of [
      [0, 0],
      [size - 1, size - 1],
      [2, 1],
    ]) {
      const isInside = y + row >= 0 && x + column >= 0 && y + row < height && x + column < width;
      if (!isInside) continue;
      const from = ((y + row) * width + x + column) * 3;
      const to = ((top + row * factor) * info.width + left + column * factor) * 3;
      expect([...data.subarray(to, to + 3)]).toEqual([...pixels.subarray(from, from + 3)]);
    }
  });
});

test('what has no patches, or is no neuron, is refused in a sentence', async () => {
  const directory = await temporary();
  const { context } = sceneIn(directory);
  const output = join(directory, 'patches.png');
  const exported = (run: string, place?: string) => exportRun({ run, format: 'patches', place, output }, context);
  await expect(exported('demo')).rejects.toMatchObject({
    exitCode: 2,
    hint: expect.stringContaining('4/17') as string,
  });
  await expect(exported('demo', '1')).rejects.toMatchObject({ code: 'usage', exitCode: 2 });
  await expect(exported('demo', '1/999')).rejects.toMatchObject({ code: 'unknown-neuron', exitCode: 2 });
  const run = join(context.paths.runs, '20260101-1200-tiny-aaaa');
  await writeRun(run, { header: headerOf({ id: '20260101-1200-tiny-aaaa' }) });
  await expect(exported('last', '1/0')).rejects.toMatchObject({ code: 'no-features', exitCode: 4 });
  await expect(readFile(output)).rejects.toThrow('ENOENT');
});

test('weights are those of the best epoch, which need not be the last, unless another is named', async () => {
  const { context, out } = sceneIn(await temporary(), true);
  const header = headerOf({ network: { ...headerOf().network, name: 'shallow' } });
  const writer = await createRun(join(context.paths.runs, header.id), header);
  for (const [epoch, error] of [
    [1, 0.5],
    [2, 0.2],
    [3, 0.4],
  ]) {
    const biases = { type: 'float32' as const, shape: [32], data: new Float32Array(32).fill(epoch) };
    await writer.writeCheckpoint(epoch, new Map([['conv1.biases', biases]]), { best: epoch < 3 });
    const { record, layers: data } = epochOf(header, epoch);
    await writer.commitEpoch({ ...record, scalars: { ...record.scalars, 'error/validation': error } }, data);
  }
  await writer.close();
  const output = join(context.cwd, 'weights.safetensors');
  const exported = async (epoch?: string): Promise<unknown[]> => {
    await exportRun({ run: 'last', format: 'weights', output, epoch }, context);
    const file = await openSafetensors(output);
    const { data } = await file.read('conv1.bias');
    await file.close();
    return [data[0], (JSON.parse(out().trim().split('\n').at(-1)!) as { epoch: number }).epoch];
  };
  expect(await exported()).toEqual([2, 2]);
  expect(await exported('last')).toEqual([3, 3]);
  await expect(exported('1')).rejects.toMatchObject({
    code: 'no-checkpoint',
    hint: expect.stringContaining('2, 3') as string,
  });
});

test('of a whole run no part is taken', async () => {
  const directory = await temporary();
  const { context } = sceneIn(directory);
  const exporting = exportRun({ run: 'demo', format: 'weights', place: '4', output: 'weights' }, context);
  await expect(exporting).rejects.toMatchObject({ message: '"4" is one word too many.', exitCode: 2 });
});

test('a hint names a run as a shell takes it', async () => {
  const { context } = sceneIn(await temporary());
  await expect(exportRun({ run: './a b', format: 'weights' }, context)).rejects.toMatchObject({
    hint: "Give -o FILE: deepview-tui export './a b' weights -o FILE",
  });
});
