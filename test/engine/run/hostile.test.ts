import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeepviewError } from '../../../src/engine/base/errors.ts';
import { openRun, summariseRun } from '../../../src/engine/run/index.ts';
import { headerOf, temporary, writeRun } from './sample-run.ts';

/** A run whose run.json has another value at a path of keys; undefined removes the field. */
async function withHeader(path: readonly (string | number)[], value: unknown): Promise<string> {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1 });
  const header: unknown = structuredClone(headerOf());
  const changed = path.length === 0 ? value : header;
  let parent = header as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  if (path.length > 0) parent[path[path.length - 1]] = value;
  await writeFile(join(directory, 'run.json'), JSON.stringify(changed));
  return directory;
}

/** All that a run keeps, read as a list of runs, the screen and its questions read it. */
async function readAll(directory: string) {
  await summariseRun(directory);
  const run = await openRun(directory);
  const values = [];
  for (const { number } of run.records) {
    for (const layer of run.header.network.layers) {
      const { density } = await run.neurons(number, layer.index);
      values.push({ layer, density, samples: await run.samples(number, layer.index) });
    }
  }
  return { run, values };
}

test('a directory without run.json is not a run', async () => {
  await expect(openRun(await temporary())).rejects.toMatchObject({ code: 'not-a-run', exitCode: 4 });
  await expect(openRun('/nowhere/at/all')).rejects.toMatchObject({ code: 'not-a-run', exitCode: 4 });
});

test('what an activation lies between is what the run says, or what the name of one in format 1 stands for', async () => {
  const rangeWith = async (changes: object): Promise<unknown> => {
    const { network, ...run } = headerOf();
    const [first, layer] = network.layers;
    const layers = [first, { ...layer, ...changes }];
    const { header } = await openRun(await withHeader([], { ...run, format: 1, network: { ...network, layers } }));
    return header.network.layers[1].range;
  };
  expect(await rangeWith({})).toBeUndefined();
  expect(await rangeWith({ range: [0, 6] })).toEqual([0, 6]);
  expect(await rangeWith({ label: 'sigmoid' })).toEqual([0, 1]);
  expect(await rangeWith({ name: 'Tanh_2' })).toEqual([-1, 1]);
  expect(await rangeWith({ label: 'sigmoid', kind: 'convolution' })).toBeUndefined();
});

test('a newer format asks for a newer program', async () => {
  await expect(openRun(await withHeader(['format'], 3))).rejects.toMatchObject({
    code: 'newer-format',
    exitCode: 4,
    message: expect.stringContaining('the run has format 3; this program reads up to format 2'),
    hint: expect.stringContaining('Update'),
  });
});

test.each([
  [['format'], 'one', 'format must be a whole number from 1 to 9007199254740991; it is "one"'],
  [['network', 'layers'], {}, 'network.layers must be a list of 1 to 4096'],
  [['network', 'layers'], [], 'each an object with index, name'],
  [
    ['network', 'layers', 1, 'units'],
    1e9,
    'network.layers[1].units must be a whole number from 1 to 65536; it is 1000000000',
  ],
  [['network', 'layers', 1, 'units'], 2.5, 'network.layers[1].units must be a whole number from 1 to 65536; it is 2.5'],
  [['network', 'layers', 1, 'index'], 7, 'network.layers[1].index is 7, not 2'],
  [['network', 'layers', 1, 'name'], 'conv1', 'network.layers[1].name repeats "conv1"'],
  [['network', 'layers', 0, 'kind'], 'magic', 'network.layers[0].kind must be "convolution"'],
  [['network', 'layers', 1, 'range'], [1, 0], 'network.layers[1].range does not begin below its end'],
  [
    ['network', 'layers', 1, 'range'],
    [0],
    'network.layers[1].range must be a list of 2, each a number; it is a list of 1',
  ],
  [['probe', 'labels', 0], 2, 'probe.labels[0] is 2, not 0 to 1'],
  [['probe', 'indices'], [1, 2], 'probe.indices has 2 entries where probe.labels has 6'],
  [['dataset', 'classes'], 'cat', 'dataset.classes must be a list of 0 to 4096'],
  [
    ['training', 'optimiser'],
    { kind: 'magic' },
    'training.optimiser.kind must be "sgd", "adam" or "adamw"; it is "magic"',
  ],
  [
    ['training', 'optimiser'],
    { kind: 'adam', beta1: 2 },
    'training.optimiser.beta1 must be a number from 0, below 1; it is 2',
  ],
  [
    ['training', 'augmentation'],
    { mirror: true },
    'training.augmentation.mirror must be "batch" or "image"; it is true',
  ],
  [['training', 'loss'], 'hinge', 'training.loss must be "cross-entropy" or "squared-error"; it is "hinge"'],
  [
    ['training', 'earlyStopping'],
    { patience: 0 },
    'training.earlyStopping.patience must be a whole number from 1 to 1000000; it is 0',
  ],
  [['network', 'specification'], [], 'network.specification must be an object'],
  [
    ['network', 'specification'],
    { name: 'n', description: '', inputShape: [8, 8, 3], layers: [{ kind: 'dense', units: -1 }] },
    'network.specification.layers[0].units must be a whole number from 1 to 65536 or "classes"; it is -1',
  ],
  [['createdAt'], 'yesterday', 'createdAt must be a time (ISO 8601); it is "yesterday"'],
  [[], [], 'its content must be an object with format; it is a list of 0'],
])('run.json with a wrong value at %j names file and field', async (path, value, message) => {
  const opening = openRun(await withHeader(path, value));
  await expect(opening).rejects.toMatchObject({ exitCode: 4, message: expect.stringMatching(/run\.json: /) });
  await expect(opening).rejects.toThrow(message);
});

test('a run of before optimisers were a choice says the same in other words', async () => {
  const old = { epochs: 1, batch: 10, learningRate: [0.05], momentum: 0.8, weightDecay: 0, mirror: true };
  const { header } = await openRun(await withHeader(['training'], { ...old, loss: 'cross-entropy' }));
  expect(header.training).toMatchObject({
    optimiser: { kind: 'sgd', momentum: 0.8 },
    augmentation: { mirror: 'batch' },
    loss: 'cross-entropy',
  });
  const silent = await openRun(await withHeader(['training'], undefined));
  expect(silent.header.training).toEqual({
    ...{ epochs: 0, batch: 0, learningRate: [], weightDecay: 0, augmentation: {}, loss: 'cross-entropy' },
  });
});

test('names with control characters are made safe on reading', async () => {
  const network = await openRun(await withHeader(['network', 'name'], 'net\u001b[2Jwork'));
  expect(network.header.network.name).toBe('net\ufffd[2Jwork');
  const classes = await openRun(await withHeader(['dataset', 'classes', 0], 'di\u0007sc\u202e'));
  expect(classes.header.dataset.classes[0]).toBe('di\ufffdsc\ufffd');
});

test('whatever bytes are flipped or cut, there is an error that says so or a consistent run', async () => {
  const original = join(await temporary(), 'run');
  await writeRun(original);
  const { run: whole, values: wholeValues } = await readAll(original);
  expect([whole.records.length, wholeValues.length]).toEqual([3, 6]);
  const files = ['run.json', 'epochs.jsonl', 'epochs/000001.safetensors', 'epochs/000003.safetensors'];
  const damage = fc.record({
    file: fc.constantFrom(...files),
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 3 }),
    flips: fc.array(fc.tuple(fc.double({ min: 0, max: 0.9999, noNaN: true }), fc.nat(7)), {
      minLength: 1,
      maxLength: 3,
    }),
  });
  const copies = await temporary();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, cut, flips }) => {
      const directory = join(copies, String(count++));
      await cp(original, directory, { recursive: true });
      const path = join(directory, file);
      const bytes = await readFile(path);
      if (cut !== null) await writeFile(path, bytes.subarray(0, Math.floor(cut * bytes.length)));
      else {
        for (const [place, bit] of flips) bytes[Math.floor(place * bytes.length)] ^= 1 << bit;
        await writeFile(path, bytes);
      }
      const found = await readAll(directory).catch((thrown: unknown) => thrown);
      if (found instanceof DeepviewError) {
        expect(found.exitCode).toBe(4);
        expect(found.message).toContain(directory);
        return;
      }
      // Anything else is a defect, not bad input.
      if (found instanceof Error) throw found;
      const { run, values } = found as Awaited<ReturnType<typeof readAll>>;
      const layers = run.header.network.layers.length;
      expect(run.records.map(({ number }) => number)).toEqual([1, 2, 3].slice(0, run.records.length));
      for (const record of run.records) expect(record.layers.discriminability).toHaveLength(layers);
      for (const { layer, density, samples } of values) {
        expect(density).toHaveLength(layer.units);
        expect(samples).toHaveLength(layer.units * run.header.probe.indices.length);
      }
      // What is sealed and was read without an error is what was written; run.json has no seal.
      if (file === 'run.json') return;
      expect(run.records).toEqual(whole.records.slice(0, run.records.length));
      expect(values).toEqual(wholeValues.slice(0, values.length));
      if (file.startsWith('epochs/')) expect(await readFile(path)).toEqual(await readFile(join(original, file)));
    }),
    { numRuns: 120 },
  );
  expect(await readdir(copies)).toHaveLength(count);
});
