import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fitsHalf } from '../../src/engine/arrays/float16.ts';
import { encodeSafetensors, type TensorToWrite } from '../../src/engine/arrays/safetensors.ts';
import { openRunImages } from '../../src/engine/analysis/run-images.ts';
import { formatBytes } from '../../src/engine/base/byte-size.ts';
import type { StoredImages } from '../../src/engine/data/stored-images.ts';
import { DeepviewError, exitCodes, systemCode } from '../../src/engine/base/errors.ts';
import { makeDirectory } from '../../src/engine/base/write-files.ts';
import { groupByClass } from '../../src/engine/metrics/index.ts';
import type { Paths } from '../../src/engine/base/paths.ts';
import { printable } from '../../src/engine/base/printable.ts';
import { checksumOf, tensorName } from '../../src/engine/run/epoch-data.ts';
import type { Features } from '../../src/engine/base/features.ts';
import { encodeEpochLine, type EpochLine } from '../../src/engine/run/epoch-line.ts';
import { encodeFeatureIndex, featureEpochs, readFeatures } from '../../src/engine/run/features.ts';
import { classOfImages, openRun, type OpenRun } from '../../src/engine/run/index.ts';
import { runFiles, runFolders } from '../../src/engine/run/layout.ts';
import { compactFeatures, quantilesOfSamples } from './compact.ts';
import { encodeSheet } from './sheet.ts';
import { carriedImages, patchesIn } from './carried-images.ts';
import { evenly, recordingPlans, type RecordingPlan } from './plan.ts';

/** What the recording may take, bytes: of the 4 MB of all samples, some are left to the others. */
export const demoBudget = 3_970_000;

export interface RecordingOptions {
  /** The finished run's directory. */
  run: string;
  /** Where the recording goes: a directory that is not there, or a recording that it replaces. */
  output: string;
  paths: Paths;
  /** Bytes. */
  budget?: number;
  plans?: readonly RecordingPlan[];
  onPlan?: (plan: RecordingPlan, bytes: number) => void;
}

/** What was recorded. */
export interface RecordingReport {
  plan: RecordingPlan;
  images: number;
  featureEpochs: number[];
  sampledEpochs: number[];
  /** Bytes in all, and by the parts of the run directory. */
  bytes: number;
  parts: ReadonlyMap<string, number>;
}

/** Files by their paths in the run directory. */
type Files = Map<string, Uint8Array>;

/**
 * Packs a finished run into a small one of the same format, for looking at without its data, engine or network: all
 * epochs' records and metrics, some epochs' quantiles and strongest patches, and the images that those are cut from.
 * Taken is the first of the plans that fits into the budget.
 * @throws DeepviewError `recording-too-large` with the sizes; `not-finished`; `output-in-use`; what reading the run or
 *   its images throws
 */
export async function recordDemo(options: RecordingOptions): Promise<RecordingReport> {
  const { run: source, paths, budget = demoBudget, plans = recordingPlans, onPlan } = options;
  const output = resolve(options.output);
  await requireReplaceable(output);
  const run = await openRun(resolve(source));
  if (run.notices.length > 0 || run.records.length < run.header.training.epochs) {
    throw new DeepviewError(
      'not-finished',
      `${printable(source, 1000)} has ${run.records.length} of ${run.header.training.epochs} epochs`,
      { hint: 'Finish it first: deepview-tui train --resume RUN', exitCode: exitCodes.unreadable },
    );
  }
  const images = await openRunImages(run.directory, run.header, paths);
  let smallest = Infinity;
  for (const plan of plans) {
    const { files, ...report } = await packed(run, images, plan);
    onPlan?.(plan, report.bytes);
    smallest = Math.min(smallest, report.bytes);
    if (report.bytes > budget) continue;
    await replaceWith(output, files);
    return { plan, ...report };
  }
  throw new DeepviewError(
    'recording-too-large',
    `the smallest recording takes ${formatBytes(smallest)}, more than the ${formatBytes(budget)} it may`,
    { hint: 'Record a smaller network or fewer epochs.' },
  );
}

type Packed = Omit<RecordingReport, 'plan'> & { files: Files };

async function packed(run: OpenRun, source: StoredImages, plan: RecordingPlan): Promise<Packed> {
  const { directory, header } = run;
  const files: Files = new Map();
  const put = (path: string, content: Uint8Array | readonly Uint8Array[]): void => {
    files.set(relative(directory, path), Buffer.concat(content instanceof Uint8Array ? [content] : [...content]));
  };
  put(runFiles.header(directory), await readFile(runFiles.header(directory)));

  const withFeatures = await featureEpochs(directory);
  const keptFeatures = evenly(withFeatures, plan.featureEpochs);
  // Where patches are kept, samples are too; the rest evenly between.
  const sampled = new Set([
    ...keptFeatures,
    ...evenly(withFeatures.length > 1 ? withFeatures : epochsOf(run), plan.sampledEpochs),
  ]);
  sampled.add(run.records.at(-1)?.number ?? 0);
  const committed: string[] = [];
  // With what has been computed of the samples, which are not kept.
  for (const record of run.records) {
    const pieces = await epochFile(run, record.number, sampled.has(record.number) ? plan.quantiles : 0);
    put(runFiles.epochData(directory, record.number), pieces);
    const kept: EpochLine = { record, data: checksumOf(pieces) };
    committed.push(encodeEpochLine(kept));
  }
  put(runFiles.epochs(directory), Buffer.from(committed.join('')));

  const { layers } = header.network;
  const features = new Map<number, Features[]>();
  for (const epoch of keptFeatures) {
    const read = layers.map((layer) => readFeatures(directory, header, epoch, layer));
    features.set(epoch, await Promise.all(read));
  }
  const carried = new Set(carriedImages([...features.values()], plan));
  const seen = new Set<number>();
  for (const [epoch, all] of features) {
    const kept = all.map((layer) => patchesIn(layer, carried, plan.patches));
    for (const { image } of kept) for (const one of image) if (one >= 0) seen.add(one);
    putFeatures(run, epoch, kept, put);
  }
  if (seen.size > 0) {
    const images = [...seen].sort((a, b) => a - b);
    for (const [name, content] of await encodeSheet(source, images, plan.quality)) {
      put(join(runFiles.images(directory), name), content);
    }
  }
  const parts = new Map<string, number>();
  for (const [path, { length }] of files) {
    const part = path.split('/')[0] ?? path;
    parts.set(part, (parts.get(part) ?? 0) + length);
  }
  const bytes = [...parts.values()].reduce((sum, size) => sum + size, 0);
  const sampledEpochs = epochsOf(run).filter((epoch) => sampled.has(epoch));
  return { files, images: seen.size, featureEpochs: keptFeatures, sampledEpochs, bytes, parts };
}

const epochsOf = ({ records }: OpenRun): number[] => records.map(({ number }) => number);

/** An epoch's file with its metrics in single precision, and with quantiles where some are wanted. */
async function epochFile(run: OpenRun, epoch: number, quantiles: number): Promise<Uint8Array[]> {
  const tensors = new Map<string, TensorToWrite>();
  for (const layer of run.header.network.layers) {
    const { index, units } = layer;
    for (const [metric, values] of Object.entries(await run.neurons(epoch, index))) {
      tensors.set(tensorName(index, metric), { type: 'float32', shape: [units], data: Float32Array.from(values) });
    }
    if (quantiles === 0) continue;
    const samples = await run.samples(epoch, index);
    const groups = groupByClass(classOfImages(run.header, samples.length / units));
    const data = quantilesOfSamples(samples, { count: quantiles, neurons: units }, groups);
    const shape = [groups.classes.length, quantiles, units];
    tensors.set(tensorName(index, 'quantiles'), { type: fitsHalf(data) ? 'float16' : 'float32', shape, data });
  }
  return encodeSafetensors(tensors, { format: 'deepview-run', epoch: String(epoch) });
}

function putFeatures(
  { directory, header }: OpenRun,
  epoch: number,
  layers: readonly Features[],
  put: (path: string, content: readonly Uint8Array[]) => void,
): void {
  const checksums = layers.map((features, place) => {
    const { index } = header.network.layers[place];
    const metadata = { format: 'deepview-features', epoch: String(epoch), layer: String(index) };
    const pieces = encodeSafetensors(compactFeatures(features), metadata);
    put(runFiles.features(directory, epoch, index), pieces);
    return { index, ...checksumOf(pieces) };
  });
  put(runFiles.featureIndex(directory, epoch), [Buffer.from(encodeFeatureIndex(epoch, checksums))]);
}

/** What a recording consists of: nothing else is ever replaced. */
const partsOfRecording: ReadonlySet<string> = new Set([
  'run.json',
  'epochs.jsonl',
  runFolders.epochs,
  runFolders.features,
  runFolders.images,
]);

/** @throws DeepviewError `output-in-use` for a directory that holds anything but an earlier recording */
async function requireReplaceable(output: string): Promise<void> {
  const names = await readdir(output).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw thrown;
  });
  const foreign = names.find((name) => !partsOfRecording.has(name));
  // What was trained has a status too, and checkpoints.
  if (foreign === undefined) return;
  throw new DeepviewError('output-in-use', `${printable(output, 1000)} holds something else than a recording`, {
    hint: 'Give a directory that is not there yet.',
    exitCode: exitCodes.usage,
  });
}

/** Writes beside, then puts it in place: a failure leaves what was there. */
async function replaceWith(output: string, files: Files): Promise<void> {
  await makeDirectory(dirname(output));
  const temporary = `${output}.${process.pid}.tmp`;
  try {
    for (const [path, content] of files) {
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await writeFile(join(temporary, path), content);
    }
    await rm(output, { recursive: true, force: true });
    await rename(temporary, output);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The bytes of all files under a directory. */
export async function bytesOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  let total = 0;
  for (const entry of entries) if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
  return total;
}
