import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantilesOfSamples } from '../../../scripts/recording/compact.ts';
import { encodeSafetensors, type TensorToWrite } from '../../../src/engine/arrays/safetensors.ts';
import { makeDirectory, writeFileAtomically } from '../../../src/engine/base/write-files.ts';
import { groupByClass, neuronMetrics } from '../../../src/engine/metrics/index.ts';
import { samplesOfQuantiles } from '../../../src/engine/run/class-quantiles.ts';
import { encodeEpochLine } from '../../../src/engine/run/epoch-line.ts';
import { openRun } from '../../../src/engine/run/index.ts';
import { runFiles } from '../../../src/engine/run/layout.ts';
import references from '../analysis/fixtures/references.json' with { type: 'json' };
import { explorerOf } from '../analysis/questions/explored-run.ts';
import { epochOf, headerOf, temporary, writeRun } from './sample-run.ts';
import { createRun } from '../../support/held-run.ts';

describe('quantiles of classes', () => {
  it("are those of a hand-made case, and give back samples in the probe's order", () => {
    // Two neurons; class 0 has the images 0, 2 and 3, class 1 the images 1 and 4.
    const groups = groupByClass([0, 1, 0, 0, 1]);
    const samples = Float32Array.of(3, 0, 10, 1, 1, 0, 2, 0, 30, 2);
    const shape = { count: 5, neurons: 2 };
    const quantiles = quantilesOfSamples(samples, shape, groups);
    expect([...quantiles]).toEqual([1, 0, 1.5, 0, 2, 0, 2.5, 0, 3, 0, 10, 1, 15, 1.25, 20, 1.5, 25, 1.75, 30, 2]);
    // Ascending within a class: its images are not told apart any more.
    expect([...samplesOfQuantiles(quantiles, shape, groups)]).toEqual([1, 0, 10, 1, 2, 0, 3, 0, 30, 2]);
  });

  it('of as many as there are images keep discriminability', () => {
    const values = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(values, (list) => {
        const labels = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
        const groups = groupByClass(labels);
        const samples = Float32Array.from(list);
        const again = samplesOfQuantiles(
          quantilesOfSamples(samples, { count: 4, neurons: 2 }, groups),
          { count: 4, neurons: 2 },
          groups,
        );
        const of = (data: Float32Array | Float64Array) =>
          neuronMetrics({ values: data, images: 12, neurons: 2 }, labels);
        of(samples).discriminability.forEach((value, neuron) => {
          expect(of(again).discriminability[neuron]).toBeCloseTo(value, 4);
        });
      }),
    );
  });
});

/** The tiny run with another file in place of an epoch's. */
async function runWith(epoch: number, tensors: Parameters<typeof encodeSafetensors>[0]): Promise<string> {
  const directory = await temporary();
  const header = headerOf();
  await writeRun(directory, { header });
  await writeFileAtomically(runFiles.epochData(directory, epoch), encodeSafetensors(tensors));
  const lines = [1, 2, 3].map((one) => encodeEpochLine({ record: epochOf(header, one).record }));
  await writeFileAtomically(runFiles.epochs(directory), lines.join(''));
  return directory;
}

const metricsOnly = new Map<string, TensorToWrite>(
  [1, 2].flatMap((layer) => [
    [`${layer}.discriminability`, { type: 'float32' as const, shape: [3], data: Float32Array.of(1, 2, 3) }] as const,
    [`${layer}.density`, { type: 'float32' as const, shape: [3], data: Float32Array.of(0, 0.5, 1) }] as const,
  ]),
);
const quantiles = (shape: number[], data: Float32Array) =>
  new Map<string, TensorToWrite>([...metricsOnly, ['1.quantiles', { type: 'float32' as const, shape, data }] as const]);

describe('an epoch without samples', () => {
  it('shows its metrics, and names the newest epoch before it that has some', async () => {
    const run = await openRun(await runWith(3, metricsOnly));
    expect([...(await run.neurons(3, 1)).discriminability]).toEqual([1, 2, 3]);
    expect(await run.sampledEpoch(3, 1)).toBe(2);
    expect(await run.sampledEpoch(1, 1)).toBe(1);
    await expect(run.sampledEpoch(4, 1)).rejects.toMatchObject({ code: 'unknown-epoch' });
  });

  it('is refused where none before it has any', async () => {
    const run = await openRun(await runWith(1, metricsOnly));
    await expect(run.sampledEpoch(1, 1)).rejects.toMatchObject({ code: 'no-samples', exitCode: 4 });
  });

  it('may have quantiles instead, which are checked', async () => {
    const rising = Float32Array.from({ length: 2 * 3 * 3 }, (_, at) => at);
    const run = await openRun(await runWith(3, quantiles([2, 3, 3], rising)));
    expect(await run.sampledEpoch(3, 1)).toBe(3);
    expect([...(await run.samples(3, 1))]).toEqual([...rising]);

    const falling = Float32Array.from(rising, (value) => -value);
    for (const [shape, data, said] of [
      [[2, 3, 3], falling, /1\.quantiles of neuron 0 does not ascend/],
      [[3, 2, 3], rising, /1\.quantiles is float32 \[3, 2, 3\], not floats \[2, 2 to 1001, 3\]/],
      [[2, 1, 3], rising.subarray(0, 6), /not floats/],
    ] as const) {
      const bad = await openRun(await runWith(3, quantiles([...shape], data)));
      await expect(bad.samples(3, 1)).rejects.toMatchObject({ code: 'bad-run', message: expect.stringMatching(said) });
    }
  });
});

describe('samples in double precision', () => {
  const { samples, labels, distances } = references.neurons;
  const header = headerOf({ probe: { indices: labels.map((_, image) => image), labels } });
  header.network.layers.forEach((layer) => Object.assign(layer, { units: 6 }));
  header.dataset.classes = ['a', 'b', 'c'];

  /** A run that a recorder wrote: [images, neurons] of layer 1 at its only epoch. */
  async function recorded(values: Float64Array): Promise<string> {
    const directory = await temporary();
    const { record } = epochOf(header, 1);
    await (await createRun(directory, header)).close();
    const tensor = { type: 'float64' as const, shape: [labels.length, 6], data: values };
    const tensors = new Map(['1.samples', '2.samples'].map((name) => [name, tensor]));
    await makeDirectory(join(directory, 'epochs'));
    await writeFileAtomically(runFiles.epochData(directory, 1), encodeSafetensors(tensors));
    await writeFileAtomically(runFiles.epochs(directory), encodeEpochLine({ record: { ...record, layers: {} } }));
    return directory;
  }

  it.each([
    ['an offset of 1e8', 1e8, 1, 1e-6],
    ['an offset of 1e6 and a spread of 1e-3', 1e6, 1e-3, 1e-6],
    ['a scale of 1e200', 0, 1e200, 1e-12],
  ])('keep it in metrics, maps and quantiles: %s', async (_, offset, scale, tolerance) => {
    const values = Float64Array.from(samples.flat(), (value) => offset + scale * value);
    const directory = await recorded(values);
    const run = await openRun(directory);
    expect(await run.samples(1, 1)).toEqual(values);
    const usual = neuronMetrics(
      { values: Float64Array.from(samples.flat()), images: labels.length, neurons: 6 },
      labels,
    );
    const { discriminability } = await run.neurons(1, 1);
    discriminability.forEach((value, neuron) => {
      expect(Math.abs(value / scale - usual.discriminability[neuron])).toBeLessThan(tolerance);
    });
    const { asked, last } = explorerOf(directory);
    await asked({ type: 'map', layer: 1, epoch: 1, k: 6, linkage: 'single' });
    const { mergeHeights, positions, flags } = last('map').map;
    const nearest = Math.min(...distances.flat().filter((distance) => distance > 0));
    expect(Math.abs((mergeHeights.at(-1) ?? 0) / scale - nearest)).toBeLessThan(tolerance);
    expect(positions.every(Number.isFinite)).toBe(true);
    expect(flags.filter(({ kind }) => kind === 'dead' || kind === 'duplicate')).toEqual([]);
    await asked({ type: 'distributions', layer: 1, neuron: 2, epoch: 1 });
    const least = Math.min(...samples.slice(0, 5).map((row) => row[2]));
    expect(Math.abs((last('distributions').distributions.quantiles[0] - offset) / scale - least)).toBeLessThan(
      tolerance,
    );
    await asked({ type: 'evolution', layer: 1 });
    expect(last('evolution').evolution.metrics['discriminability']).toEqual(discriminability);
  });
});
