/**
 * What watching costs: seconds per epoch of lenet on CIFAR-10, the share that probe and metrics take, the memory of the
 * trainer's process, and the same epoch as a bare loop of training steps and validation.
 * `npm run bench -- overhead [IMAGES] [EPOCHS] [NETWORK]`; with fewer IMAGES than 50 000 the training part is scaled up.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '../src/engine/backend/open-engine.ts';
import { openDataset } from '../src/engine/data/open-dataset.ts';
import { findPreset } from '../src/engine/network/presets/index.ts';
import { pathsFor } from '../src/engine/base/paths.ts';
import type { RunRecord } from '../src/engine/run/format.ts';
import { buildModel } from '../src/engine/training/model.ts';
import { startTraining } from '../src/engine/training/trainer-client.ts';

const whole = 50_000;
const [images = String(whole), epochs = '1', network = 'lenet'] = process.argv.slice(2);
const limit = Math.min(whole, Number(images));
const paths = pathsFor(process.env);
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Most bytes that a process ever had resident. */
async function peakResident(processId: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1024;
}

/** Seconds of processor time that a process has used, in clock ticks of 10 ms. */
async function processorSeconds(processId: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '');
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const folder = await mkdtemp(join(tmpdir(), 'deepview-overhead-'));
const records: RunRecord[] = [];
/** Seconds of each epoch's training part. */
const training: number[] = [];
let peak = NaN;
/** Processor time at the first batch and when last looked. */
let [began, used] = [NaN, NaN];
try {
  const client = startTraining(
    {
      network,
      data: 'cifar10',
      seed: 1,
      engine: 'tensorflow',
      epochs: Number(epochs),
      limit,
      run: join(folder, 'run'),
    },
    { interactive: false, paths, env: process.env },
  );
  const look = async (): Promise<void> => {
    peak = (await peakResident(client.processId)) || peak;
    used = (await processorSeconds(client.processId)) || used;
  };
  const sample = setInterval(() => void look(), 200);
  client.subscribe((event) => {
    if (event.type === 'state' && event.state === 'running')
      void processorSeconds(client.processId).then((seconds) => (began = seconds));
    if (event.type === 'batch' && event.phase === 'validation') training[event.epoch] = limit / event.imagesPerSecond;
    if (event.type === 'epoch') records.push(event.record);
  });
  const end = await client.exited;
  clearInterval(sample);
  if (end.error) throw new Error(end.error.message);
} finally {
  await rm(folder, { recursive: true, force: true });
}

const context = {
  paths,
  env: process.env,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onNotice: () => undefined,
};
const engine = await openEngine('tensorflow', context);
const dataset = await openDataset({ name: 'cifar10', limit: Math.min(limit, 2000) }, context);
const specification = findPreset(network);
const { batch } = specification.training;
const model = buildModel(engine, specification, 1);
const size = dataset.imageShape.reduce((product, side) => product * side, 1);
const timed = async (
  count: number,
  length: number,
  work: (input: Float32Array, labels: Uint16Array) => Promise<unknown>,
): Promise<{ wall: number; processor: number }> => {
  const times: number[] = [];
  const processor: number[] = [];
  for (let at = 0; at < count + 3; at++) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    const chosen = Uint32Array.from({ length }, (_, image) => (at * length + image) % dataset.train.count);
    const input = new Float32Array(length * size);
    dataset.train.fill(chosen, input);
    await work(
      input,
      Uint16Array.from(chosen, (image) => dataset.train.labels[image]),
    );
    const { user, system } = process.cpuUsage(cpu);
    times.push((performance.now() - start) / 1000);
    processor.push((user + system) / 1e6);
  }
  return { wall: median(times.slice(3)), processor: median(processor.slice(3)) };
};
const step = await timed(30, batch, (input, labels) =>
  model.train(input, labels, { learningRate: 0.01, epoch: 1, batch: 1 }),
);
const forward = await timed(6, 500, (input, labels) => model.evaluate(input, labels));
const bare = (step.wall * whole) / batch + (forward.wall * 10_000) / 500;
const bareProcessor = records.length * ((step.processor * limit) / batch + (forward.processor * 10_000) / 500);

for (const { number: epoch, seconds = 0, monitoringShare = 0 } of records) {
  const monitoring = monitoringShare * seconds;
  const scaled = seconds + training[epoch] * (whole / limit - 1);
  console.log(
    `epoch ${epoch}: ${seconds.toFixed(1)} s for ${limit} images` +
      (limit < whole ? `, about ${scaled.toFixed(1)} s for ${whole}` : '') +
      `; probe and metrics ${monitoring.toFixed(2)} s = ${((100 * monitoring) / scaled).toFixed(2)} % of a full epoch`,
  );
  console.log(`  to the bare loop, timed afterwards (${bare.toFixed(1)} s): ${(scaled / bare).toFixed(2)}`);
}
console.log(
  `processor time: ${(used - began).toFixed(1)} s, the bare loop ${bareProcessor.toFixed(1)} s, ` +
    `ratio ${((used - began) / bareProcessor).toFixed(3)} (holds on a busy machine too)`,
);
console.log(`training step ${(step.wall * 1000).toFixed(1)} ms, forward of 500 ${(forward.wall * 1000).toFixed(0)} ms`);
console.log(`peak resident memory of the trainer: ${(peak / 1e9).toFixed(2)} GB`);
