import { datasetEntry } from '../engine/data/open-dataset.ts';
import { inspectImages, type InspectedData } from '../engine/data/inspection/inspect-images.ts';
import type { ImagePlace, Inspection } from '../engine/data/inspection/inspection.ts';
import { exitCodes, type ExitCode } from '../engine/errors.ts';
import type { Raster } from '../imaging/cells.ts';
import { progressReporter, type CommandContext } from './common.ts';
import { depthFor, encoded, formatOf, putOut, refusePngOnTerminal, type PictureOutput } from './picture-output.ts';
import { inspectionJson } from './inspect/json.ts';
import type { InspectedSet } from './inspect/report.ts';
import { sampler } from './inspect/samples.ts';

export interface DataInspectOptions extends PictureOutput {
  /** A data set's name. */
  name: string;
}

/** Columns of a picture for a file, and of text where there is no terminal. */
const fileColumns = 120;
const textColumns = 80;
/** Narrower than this, bars and numbers have no room. */
const leastColumns = 40;

/**
 * `data inspect`: images of each class, counts, means and deviations, and what is to be said against the data.
 * @returns 3 when there are findings
 * @throws DeepviewError `unknown-dataset`, `picture-to-terminal` (usage), `cancelled`, or what getting the data throws
 */
export async function dataInspect(options: DataInspectOptions, context: CommandContext): Promise<ExitCode> {
  const format = formatOf(options, context);
  refusePngOnTerminal(format, options, context);
  const { name, data, inspection } = await inspected(options.name, context);
  if (format === 'json') {
    await putOut(`${JSON.stringify(inspectionJson(name, data, inspection))}\n`, options, context);
  } else {
    const set = withPictures(name, data, inspection);
    const [{ reportPage }, { defaultTheme }, depth] = await Promise.all([
      import('./inspect/report.ts'),
      import('../views/theme.ts'),
      depthFor(format, context),
    ]);
    const { ascii, images } = context.screen;
    const theme = { ...defaultTheme, depth, ascii };
    const { stdout } = context;
    const isFile = format === 'png' || format === 'svg';
    const columns = isFile ? fileColumns : stdout.isTTY ? Math.max(leastColumns, stdout.columns) : textColumns;
    const hasPixels = format === 'png';
    const page = reportPage(set, { columns, theme, hasPictures: images !== 'off', hasPixels });
    await putOut(await encoded(page.drawn(theme, hasPixels), format, context), options, context);
  }
  return inspection.findings.length > 0 ? exitCodes.findings : exitCodes.done;
}

interface Inspected {
  name: string;
  data: InspectedData;
  inspection: Inspection;
}

async function inspected(name: string, context: CommandContext): Promise<Inspected> {
  const entry = datasetEntry(name);
  const { paths, env, signal } = context;
  const { onProgress, onNotice, end } = progressReporter(context);
  // Under --json standard error belongs to one error object.
  const quiet = { onProgress: () => undefined, onNotice: () => undefined };
  const step = { ...(context.json ? quiet : { onProgress, onNotice }), paths, env, signal };
  try {
    const parts = await entry.provide(step, { limit: entry.trainImages });
    const data = { classes: entry.classes, imageShape: entry.imageShape, ...parts };
    return { name: entry.name, data, inspection: await inspectImages(data, step) };
  } finally {
    end();
  }
}

function withPictures(name: string, data: InspectedData, inspection: Inspection): InspectedSet {
  const { classes, imageShape, train, validation } = data;
  const [height, width, channels] = imageShape;
  return {
    name,
    classes,
    imageShape,
    inspection,
    samplesOf: sampler({ train: train.labels, validation: validation.labels }, classes.length),
    pictureOf: ({ part, index }: ImagePlace): Raster => ({
      height,
      width,
      channels,
      pixels: data[part].view(index, index + 1).slice(),
    }),
  };
}
