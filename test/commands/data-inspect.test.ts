import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../../src/commands/common.ts';
import { dataInspect, sampler } from '../../src/commands/data-inspect.ts';
import { reportPage, type InspectedSet } from '../../src/commands/inspect/report.ts';
import { inspectImages, type InspectedData } from '../../src/engine/data/inspection/inspect-images.ts';
import { encodeGrid } from '../../src/imaging/cells/ansi.ts';
import type { ColourDepth } from '../../src/imaging/cells/cells.ts';
import { gridToText } from '../../src/imaging/cells/grid.ts';
import { defaultTheme } from '../../src/views/theme/theme.ts';
import {
  classes,
  fair,
  nearly,
  oneColour,
  planted,
  side,
  type PlantedImage,
} from '../engine/data/inspection/planted.ts';
import { imageFolder } from '../engine/data/inspection/image-folder.ts';
import { temporaryDirectory } from '../engine/transfer/support.ts';
import { sceneIn } from './scene.ts';

/** A set with a fault of every kind. */
function faulty(): InspectedData {
  const train: PlantedImage[] = [...fair(12, 0), ...fair(20, 500).filter(([, label]) => label === 0)];
  train.push([train[3][0], 1], [nearly(train[4][0], 1), 1], [oneColour(200, 30, 30), 0]);
  return planted(train, [...fair(4, 100).filter(([, label]) => label < 2), train[7]], {
    classes: [...classes, 'a class with a long name'],
    corrupt: { count: 1, files: [{ file: 'cat/007\u001b[31m.png', why: 'cut short' }] },
    fileOf: (part, index) => (part === 'train' && index < 9 ? `cat/${index}.png` : undefined),
    sizes: [
      { height: 40, width: 30, images: 50 },
      { height: 16, width: 16, images: 18 },
    ],
  });
}

async function inspectedSet(data: InspectedData): Promise<InspectedSet> {
  const context = { onProgress: () => undefined, signal: new AbortController().signal };
  return {
    name: 'planted',
    classes: data.classes,
    imageShape: data.imageShape,
    inspection: await inspectImages(data, context),
    samplesOf: sampler({ train: data.train.labels, validation: data.validation.labels }, data.classes.length),
    pictureOf: ({ part, index }) => ({
      height: side,
      width: side,
      channels: 3,
      pixels: data[part].view(index, index + 1).slice(),
    }),
  };
}

/** A command's surroundings with a terminal. */
function terminal(home: string, columns: number, changes: Partial<CommandContext['screen']> = {}) {
  const scene = sceneIn(home);
  Object.assign(scene.context.stdout, { isTTY: true, columns, rows: 24 });
  const screen = { ...scene.context.screen, colour: 'auto' as const, ascii: 'off' as const, ...changes };
  return { ...scene, context: { ...scene.context, screen, env: { HOME: home, TERM: 'xterm-256color' } } };
}

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => Array.from(line).length));
// eslint-disable-next-line no-control-regex
const withoutColours = (text: string): string => text.replace(/\u001b\[[0-9;:]*m/g, '');

describe('the report', () => {
  it.each([80, 120])('has a fault of every kind with its evidence, at %d columns', async (columns) => {
    const page = reportPage(await inspectedSet(faulty()), {
      columns,
      theme: defaultTheme,
      hasPictures: false,
      hasPixels: false,
    });
    const text = gridToText(page.drawn(defaultTheme, false).cells);
    expect(text).toMatchSnapshot();
    expect(widest(text)).toBeLessThanOrEqual(columns);
    expect(text).not.toContain('\u001b');
  });

  it('in ASCII and without colours says the same with other signs', async () => {
    const theme = { ...defaultTheme, ascii: true, depth: 'none' as const };
    const page = reportPage(await inspectedSet(faulty()), { columns: 80, theme, hasPictures: true, hasPixels: false });
    const text = gridToText(page.drawn(theme, false).cells);
    expect(text).toMatchSnapshot();

    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it.each<[ColourDepth, number]>([
    ['256', 120],
    ['16', 80],
  ])('draws images in %s at %d columns', async (depth, columns) => {
    const theme = { ...defaultTheme, depth };
    const page = reportPage(await inspectedSet(faulty()), { columns, theme, hasPictures: true, hasPixels: false });
    const { cells } = page.drawn(theme, false);
    expect(cells.every((row) => row.length === columns)).toBe(true);
    expect(encodeGrid(cells, depth)).toMatchSnapshot();
  });

  it('leaves images to a medium with pixels', async () => {
    const page = reportPage(await inspectedSet(faulty()), {
      columns: 80,
      theme: defaultTheme,
      hasPictures: true,
      hasPixels: true,
    });
    const { pictures, cells } = page.drawn(defaultTheme, true);
    // Images of both parts of each class that has some, and pairs of the findings.
    expect(pictures.length).toBeGreaterThan(3 * 4 + 2 * 3);
    for (const { row, column, rows, columns, raster } of pictures) {
      expect(row + rows).toBeLessThanOrEqual(cells.length);
      expect(column + columns).toBeLessThanOrEqual(80);
      expect(raster.pixels).toHaveLength(side * side * 3);
    }
  });

  it.each([80, 120])('has each part’s images below its own heading, at %d columns', async (columns) => {
    const set = await inspectedSet(faulty());
    const asked: string[] = [];
    const samplesOf: InspectedSet['samplesOf'] = (part, label, count) => {
      const samples = set.samplesOf(part, label, count);
      asked.push(...samples.map(() => part));
      return samples;
    };
    const options = { columns, theme: defaultTheme, hasPictures: true, hasPixels: true };
    const { pictures, cells } = reportPage({ ...set, samplesOf }, options).drawn(defaultTheme, true);
    const lines = gridToText(cells).split('\n');
    const start = lines[2].indexOf('validation');
    for (const [at, part] of asked.entries()) {
      const { column, columns: wide } = pictures[at];
      if (part === 'train') expect(column + wide).toBeLessThan(start);
      else expect(column).toBeGreaterThanOrEqual(start);
    }
    expect(new Set(asked)).toEqual(new Set(['train', 'validation']));
  });

  it('is cut where --size says so, and says how much that leaves out', async () => {
    const { context, out } = sceneIn(await temporaryDirectory());
    await dataInspect({ name: 'shapes', size: '60x12' }, context);
    const lines = out().trimEnd().split('\n');
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toMatch(/^ and \d+ lines more$/);
    expect(widest(out())).toBeLessThanOrEqual(60);
    for (const size of ['9x9', 'wide']) {
      await expect(dataInspect({ name: 'shapes', size }, context)).rejects.toMatchObject({
        code: 'bad-size',
        exitCode: 2,
      });
    }
  });

  it('lists no more classes than can be read', async () => {
    const many = planted(fair(10, 0), fair(2, 100), { classes: Array.from({ length: 150 }, (_, at) => `class ${at}`) });
    const page = reportPage(await inspectedSet(many), {
      columns: 80,
      theme: defaultTheme,
      hasPictures: false,
      hasPixels: false,
    });
    expect(gridToText(page.drawn(defaultTheme, false).cells)).toContain('and 50 classes more; --json has all');
  });
});

describe('data inspect', () => {
  it('prints text where there is no terminal, and 0 when all is well', async () => {
    const { context, out } = sceneIn(await temporaryDirectory());
    expect(await dataInspect({ name: 'shapes' }, context)).toBe(0);
    expect(out()).toContain('5 000 training and 1 000 validation images');
    expect(out()).toContain('nothing to remark on');
    expect(widest(out())).toBeLessThanOrEqual(80);
    expect(out()).not.toContain('\u001b');
  });

  it.each([80, 120])('takes the width and the colours of a terminal: %d columns', async (columns) => {
    const { context, out } = terminal(await temporaryDirectory(), columns);
    await dataInspect({ name: 'shapes' }, context);
    expect(out()).toContain('\u001b[');
    expect(
      out()
        .trimEnd()
        .split('\n')
        .every((line) => Array.from(withoutColours(line)).length <= columns),
    ).toBe(true);
    const plain = terminal(await temporaryDirectory(), columns, { colour: 'none', images: 'off' });
    await dataInspect({ name: 'shapes' }, plain.context);
    // eslint-disable-next-line no-control-regex
    expect(plain.out()).not.toMatch(/\u001b\[[0-9;]*[34]8;/);
  });

  it('prints one JSON object', async () => {
    const { context, out, err } = sceneIn(await temporaryDirectory(), true);
    await dataInspect({ name: 'shapes' }, context);
    expect(JSON.parse(out())).toMatchObject({
      ...{ format: 1, name: 'shapes', imageShape: [32, 32, 3], findings: [], notes: [] },
      sizes: [{ height: 32, width: 32, images: 6000 }],
      train: { images: 5000, classCounts: Array<number>(10).fill(500) },
      validation: { images: 1000 },
    });
    expect(err()).toBe('');
  });

  it('writes a picture to a file, not to a terminal', async () => {
    const home = await temporaryDirectory();
    const { context, out } = terminal(home, 80);
    const refused = dataInspect({ name: 'shapes', format: 'png' }, context);
    await expect(refused).rejects.toMatchObject({ code: 'picture-to-terminal', exitCode: 2 });
    await dataInspect({ name: 'shapes', output: 'sheet.png' }, context);
    const picture = await readFile(join(home, 'sheet.png'));
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect(picture.readUInt32BE(16)).toBe(120 * 20);
    expect(out()).toBe('');
    await expect(dataInspect({ name: 'shapes', output: 'nowhere/sheet.png' }, context)).rejects.toThrow(
      /cannot write .*sheet\.png: its folder is not there/,
    );
  });

  it('looks through a folder of images, and ends with 3 when there is something to remark on', async () => {
    const home = await temporaryDirectory();
    const pictures = fair(4, 0).map(([pixels, label], at) => [`pets/${classes[label]}/${at}.png`, pixels] as const);
    await imageFolder(home, { ...Object.fromEntries(pictures), 'pets/owl/night.png': 'dark' });
    const { context, out } = sceneIn(home);
    expect(await dataInspect({ name: './pets', validation: 0.25 }, context)).toBe(3);
    expect(out()).toContain('9 training and 3 validation images');
    expect(out()).toMatch(/! 1 file cannot be read.*\n\s+owl\/night\.png is /s);
    await expect(dataInspect({ name: './nets' }, context)).rejects.toMatchObject({ code: 'not-found', exitCode: 2 });
  });

  it('refuses what is no data set, with the name that was meant', async () => {
    const { context } = sceneIn(await temporaryDirectory());
    await expect(dataInspect({ name: 'shape' }, context)).rejects.toMatchObject({
      code: 'unknown-dataset',
      exitCode: 2,
    });
  });
});
