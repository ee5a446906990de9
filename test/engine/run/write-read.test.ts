import { execFileSync } from 'node:child_process';
import { appendFile, copyFile, mkdir, readFile, readdir, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSafetensors } from '../../../src/engine/arrays/index.ts';
import { demoRun } from '../../../src/engine/base/program-files.ts';
import { neuronMetrics } from '../../../src/engine/metrics/index.ts';
import {
  checkpointEpochs,
  eventsOf,
  isUnprepared,
  openRun,
  readCheckpoint,
  statusOf,
  writeStatus,
} from '../../../src/engine/run/index.ts';
import { epochOf, headerOf, temporary, writeRun } from './sample-run.ts';
import { createRun, resumeRun } from '../../support/held-run.ts';

test('what was written is what is read', async () => {
  const directory = join(await temporary(), 'new', 'run');
  await writeRun(directory);
  const run = await openRun(directory);
  expect(run.header).toEqual(headerOf());
  expect(run.records).toEqual([1, 2, 3].map((epoch) => epochOf(run.header, epoch).record));
  expect([run.state, run.notices]).toEqual(['finished', []]);
  const { layers } = epochOf(run.header, 2);
  const neurons = await run.neurons(2, 1);
  expect(neurons.discriminability).toEqual(layers[0].metrics.discriminability);
  expect(neurons.density).toEqual(layers[0].metrics.density);
  const samples = await run.samples(2, 2);
  samples.forEach((value, at) => expect(value).toBeCloseTo(layers[1].samples[at], 3));
});

test('the run that is part of the program is read, never written to', async () => {
  const before = await readdir(demoRun(), { recursive: true });
  const { records, neurons } = await openRun(demoRun());
  expect((await neurons(records[0].number, 1)).discriminability).toHaveLength(32);
  expect(await readdir(demoRun(), { recursive: true })).toEqual(before);
});

test('the events of a finished run are those of its training', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 2 });
  await writeStatus(directory, statusOf('failed', { error: { code: 'nan', message: 'the loss became NaN' } }));
  const events = eventsOf(await openRun(directory));
  expect(events.map((event) => event.type)).toEqual(['run', 'epoch', 'epoch', 'state']);
  expect(events[3]).toEqual({ type: 'state', state: 'failed', error: { code: 'nan', message: 'the loss became NaN' } });
});

test('why a training failed, and what to do, is told whole', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1 });
  const error = { code: 'loss-exploded', message: 'The loss rose. '.repeat(20), hint: 'Train slower. '.repeat(30) };
  await writeStatus(directory, statusOf('diverged', { error }));
  expect((await openRun(directory)).status?.error).toEqual(error);
});

test('samples are stored by class in half precision, in single where half cannot hold them', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1, scale: 1e6 });
  const small = join(await temporary(), 'run');
  await writeRun(small, { epochs: 1 });
  for (const [run, type] of [
    [directory, 'float32'],
    [small, 'float16'],
  ] as const) {
    const file = await openSafetensors(join(run, 'epochs', '000001.safetensors'));
    expect(file.tensors.get('1.samples')).toMatchObject({ type, shape: [2, 3, 3] });
    await file.close();
  }
});

test('a probe whose classes are mixed comes back in its own order', async () => {
  const header = headerOf({ probe: { indices: [1, 2, 3, 4, 5, 6], labels: [1, 0, 0, 1, 1, 0] } });
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1, header });
  const run = await openRun(directory);
  const { layers } = epochOf(header, 1);
  (await run.samples(1, 1)).forEach((value, at) => expect(value).toBeCloseTo(layers[0].samples[at], 3));
});

test('a probe of unequal classes is stored as it is', async () => {
  const header = headerOf({ probe: { indices: [1, 2, 3, 4, 5, 6], labels: [0, 0, 0, 0, 1, 1] } });
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1, header });
  const { layers } = epochOf(header, 1);
  (await (await openRun(directory)).samples(1, 1)).forEach((value, at) =>
    expect(value).toBeCloseTo(layers[0].samples[at], 3),
  );
});

test('an epoch that epochs.jsonl does not commit is not there', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 2 });
  const journal = join(directory, 'epochs.jsonl');
  const text = await readFile(journal, 'utf8');
  // The machine died within the second line.
  await truncate(journal, text.length - 7);
  const run = await openRun(directory);
  expect(run.records.map((record) => record.epoch)).toEqual([1]);
  expect(run.notices).toEqual([]);
  await expect(run.neurons(2, 1)).rejects.toThrow('the run has no epoch 2');

  const writer = await resumeRun(directory);
  expect(writer.lastEpoch).toBe(1);
  expect(await readdir(join(directory, 'epochs'))).toEqual(['000001.safetensors']);
  const { record, layers } = epochOf(writer.header, 2);
  await writer.commitEpoch(record, layers);
  await writer.close();
  expect((await openRun(directory)).records).toHaveLength(2);
});

test('a damaged line ends the reading with a notice that names it', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory);
  const journal = join(directory, 'epochs.jsonl');
  const lines = (await readFile(journal, 'utf8')).split('\n');
  await writeFile(journal, [lines[0], lines[1].replace('"seconds":1.5', '"seconds":9.5'), lines[2], ''].join('\n'));
  const run = await openRun(directory);
  expect(run.records.map((record) => record.epoch)).toEqual([1]);
  expect(run.notices[0]).toMatch(/epochs\.jsonl: line 2 does not match its checksum; shown are the epochs up to 1$/);
  await expect(resumeRun(directory)).rejects.toThrow('line 2 does not match');
  await writeFile(journal, 'nonsense\n');
  await expect(openRun(directory)).rejects.toMatchObject({ code: 'bad-run', exitCode: 4 });
});

test('where a number repeats or falls the newer lines count', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 2 });
  const journal = join(directory, 'epochs.jsonl');
  await appendFile(journal, `${(await readFile(journal, 'utf8')).split('\n')[0]}\n`);
  const run = await openRun(directory);
  expect(run.records.map(({ number }) => number)).toEqual([1]);
  expect(run.notices).toEqual([]);
  await expect(run.neurons(2, 1)).rejects.toThrow('the run has no epoch 2');
});

test('a flipped bit in the data of one epoch is noticed, the others stay readable', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory);
  const path = join(directory, 'epochs', '000002.safetensors');
  const bytes = await readFile(path);
  bytes[bytes.length - 3] ^= 0x10;
  await writeFile(path, bytes);
  const run = await openRun(directory);
  await expect(run.neurons(2, 1)).rejects.toThrow(/000002\.safetensors: it does not match its checksum/);
  expect((await run.neurons(3, 1)).density).toHaveLength(3);
});

test('a directory that holds a run, or anything else, is refused', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory);
  await expect(createRun(directory, headerOf())).rejects.toMatchObject({
    code: 'run-exists',
    hint: `Give another directory, or go on with it: deepview-tui train --resume ${directory}`,
  });
  const other = await temporary();
  await writeFile(join(other, 'thesis.tex'), 'years of work');
  await expect(createRun(other, headerOf())).rejects.toMatchObject({ code: 'not-empty' });
  // What only has the name of a part of a run that is being prepared: records that lost their run.json, other folders.
  for (const path of ['epochs.jsonl', 'epochs/000001.safetensors', 'requests/letter.txt']) {
    const lost = await temporary();
    await mkdir(dirname(join(lost, path)), { recursive: true });
    await writeFile(join(lost, path), 'hours of work');
    await expect(createRun(lost, headerOf())).rejects.toMatchObject({
      code: 'not-empty',
      message: `${lost} holds other files, such as ${path}`,
    });
    expect(await readFile(join(lost, path), 'utf8')).toBe('hours of work');
    expect(await isUnprepared(lost)).toBe(false);
  }
  await expect(createRun(join(other, 'thesis.tex'), headerOf())).rejects.toMatchObject({ code: 'not-a-directory' });
  await expect(createRun(join(other, 'thesis.tex', 'run'), headerOf())).rejects.toMatchObject({
    code: 'not-a-directory',
  });
  await expect(createRun('/proc/run', headerOf())).rejects.toThrow(/cannot create \/proc\/run: /);
});

test('two writers never write one run', async () => {
  const directory = join(await temporary(), 'run');
  const writer = await createRun(directory, headerOf());
  await expect(resumeRun(directory)).rejects.toMatchObject({
    code: 'run-in-use',
    hint: `Wait until it ends, or watch it with: deepview-tui watch ${directory}`,
  });
  await writer.close();
  await (await resumeRun(directory)).close();
  // A writer that died left its lock behind: pid 1 lives, but did not begin when the lock says.
  await writeFile(
    join(directory, 'lock.json'),
    JSON.stringify({ pid: 1, host: statusOf('running').host, began: '-1' }),
  );
  await (await resumeRun(directory)).close();
});

const ignore = (): void => undefined;

test('a disk that fills up keeps what was committed, and says so', async () => {
  const directory = join(await temporary(), 'run');
  const writer = await createRun(directory, headerOf());
  const first = epochOf(writer.header, 1);
  await writer.commitEpoch(first.record, first.layers);
  const second = epochOf(writer.header, 2);

  // The data file: the system takes no file of this size from this process.
  // Where another file's test has mounted Ink, the signal that comes with the error would end the process.
  process.on('SIGXFSZ', ignore);
  onTestFinished(() => void process.off('SIGXFSZ', ignore));
  const limitFiles = (bytes: string): Buffer =>
    execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
  limitFiles('100');
  onTestFinished(() => void limitFiles('unlimited'));
  await expect(writer.commitEpoch(second.record, second.layers)).rejects.toMatchObject({
    code: 'file-too-large',
    message: expect.stringMatching(/cannot write .*000002\.safetensors: the file would be larger/),
  });
  limitFiles('unlimited');
  expect((await openRun(directory)).records).toHaveLength(1);

  // The journal.
  const journal = join(directory, 'epochs.jsonl');
  const text = await readFile(journal);
  await unlink(journal);
  await symlink('/dev/full', journal);
  await expect(writer.commitEpoch(second.record, second.layers)).rejects.toMatchObject({ code: 'disk-full' });
  await unlink(journal);
  await writeFile(journal, text);
  expect(await readdir(join(directory, 'epochs'))).toEqual(['000001.safetensors']);

  // With space again the run goes on.
  await writer.commitEpoch(second.record, second.layers);
  await writer.close();
  expect((await openRun(directory)).records).toHaveLength(2);
});

test('the last two checkpoints and the best are kept', async () => {
  const directory = join(await temporary(), 'run');
  const writer = await createRun(directory, headerOf());
  for (const [epoch, best] of [
    [1, true],
    [2, true],
    [3, false],
    [4, false],
    [5, false],
  ] as const) {
    const weights = { type: 'float32', shape: [2], data: Float32Array.of(epoch, 0.5) } as const;
    await writer.writeCheckpoint(epoch, new Map([['conv1.weight', weights]]), { best });
  }
  await writer.close();
  expect(await checkpointEpochs(directory)).toEqual([2, 4, 5]);
  expect((await readCheckpoint(directory, 5)).get('conv1.weight')).toEqual({
    type: 'float32',
    shape: [2],
    data: Float32Array.of(5, 0.5),
  });
  await expect(readCheckpoint(directory, 3)).rejects.toMatchObject({ exitCode: 4 });
});

test('a run that is gone on with keeps its best checkpoint, and takes no other for the one of an epoch', async () => {
  const directory = join(await temporary(), 'run');
  const weights = (epoch: number) =>
    new Map([['w', { type: 'float32', shape: [1], data: Float32Array.of(epoch) } as const]]);
  const writer = await createRun(directory, headerOf());
  for (const [epoch, error] of [
    [1, 0.5],
    [2, 0.2],
    [3, 0.4],
  ]) {
    await writer.writeCheckpoint(epoch, weights(epoch), { best: epoch < 3 });
    const { record, layers } = epochOf(writer.header, epoch);
    await writer.commitEpoch({ ...record, scalars: { ...record.scalars, 'error/validation': error } }, layers);
  }
  const again = epochOf(writer.header, 3);
  await expect(writer.commitEpoch(again.record, again.layers)).rejects.toThrow('epoch 3 does not follow 3');
  await writer.close();
  const resumed = await resumeRun(directory);
  for (const epoch of [4, 5, 10]) await resumed.writeCheckpoint(epoch, weights(epoch), { best: false });
  await resumed.close();
  await writeFile(join(directory, 'checkpoints', 'notes.txt'), 'mine');
  expect(await checkpointEpochs(directory)).toEqual([2, 5, 10]);
  await copyFile(join(directory, 'checkpoints/000005.safetensors'), join(directory, 'checkpoints/000006.safetensors'));
  await expect(readCheckpoint(directory, 6)).rejects.toThrow('it is not the checkpoint of epoch 6');
});

test('samples that another framework recorded are measured, and the result is kept', async () => {
  const directory = await temporary();
  const { network, dataset, probe } = headerOf();
  const layers = network.layers.map(({ name, units }) => ({ name, units }));
  const header = {
    format: 1,
    network: { name: 'torch', layers },
    dataset: { name: 'mine', classes: dataset.classes },
    probe: { labels: probe.labels },
  };
  await writeFile(join(directory, 'run.json'), JSON.stringify(header));
  const made = join(await temporary(), 'run');
  await writeRun(made, { epochs: 1 });
  const full = await openRun(made);
  const { encodeSafetensors } = await import('../../../src/engine/arrays/index.ts');
  await mkdir(join(directory, 'epochs'));
  const samples = [await full.samples(1, 1), await full.samples(1, 2)];
  const tensors = new Map(
    samples.map((data, k) => [`${k + 1}.samples`, { type: 'float32' as const, shape: [6, 3], data }]),
  );
  await writeFile(join(directory, 'epochs', '000001.safetensors'), Buffer.concat(encodeSafetensors(tensors)));
  const error = { train: 0.5, validation: 0.5 };
  await writeFile(
    join(directory, 'epochs.jsonl'),
    `${JSON.stringify({ epoch: 1, loss: error, top1Error: error, top5Error: error })}\n`,
  );

  const expected = neuronMetrics({ values: samples[1], images: 6, neurons: 3 }, probe.labels);
  for (const round of ['computed', 'kept']) {
    const run = await openRun(directory);
    expect([round, (await run.neurons(1, 2)).discriminability]).toEqual([round, expected.discriminability]);
    expect(run.records[0].layers.discriminability[1]).toBeCloseTo(
      expected.discriminability.reduce((a, b) => a + b) / 3,
      12,
    );
    expect(run.header.network.layers[0]).toMatchObject({ index: 1, kind: 'other', shape: [1, 1, 3] });
  }
  expect(await readdir(join(directory, 'computed'))).toEqual(['metrics.safetensors']);
});
