import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { toJson } from '../engine/base/json.ts';
import type { Fit } from '../engine/data/images/image-options.ts';
import { inspectImages, type InspectedData } from '../engine/data/inspection/inspect-images.ts';
import { partNames, type ImagePlace, type Inspection, type PartName } from '../engine/data/inspection/inspection.ts';
import { openInspected } from '../engine/data/inspection/open-inspected.ts';
import { resolveReference } from '../engine/data/catalogue.ts';
import { exitCodes, misuse, type ExitCode } from '../engine/base/errors.ts';
import type { Raster } from '../imaging/cells/cells.ts';
import type { Discovery } from '../imaging/pictures/discover.ts';
import type { ImageChoice } from '../imaging/pictures/protocol.ts';
import { windowSize } from '../imaging/terminal/window-size.ts';
import { reporting, type CommandContext } from './common.ts';
import {
  encoded,
  formatOf,
  lookFor,
  parseSize,
  putOut,
  refusePngOnTerminal,
  type Drawn,
  type Look,
  type PictureOutput,
} from './picture-output.ts';
import type { InspectedSet } from './inspect/report.ts';

export interface DataInspectOptions extends PictureOutput {
  /** A data set's name, or the path of a folder or a file. */
  name: string;
  /** A local archive or folder to take a data set of the catalogue from. */
  source?: string | undefined;
  imageSize?: number | undefined;
  fit?: Fit | undefined;
  followLinks?: boolean | undefined;
  /** Share of each class that is validation where there is no given split. */
  validation?: number | undefined;
  /** Of that split, as for training. */
  seed?: number | undefined;
  /** `120x40`: columns of the report, and lines that it may have. */
  size?: string | undefined;
}

/** Columns of a picture for a file, and of text where there is no terminal. */
const fileColumns = 120;
const textColumns = 80;
/** Narrower than this, bars and numbers have no room. */
const leastColumns = 40;
/** A row of pictures must fit into the window. */
const leastRows = 8;

/**
 * `data inspect`: images of each class, counts, means and deviations, and what is to be said against the data.
 * @returns 3 when there are findings
 * @throws DeepviewError `unknown-dataset`, `picture-to-terminal` (usage), `cancelled`, or what getting the data throws
 */
export async function dataInspect(options: DataInspectOptions, context: CommandContext): Promise<ExitCode> {
  const format = formatOf(options, context);
  const size = options.size === undefined ? undefined : parseSize(options.size);
  if (size && size.columns < leastColumns) {
    throw misuse('bad-size', `${size.columns} columns are too few`, `Give ${leastColumns} at least.`);
  }
  refusePngOnTerminal(format, options, context);
  const { name, data, inspection } = await inspected(options, context);
  if (format === 'json') {
    await putOut(`${toJson(inspectionJson(name, data, inspection))}\n`, options, context);
  } else {
    const set = withPictures(name, data, inspection);
    const [{ reportPage }, { defaultTheme, wishedTheme }] = await Promise.all([
      import('./inspect/report.ts'),
      import('../views/theme/theme.ts'),
    ]);
    const { images } = context.screen;
    const { stdout, env } = context;
    const window = windowSize(stdout, env, { columns: textColumns, rows: 24 });
    const isFile = format === 'png' || format === 'svg';
    const usual = isFile ? fileColumns : Math.max(leastColumns, window.columns);
    const columns = size?.columns ?? usual;
    const drawn = (hasPixels: boolean, look: Look): Drawn => {
      const theme = { ...defaultTheme, ...wishedTheme(context.screen, env), ...look };
      const page = reportPage(set, { columns, theme, hasPictures: images !== 'off', hasPixels });
      if (size) page.cut(size.rows);
      return page.drawn(theme, hasPixels);
    };
    const isPrinted = format === 'ansi' && options.output === undefined && stdout.isTTY && window.rows > leastRows;
    if (isPrinted && columns <= window.columns && !['blocks', 'off'].includes(images)) {
      await printed(drawn, images, context);
    } else {
      const look = await lookFor(format, options, context);
      await putOut(await encoded(drawn(format === 'png', look), format, look, context), options, context);
    }
  }
  return inspection.findings.length > 0 ? exitCodes.findings : exitCodes.done;
}

/** Prints the report with pictures in pixels where the terminal has a protocol for them, else of characters. */
async function printed(
  drawn: (hasPixels: boolean, look: Look) => Drawn,
  images: ImageChoice,
  context: CommandContext,
): Promise<void> {
  const { stdout, env, screen } = context;
  const [{ lookOf, withTerminal }, { mostHigh }, { pictureModeFor }, { printedPage }, { isUnsure }] = await Promise.all(
    [
      import('./ask-terminal.ts'),
      import('../imaging/pictures/kitty.ts'),
      import('../imaging/pictures/picture-mode.ts'),
      import('../imaging/pictures/printed-page.ts'),
      import('../imaging/terminal/characters.ts'),
    ],
  );
  const print = async (discovery: Discovery): Promise<void> => {
    const { look } = await lookOf(context, discovery);
    const { depth, ascii } = look;
    const size = windowSize(stdout, env);
    const mode = pictureModeFor(discovery, { choice: images, env, depth, ascii, size });
    const hasPixels = mode.protocol !== 'blocks' && mode.protocol !== 'off' && !ascii;
    const page = drawn(hasPixels, look);
    const data = hasPixels
      ? await printedPage(page.cells, page.pictures, { mode, high: randomInt(1, mostHigh + 1) })
      : await encoded(page, 'ansi', look, context);
    await putOut(data, {}, context);
  };
  await withTerminal(context, print, { isHandingOver: true, characters: isUnsure(screen.ascii, env) });
}

interface Inspected {
  name: string;
  data: InspectedData;
  inspection: Inspection;
}

async function inspected(options: DataInspectOptions, context: CommandContext): Promise<Inspected> {
  const { paths, env, signal, cwd } = context;
  const { imageSize, fit, followLinks, validation, seed } = options;
  const source = options.source === undefined ? undefined : resolve(cwd, options.source);
  const split = { ...(validation !== undefined && { validation }), ...(seed !== undefined && { seed }) };
  return reporting(context, async (report) => {
    const step = { ...report, paths, env, signal };
    const name = await resolveReference(options.name, cwd);
    const data = await openInspected({ name, source, imageSize, fit, followLinks, split }, step);
    return { name: data.name, data, inspection: await inspectImages(data, step) };
  });
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

/** An image as `--json` names it. */
interface NamedImage {
  part: PartName;
  index: number;
  class: string;
  file?: string;
}

/** What `data inspect --json` prints. */
function inspectionJson(name: string, { classes, imageShape }: InspectedData, inspection: Inspection): object {
  const { parts, sizes, findings, notes } = inspection;
  const named = ({ part, index, label, file }: ImagePlace): NamedImage => ({
    part,
    index,
    class: classes[label],
    ...(file !== undefined && { file }),
  });
  return {
    format: 1,
    name,
    classes,
    imageShape,
    sizes,
    train: parts.train,
    validation: parts.validation,
    findings: findings.map(({ images, names, ...finding }) => ({
      ...finding,
      ...(images.length > 0 && { images: images.map((group) => group.map(named)) }),
      ...(names.length > 0 && { names }),
    })),
    notes,
  };
}

/** Chooses images of a class and part to be shown: evenly from all over it, for images are often sorted by source. */
export function sampler(
  labels: Record<PartName, Uint16Array>,
  classes: number,
): (part: PartName, label: number, count: number) => ImagePlace[] {
  const members = new Map<PartName, number[][]>();
  for (const part of partNames) {
    const lists: number[][] = Array.from({ length: classes }, () => []);
    labels[part].forEach((label, index) => lists[label].push(index));
    members.set(part, lists);
  }
  return (part, label, count) => {
    const from = members.get(part)?.[label] ?? [];
    const wanted = Math.min(count, from.length);
    return Array.from({ length: wanted }, (_, place) => ({
      part,
      index: from[Math.floor(((place + 0.5) * from.length) / wanted)],
      label,
    }));
  };
}
