import { constants } from 'node:fs';
import { access, mkdtemp, readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { datasetEntry, isPlace, resolveReference } from '../data/catalogue.ts';
import { requireProbeSize } from '../data/sample-probe.ts';
import { DeepviewError, exitCodes, systemCode } from '../base/errors.ts';
import { fileError } from '../base/files.ts';
import { isNetworkFile } from '../network/file/index.ts';
import { openNetworkFile } from '../network/open-file.ts';
import { findPreset } from '../network/presets/index.ts';
import { requireSomewhere, type Paths } from '../base/paths.ts';
import { printable } from '../base/printable.ts';
import type { RunHeader } from '../run/format.ts';
import { readHeader } from '../run/records.ts';
import { checkSettings, flagFor, trainingOptions, trainingSettingNames } from '../base/training-settings.ts';
import type { TrainingRequest } from './messages.ts';
import { overridden } from './overrides.ts';
import { networkFor } from './plan.ts';
import { runWord } from '../run/find.ts';

const usage = (code: string, message: string, hint?: string): DeepviewError =>
  new DeepviewError(code, message, { hint, exitCode: exitCodes.usage });

/**
 * Refuses a request that cannot be met, before anything is downloaded for it: numbers out of range, an unknown
 * network or engine, a network file that is wrong, a run directory that is taken or cannot be written, a source or a run
 * that is not there.
 * @returns the request with absolute paths
 * @throws DeepviewError exit code 2
 */
export async function validateRequest(request: TrainingRequest, paths: Pick<Paths, 'runs'>): Promise<TrainingRequest> {
  checkSettings(request);
  const checked: TrainingRequest = { ...request };
  if (request.resume === undefined) checked.data = await resolveReference(request.data, process.cwd());
  if (request.source !== undefined) {
    checked.source = resolve(request.source);
    await requireReadable(checked.source);
  }
  if (request.resume !== undefined) {
    checked.resume = resolve(request.resume);
    if (request.run !== undefined) {
      throw usage('bad-option', '--run and --resume exclude each other: a run goes on where it is.');
    }
    requireResumable(request);
    const header = await readHeader(checked.resume);
    const { machine } = header;
    if (request.deterministic && !machine?.deterministic) throw fixedByRun('--deterministic');
    if (request.skipCorrupt && !header.dataset.origin?.skipCorrupt) throw fixedByRun('--skip-corrupt');
    const takenFor = await requireTakenFor(request.takenFor ?? {}, header);
    return { ...checked, takenFor, ...(machine?.deterministic && { deterministic: true }) };
  }
  if (request.weights !== undefined) {
    checked.weights = resolve(request.weights);
    await requireReadable(checked.weights);
  }
  if (isNetworkFile(request.network)) {
    const allowModule = request.mayRunNetwork === true;
    const { file, weights, notices } = await openNetworkFile(request.network, { cwd: process.cwd(), allowModule });
    checked.networkFile = file;
    if (weights !== undefined) checked.weights ??= weights;
    if (notices.length > 0 && !request.probeOnly) checked.networkNotices = notices;
  } else {
    const network = findPreset(request.network);
    checked.network = network.name;
    overridden(network.training, request);
  }
  if (!isPlace(checked.data)) requireFit(checked);
  if (request.run !== undefined) checked.run = resolve(request.run);
  await requireRoomForRun(checked.run, paths.runs);
  return checked;
}

/** Refuses what does not fit a data set of the catalogue, of which classes and sizes are known before it is fetched. */
function requireFit(request: TrainingRequest): void {
  const { name, classes, imageShape } = datasetEntry(request.data);
  const [height, width, channels] = imageShape;
  const { networkFile, network, imageSize, probe } = request;
  const wanted = networkFile ? networkFile.input?.[2] : findPreset(network).inputShape[2];
  networkFor(request, {
    ...{ name, classes },
    // Grey images are repeated for three channels.
    imageShape: [imageSize ?? height, imageSize ?? width, channels === 1 && wanted === 3 ? 3 : channels],
  });
  requireProbeSize(probe, classes.length);
}

/** A run goes on as it began: with the data, the network and the settings that it recorded. */
function requireResumable(request: TrainingRequest): void {
  const fixed = trainingSettingNames.filter((name) => {
    const { resumes, otherwise } = trainingOptions[name];
    return resumes === undefined && otherwise === undefined && request[name] !== undefined;
  });
  const [first] = [...fixed.map(flagFor), ...(request.weights === undefined ? [] : ['--weights'])];
  if (first !== undefined) throw fixedByRun(first);
}

/**
 * Refuses a run of something else than the command line says: what stands there is not passed over. Images of the user's
 * own may lie elsewhere by now; that they are the same is seen when they are read.
 */
async function requireTakenFor(
  { network, data, seed }: NonNullable<TrainingRequest['takenFor']>,
  header: RunHeader,
): Promise<NonNullable<TrainingRequest['takenFor']>> {
  const { network: own, dataset } = header;
  if (network !== undefined && (isNetworkFile(network) || findPreset(network).name !== own.name)) {
    throw fixedByRun(`the network, ${printable(own.name)},`);
  }
  if (seed !== undefined && seed !== header.seed) throw fixedByRun('--seed');
  if (data === undefined) return {};
  const place = await resolveReference(data, process.cwd());
  if (place !== dataset.name && !(dataset.origin && isAbsolute(place))) throw fixedByRun('--data');
  return { data: place };
}

const fixedByRun = (option: string): DeepviewError =>
  usage(
    'bad-option',
    `A run goes on as it began: ${option} cannot be changed by --resume.`,
    'Start a new run; its weights can begin where this one is: deepview-tui export RUN weights -o FILE.',
  );

async function requireReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (thrown) {
    throw fileError(thrown, 'read', file, exitCodes.usage);
  }
}

/** A new run needs a directory that is new or empty, below one that can be written. */
async function requireRoomForRun(run: string | undefined, runs: string): Promise<void> {
  const directory = run ?? join(runs, 'new');
  requireSomewhere(directory);
  const names = await readdir(directory).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw fileError(thrown, 'use', directory, exitCodes.usage);
  });
  if (run !== undefined && names?.includes('run.json')) {
    throw usage(
      'run-exists',
      `${printable(run, 1000)} already holds a run.`,
      `Give another directory with --run, or go on with it: deepview-tui train --resume ${runWord(run, runs)}`,
    );
  }
  const parent = await nearestThatExists(directory);
  try {
    if (!(await stat(parent)).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
    // Only trying tells: rights alone say nothing of read-only and special file systems.
    await rmdir(await mkdtemp(join(parent, '.deepview-')));
  } catch (thrown) {
    const error = fileError(thrown, 'write', parent, exitCodes.usage);
    if (run !== undefined || error.code !== 'no-permission') throw error;
    throw usage(
      error.code,
      error.message,
      'Set HOME or XDG_DATA_HOME to a directory that can be written, or use --run.',
    );
  }
}

async function nearestThatExists(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const there = await stat(at).then(
      () => true,
      (thrown: unknown) => {
        if (systemCode(thrown) === 'ENOENT') return false;
        throw fileError(thrown, 'use', at, exitCodes.usage);
      },
    );
    if (there || at === dirname(at)) return at;
  }
}
