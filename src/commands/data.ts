import { resolve } from 'node:path';
import { catalogue, datasetEntry, isPlace, resolveReference, type DatasetEntry } from '../engine/data/catalogue.ts';
import type { Fit } from '../engine/data/images/image-options.ts';
import { openImages } from '../engine/data/open-images.ts';
import { listKept } from '../engine/data/store/kept.ts';
import { formatBytes } from '../engine/base/byte-size.ts';
import { exitCodes, misuse, unreadable, type ExitCode } from '../engine/base/errors.ts';
import type { Paths } from '../engine/base/paths.ts';
import { printable, shellWord } from '../engine/base/printable.ts';
import { formatTable, printJson, printLine, reporting, type CommandContext } from './common.ts';
import { keptJson, keptLines } from './data-kept.ts';

type DataCommandContext = Pick<CommandContext, 'json' | 'stdout' | 'stderr' | 'env' | 'signal' | 'paths' | 'cwd'>;

/** `data list`: the data sets there are, which of them are on this machine, and what is kept of them there. */
export async function dataList(
  _options: object,
  context: DataCommandContext,
  now: () => number = Date.now,
): Promise<ExitCode> {
  const datasets = await Promise.all(catalogue.map((entry) => describe(entry, context.paths)));
  const kept = await listKept(context.paths, now);
  if (context.json) {
    printJson(context, { format: 1, datasets, kept: kept.map(keptJson) });
    return exitCodes.done;
  }
  const rows = datasets.map((each) => [
    each.name,
    `${each.trainImages} + ${each.validationImages}`,
    each.imageShape.join('x'),
    `${each.classes.length} classes`,
    stateText(each),
    each.description,
  ]);
  for (const line of formatTable(rows)) printLine(context, line);
  const lines = keptLines(kept, now());
  if (lines.length > 0) printLine(context);
  for (const line of lines) printLine(context, line);
  return exitCodes.done;
}

export interface DataFetchOptions {
  /** A name of the catalogue, a folder or a file. */
  name: string;
  imageSize?: number | undefined;
  fit?: Fit | undefined;
  skipCorrupt?: boolean | undefined;
  followLinks?: boolean | undefined;
  /** A local archive or folder to take it from. */
  source?: string | undefined;
}

/**
 * `data fetch NAME`: gets a data set onto this machine, verified; progress goes to standard error.
 * @throws DeepviewError `unknown-dataset` (usage) and whatever prevents it
 */
export async function dataFetch(options: DataFetchOptions, context: DataCommandContext): Promise<ExitCode> {
  const name = await resolveReference(options.name, context.cwd);
  if (isPlace(name) && options.source !== undefined) {
    throw misuse(
      'bad-option',
      '--source is for data sets by name, not for images of your own.',
      `Leave it out: deepview-tui data fetch ${shellWord(options.name)}`,
    );
  }
  if (isPlace(name)) return fetchImages({ ...options, name }, context);
  const entry = datasetEntry(name);
  const source = options.source === undefined ? undefined : resolve(context.cwd, options.source);
  if (!entry.store && options.imageSize === undefined) {
    if (context.json) printJson(context, { format: 1, ...(await describe(entry, context.paths)) });
    else printLine(context, `${entry.name} is generated: there is nothing to fetch`);
    return exitCodes.done;
  }
  const { paths, env, signal } = context;
  if (entry.store && (options.imageSize === undefined || source !== undefined)) {
    await reporting(context, (report) =>
      entry.provide({ ...report, paths, env, signal }, { source, checkSource: true, limit: entry.trainImages }),
    );
  }
  // By now its images are there.
  if (options.imageSize !== undefined) return fetchImages({ ...options, name, source: undefined }, context);
  const state = await describe(entry, paths);
  if (context.json) printJson(context, { format: 1, ...state });
  else
    printLine(context, `${state.name} is in ${printable(state.directory ?? '', 4096)} (${formatBytes(state.bytes)})`);
  return exitCodes.done;
}

/** Reads and keeps images of one's own, or a data set at another size. */
async function fetchImages(options: DataFetchOptions, context: DataCommandContext): Promise<ExitCode> {
  const { paths, env, signal, json, cwd } = context;
  const source = options.source === undefined ? undefined : resolve(cwd, options.source);
  const { name, classes, imageShape, train, validation, store } = await reporting(context, (report) =>
    openImages({ ...options, source, limit: Infinity }, { ...report, paths, env, signal }),
  );
  const facts = { name, classes, imageShape, trainImages: train.count, validationImages: validation.count };
  if (json) printJson(context, { format: 1, ...facts, state: 'ready', directory: store?.directory });
  else {
    const what = `${train.count + validation.count} images of ${imageShape.join('x')} in ${classes.length} classes`;
    printLine(context, `${name}: ${what}${store ? `, in ${printable(store.directory, 4096)}` : ''}`);
  }
  return exitCodes.done;
}

/**
 * `data path DATA`: prints the directory that holds a data set; of images of one's own the one where they are kept once
 * they have been read, the last used if there are several.
 * @throws DeepviewError `unknown-dataset`, `not-found`, `generated` (usage), `not-fetched` (exit code 4)
 */
export async function dataPath(options: { name: string }, context: DataCommandContext): Promise<ExitCode> {
  const name = await resolveReference(options.name, context.cwd);
  if (isPlace(name)) {
    const kept = (await listKept(context.paths)).find(({ source }) => source === name);
    if (!kept) {
      throw unreadable(
        'not-fetched',
        `The images of ${printable(options.name, 1000)} have not been read yet.`,
        `They lie where you put them; to read and keep them, run: deepview-tui data fetch ${shellWord(options.name)}`,
      );
    }
    if (context.json) printJson(context, { format: 1, name: kept.name, directory: kept.path });
    else printLine(context, kept.path);
    return exitCodes.done;
  }
  const state = await describe(datasetEntry(options.name), context.paths);
  if (state.directory === undefined) {
    throw misuse('generated', `${state.name} is generated when it is needed; it is not stored`);
  }
  if (state.state !== 'ready') {
    throw unreadable(
      'not-fetched',
      `${state.name} is ${state.state} at ${printable(state.directory, 4096)}`,
      `Run: deepview-tui data fetch ${state.name}`,
    );
  }
  if (context.json) printJson(context, { format: 1, name: state.name, directory: state.directory });
  else printLine(context, state.directory);
  return exitCodes.done;
}

/** A data set as `--json` shows it. */
interface Description {
  name: string;
  description: string;
  classes: readonly string[];
  /** [height, width, channels] */
  imageShape: readonly [number, number, number];
  trainImages: number;
  validationImages: number;
  state: 'generated' | 'ready' | 'absent' | 'damaged';
  directory?: string;
  bytes: number;
}

async function describe(entry: DatasetEntry, paths: Paths): Promise<Description> {
  const { name, description, classes, imageShape, trainImages, validationImages, store } = entry;
  const known = { name, description, classes, imageShape, trainImages, validationImages };
  if (!store) return { ...known, state: 'generated', bytes: 0 };
  return { ...known, ...(await store.glance(paths)), directory: store.directory(paths) };
}

function stateText({ state, bytes }: Description): string {
  if (state === 'ready') return `here, ${formatBytes(bytes)}`;
  return { generated: 'generated', absent: 'not fetched', damaged: 'damaged' }[state];
}
