import { join } from 'node:path';
import { pathsFor } from '../../../src/engine/base/paths.ts';
import { recordDemo, type RecordingOptions, type RecordingReport } from '../../../src/engine/recording/record-demo.ts';
import { shapesClasses } from '../../../src/engine/data/shapes/generate-shapes.ts';
import { createRun } from '../../../src/engine/run/index.ts';
import { commit, exploredHeader, featuresOf } from '../analysis/exploring/explored-run.ts';
import { temporary } from '../run/sample-run.ts';

/** Quantiles of the first and the last of three epochs, patches of the first. */
export const smallPlan = {
  featureEpochs: 1,
  patches: 20,
  lastLayerPatches: 30,
  sampledEpochs: 2,
  quantiles: 21,
  quality: 100,
} as const;

/** A finished run on shapes (three epochs, features with the first), and its recording. */
export async function recordedRun(
  changes: Partial<RecordingOptions> = {},
): Promise<{ source: string; output: string; report: RecordingReport }> {
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
