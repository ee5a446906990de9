import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { recordDemo, type RecordingOptions, type RecordingReport } from '../../scripts/recording/record-demo.ts';
import { shapesClasses } from '../../src/engine/data/shapes/generate-shapes.ts';

import { commit, exploredHeader, featuresOf } from '../engine/analysis/questions/explored-run.ts';
import { shared } from '../support/shared.ts';
import { temporary } from '../engine/run/sample-run.ts';
import { createRun } from '../support/held-run.ts';

/** Quantiles of the first and the last of three epochs, patches of the first. */
export const smallPlan = {
  featureEpochs: 1,
  patches: 30,
  strongest: 10,
  strongestOfLast: 20,
  sampledEpochs: 2,
  quantiles: 21,
  quality: 100,
} as const;

/** The recording as everything takes it that does not change it. */
export async function sharedRecording(): Promise<Recording> {
  const directory = await shared('recording', async (made) => {
    const { source, output, report } = await recordedRun();
    await cp(source, join(made, 'source'), { recursive: true });
    await cp(output, join(made, 'demo'), { recursive: true });
    await writeFile(join(made, 'report.json'), JSON.stringify(report));
  });
  const report = JSON.parse(await readFile(join(directory, 'report.json'), 'utf8')) as RecordingReport;
  return { source: join(directory, 'source'), output: join(directory, 'demo'), report };
}

interface Recording {
  source: string;
  output: string;
  report: RecordingReport;
}

/** A finished run on shapes (three epochs, features with the first), and its recording. */
export async function recordedRun(changes: Partial<RecordingOptions> = {}): Promise<Recording> {
  const directory = await temporary();
  const plain = exploredHeader([
    { units: 12 },
    { units: 6, kind: 'activation', name: 'relu1', receptiveField: { size: 40, stride: 4, offset: -2 } },
  ]);
  // The classes that the images really have.
  const writer = await createRun(directory, { ...plain, dataset: { ...plain.dataset, classes: [...shapesClasses] } });
  await writer.writeFeatures(
    1,
    writer.header.network.layers.map((layer) => featuresOf(layer)),
  );
  for (const epoch of [1, 2, 3]) await commit(writer, epoch);
  await writer.close();
  const home = await temporary();
  const output = join(home, 'samples/demo');
  const paths = pathsFor({ HOME: home });
  const report = await recordDemo({ run: directory, output, paths, plans: [smallPlan], ...changes });
  return { source: directory, output: changes.output ?? output, report };
}
