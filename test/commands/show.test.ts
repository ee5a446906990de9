import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { open } from '../../src/commands/open.ts';
import { analyze } from '../../src/commands/analyze.ts';
import { dataInspect } from '../../src/commands/data-inspect.ts';
import { exportRun } from '../../src/commands/export.ts';
import { parseSize } from '../../src/commands/picture-output.ts';
import { epochMeant } from '../../src/commands/run-place.ts';
import { show, type ShowOptions } from '../../src/commands/show.ts';
import { viewOptions } from '../../src/commands/show-options.ts';
import { panesOf } from '../../src/views/keys/toggles.ts';
import type { LayerJson, NeuronJson, RunJson } from '../../src/commands/show-json.ts';
import { openRun } from '../../src/engine/run/index.ts';
import type { Rgb } from '../../src/imaging/cells/cells.ts';
import { sample } from '../../src/imaging/colour/colour-maps.ts';
import { darkPicture, lightPicture } from '../../src/imaging/files/picture-colours.ts';
import { parseAnsi } from '../support/parse-ansi.ts';
import { gridToText } from '../../src/imaging/cells/grid.ts';
import { headerOf, temporary, writeRun } from '../engine/run/sample-run.ts';
import { trainingHome, type TrainingHome } from '../support/training-home.ts';
import { sceneIn } from './scene.ts';

const id = '20260101-1200-tiny-aaaa';

async function home(): Promise<{ directory: string; run: string }> {
  const directory = await temporary();
  const run = join(sceneIn(directory).context.paths.runs, id);
  await writeRun(run, { header: headerOf({ id }) });
  return { directory, run };
}

test('text is the network view, in the size asked for', async () => {
  const { directory } = await home();
  const { context, out } = sceneIn(directory);
  expect(await show({ run: 'last', size: '100x30' }, context)).toBe(0);
  const lines = out().trimEnd().split('\n');
  expect(lines).toHaveLength(30);
  expect(lines[0]).toMatch(/^ tiny - shapes/);
  expect(lines.every((line) => line.length <= 100)).toBe(true);
  expect(out()).toMatch(/^[\n -~]*$/);
});

test('the colours are those of the theme and the colour map that were asked for', async () => {
  const { directory } = await home();
  const { context } = sceneIn(directory);
  const drawn = async (theme: 'dark' | 'light' | 'high-contrast', colourMap: 'viridis' | 'magma'): Promise<string> => {
    const output = join(directory, `${theme}-${colourMap}.svg`);
    const screen = { ...context.screen, colour: 'auto' as const, theme, colourMap };
    expect(await show({ run: 'last', size: '80x24', output }, { ...context, screen })).toBe(0);
    return readFile(output, 'utf8');
  };
  const [dark, light, high, magma] = [
    await drawn('dark', 'viridis'),
    await drawn('light', 'viridis'),
    await drawn('high-contrast', 'viridis'),
    await drawn('dark', 'magma'),
  ];
  const hex = ([red, green, blue]: Rgb): string =>
    `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  const [lowest, lowestOfMagma] = [hex(sample('viridis', 0)), hex(sample('magma', 0))];
  expect([dark, magma].map((text) => [text.includes(lowest), text.includes(lowestOfMagma)])).toEqual([
    [true, false],
    [false, true],
  ]);
  const paper = /<rect width="\d+" height="\d+" fill="(#\w+)"/;
  expect([dark, light].map((text) => paper.exec(text)?.[1])).toEqual(
    [darkPicture, lightPicture].map((its) => hex(its.background)),
  );
  expect(high).not.toBe(dark);
});

test('a run as JSON is what its records say', async () => {
  const { directory, run } = await home();
  const { context, out } = sceneIn(directory, true);
  await show({ run: id }, context);
  const json = JSON.parse(out()) as RunJson;
  const { header, records } = await openRun(run);
  expect(json.format).toBe(2);
  expect(json.run).toEqual({
    id,
    network: header.network.name,
    dataset: header.dataset.name,
    classes: header.dataset.classes,
    engine: header.engine.name,
    seed: header.seed,
    state: 'finished',
  });
  expect(json.records.map(({ epoch, scalars }) => ({ epoch, scalars }))).toEqual(
    records.map(({ number, scalars }) => ({ epoch: number, scalars })),
  );
  const [first, second] = json.metrics;
  expect(first).toMatchObject({ id: 'discriminability', symbol: 'D', label: 'discriminability', better: 'higher' });
  expect(second).toMatchObject({ id: 'density', symbol: 'DN', range: [0, 1] });
  json.layers.forEach(({ metrics }, index) => {
    expect(metrics['discriminability']).toEqual(records.map((record) => record.layers.discriminability[index]));
    expect(metrics['density']).toEqual(records.map((record) => record.layers.density[index]));
  });
});

test('a layer as JSON has its neurons, epoch by epoch, and those that stand out', async () => {
  const { directory, run } = await home();
  const opened = await openRun(run);
  const layer = opened.header.network.layers[0];
  if (!layer) throw new Error('the sample run has layers');
  for (const word of ['1', layer.name]) {
    const { context, out } = sceneIn(directory, true);
    await show({ run: id, layer: word }, context);
    const json = JSON.parse(out()) as LayerJson;
    expect(json.layer.index).toBe(1);
    expect(json.neurons).toHaveLength(layer.units);
    const first = await opened.neurons(1, 1);
    expect(json.neurons.map(({ metrics }) => metrics['discriminability'][0])).toEqual(
      Array.from(first.discriminability),
    );
    for (const { index, reason } of json.outliers) {
      expect(index).toBeLessThan(layer.units);
      expect(reason).not.toBe('');
    }
  }
});

test('an epoch shows the run as it was then', async () => {
  const { directory } = await home();
  const { context, out } = sceneIn(directory, true);
  await show({ run: id, epoch: 2 }, context);
  expect((JSON.parse(out()) as RunJson).records.map(({ epoch }) => epoch)).toEqual([1, 2]);
});

test('the metric that is drawn is named by its id', async () => {
  const { directory } = await home();
  const shown = async (metric?: string): Promise<string> => {
    const { context, out } = sceneIn(directory);
    await show({ run: id, metric, size: '100x30' }, context);
    return out();
  };
  expect(await shown('density')).toContain('density');
  expect(await shown('discriminability')).toBe(await shown());
  await expect(shown('densty')).rejects.toMatchObject({
    code: 'unknown-metric',
    exitCode: 2,
    hint: expect.stringMatching(/^Did you mean density\? It has discriminability, density/) as string,
  });
});

test('pictures go to files, their format told by the name', async () => {
  const { directory } = await home();
  const { context } = sceneIn(directory);
  const written = async (output: string): Promise<Buffer> => {
    await show({ run: id, layer: '1', size: '60x20', output }, context);
    return readFile(join(directory, output));
  };
  expect((await written('layer.png')).subarray(1, 4).toString()).toBe('PNG');
  expect((await written('layer.svg')).toString()).toMatch(/^<svg/);
  expect(gridToText(parseAnsi((await written('layer.ansi')).toString()))).toContain('layer 1 of');
  expect((JSON.parse((await written('layer.json')).toString()) as LayerJson).format).toBe(2);
});

test('what is not there is refused by name', async () => {
  const { directory } = await home();
  const { context } = sceneIn(directory);
  await expect(show({ run: id, layer: '99' }, context)).rejects.toMatchObject({ code: 'unknown-layer', exitCode: 2 });
  await expect(show({ run: 'demo', layer: 'conv99' }, context)).rejects.toMatchObject({
    hint: expect.stringMatching(/^Layers are numbered 1 to \d+, or named: \S+(, \S+){5} and \d+ more\.$/) as string,
  });
  await expect(show({ run: id, epoch: 77 }, context)).rejects.toMatchObject({ code: 'unknown-epoch', exitCode: 2 });
  await expect(show({ run: 'nobody' }, context)).rejects.toMatchObject({ code: 'unknown-run', exitCode: 4 });
  await expect(show({ run: id, output: 'no/such/folder/a.png' }, context)).rejects.toMatchObject({ exitCode: 1 });
});

test('nothing is drawn that is too small to be seen, or written under a name that says something else', async () => {
  const { directory } = await home();
  const { context, out } = sceneIn(directory);
  for (const size of ['39x12', '40x11', '10x3']) {
    await expect(show({ run: id, size }, context)).rejects.toMatchObject({
      code: 'bad-size',
      exitCode: 2,
      hint: 'Give 40x12 at least.',
    });
  }
  await show({ run: id, size: '40x12' }, context);
  expect(out()).not.toContain('too small');
  const refused = { code: 'wrong-ending', exitCode: 2 };
  await expect(show({ run: id, output: 'x.foo' }, context)).rejects.toMatchObject({
    ...refused,
    hint: 'End it in .txt, .ansi, .png, .svg or .json, or say --format.',
  });
  await expect(dataInspect({ name: 'shapes', output: 'x.jpg' }, context)).rejects.toMatchObject(refused);
  await expect(exportRun({ run: id, format: 'weights', output: 'w.pt' }, context)).rejects.toMatchObject({
    ...refused,
    hint: 'End it in .safetensors.',
  });
  const distances = analyze({ file: 'a.npy', distances: 'd.csv' }, context);
  await expect(distances).rejects.toMatchObject({ ...refused, hint: 'End it in .npy.' });
  // A name without an ending promises nothing, and who names a format means it.
  await show({ run: id, output: 'plain' }, context);
  await show({ run: id, output: 'x.foo', format: 'svg' }, context);
  expect(await readFile(join(directory, 'x.foo'), 'utf8')).toMatch(/^<svg/);
});

test.each(['', '80', '0x10', '80x', 'x24', '80x24x3', '-5x10', '1e3x40', '1001x20', '99999999x1', '\u001b[2Jx1'])(
  '%j is not a size',
  (text) => {
    expect(() => parseSize(text)).toThrow(expect.objectContaining({ code: 'bad-size', exitCode: 2 }));
  },
);

test('a size is columns and rows', () => {
  expect(parseSize('120x40')).toEqual({ columns: 120, rows: 40 });
});

test('opening without a terminal prints the view instead', async () => {
  const { directory } = await home();
  const { context, out } = sceneIn(directory);
  expect(await open({ run: 'last' }, context)).toBe(0);
  expect(out().split('\n')[0]).toMatch(/^ tiny - shapes/);
});

test('the best record has the lowest error, or the lowest loss where there are no errors', async () => {
  const { run } = await home();
  const opened = await openRun(run);
  const [first] = opened.records;
  const bestOf = (...scalars: Record<string, number>[]): number | undefined =>
    epochMeant({ ...opened, records: scalars.map((own, at) => ({ ...first, number: at + 1, scalars: own })) }, 'best');
  expect(bestOf({ 'error/validation': 0.3 }, { 'error/validation': 0.2 }, { 'error/validation': NaN })).toBe(2);
  expect(bestOf({ 'loss/validation': NaN }, { 'loss/validation': 4 }, { 'loss/validation': 3 })).toBe(3);
  expect(bestOf({ 'loss/train': 1 }, { 'loss/train': 2 })).toBe(2);
  // Of equal errors the lower loss, of equal losses the later one.
  const one = (loss: number) => ({ 'error/validation': 0.2, 'loss/validation': loss });
  expect(bestOf(one(0.5), one(0.4), one(0.6), { 'error/validation': 0.2 })).toBe(2);
  expect(bestOf(one(0.5), one(0.4), one(0.4), { 'error/validation': 0.3, 'loss/validation': 0.1 })).toBe(3);
  expect(bestOf({ 'loss/validation': -Infinity }, { 'loss/validation': 3 })).toBe(2);
  expect(bestOf()).toBeUndefined();
});

describe('what keys change on the screen', () => {
  // One home, whose cache keeps what was computed.
  let home: TrainingHome;
  beforeAll(async () => {
    home = await trainingHome();
  });
  afterAll(() => home.remove());
  const views = { network: undefined, layer: '12', neuron: '12/3' };
  const size = '120x40';
  const printed = async (options: Omit<ShowOptions, 'run'>, json = false): Promise<string> => {
    const { context, out } = sceneIn(home.directory, json);
    await show({ run: 'demo', size, ...options }, context);
    return out();
  };

  const kept = new Map<string, Promise<string>>();
  /** What is printed without an option, once for all options. */
  const usual = (around: Omit<ShowOptions, 'run'>): Promise<string> => {
    const text = kept.get(JSON.stringify(around)) ?? printed(around);
    kept.set(JSON.stringify(around), text);
    return text;
  };

  it.each(viewOptions.map((option) => [option.name, option] as const))('is an option: %s', async (name, option) => {
    const { form } = option;
    const values = form.form === 'choice' ? form.words : [form.form === 'number' ? Math.max(3, form.minimum) : 0];
    for (const view of new Set(option.views)) {
      const value = values.findLast((each) => name !== 'pane' || isPaneOf(view, each));
      // A small picture has room for one pane.
      const around = { layer: views[view], ...(name === 'pane' && { size: '80x24' }) };
      expect(await printed({ ...around, [name]: value }), `${name} of a ${view}`).not.toBe(await usual(around));
    }
    const other = (['network', 'layer', 'neuron'] as const).find((view) => !option.views.includes(view));
    if (other) {
      await expect(printed({ layer: views[other], [name]: values[0] })).rejects.toMatchObject({
        ...{ code: 'wrong-view', exitCode: 2 },
        message: `--${name} ${values[0]} is for the view of a ${option.views[0]}, not of a ${other}`,
      });
    }
  });

  const isPaneOf = (view: string, value: unknown): boolean =>
    view !== 'network' && (panesOf[view as keyof typeof panesOf] as readonly unknown[]).includes(value);

  it('changes the numbers that depend on it', async () => {
    const layer = JSON.parse(await printed({ layer: '4', clusters: 3, linkage: 'ward' }, true)) as LayerJson;
    expect(layer.clusters).toMatchObject({ k: 3, linkage: 'ward' });
    const neuron = JSON.parse(await printed({ layer: '12/3', facets: 2 }, true)) as NeuronJson;
    expect(neuron.facets).toHaveLength(2);
  });

  it('selects nothing that there is not', async () => {
    for (const [layer, things] of [
      [undefined, 'layers'],
      ['4', 'clusters'],
      ['12/3', 'facets'],
    ] as const) {
      await expect(printed({ layer, select: 99 })).rejects.toMatchObject({
        ...{ code: 'unknown-selection', exitCode: 2 },
        message: `--select 99 names none of the ${things}`,
      });
    }
  });
});
