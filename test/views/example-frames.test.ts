import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openRun, type RunRecord } from '../../src/engine/run/index.ts';
import { gridToText } from '../../src/imaging/cells/grid.ts';
import { commandFor } from '../../src/views/keys/table.ts';
import { placeOf, type ScreenState, type ViewAction } from '../../src/views/model/state.ts';
import { temporary } from '../engine/run/sample-run.ts';
import { answer } from './fake-layer.ts';
import { bodyOf, expectStyles, sizes, stateOf, textOf } from './frame-files.ts';
import { after, fakeEvents, press } from './fake-run.ts';

const folder = fileURLToPath(new URL('../engine/run/examples/good', import.meta.url));
const names = (await readdir(folder, { withFileTypes: true }))
  .filter((one) => one.isDirectory())
  .map(({ name }) => name);

/** What a reader tells the screen of an example run. */
async function eventsOf(name: string): Promise<ViewAction> {
  // What the reader computes it keeps in the run.
  const directory = join(await temporary(), 'run');
  await cp(join(folder, name), directory, { recursive: true });
  const { header, records } = await openRun(directory);
  // What the run's maker told of: metrics that the catalogue gains later change no frame here.
  const told = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as { layers: object }[];
  const layersOf = (record: RunRecord, at: number): RunRecord['layers'] =>
    Object.fromEntries(Object.entries(record.layers).filter(([id]) => id in told[at].layers));
  return {
    source: 'run',
    events: [
      { type: 'run', header: { ...header, id: name }, directory: `/runs/${name}` },
      ...records.map((record, at) => ({
        type: 'epoch' as const,
        record: { ...record, layers: layersOf(record, at) },
      })),
      { type: 'state', state: 'finished' },
    ],
  };
}

const key = (state: ScreenState, name: string): ScreenState => {
  const command = commandFor(name, placeOf(state));
  return command ? after([{ source: 'key', command }], state) : state;
};

describe.each(names)('the example run %s', (name) => {
  it.each(sizes)('is shown with what it has, $columns x $rows', async (size) => {
    const scene = [await eventsOf(name)];
    const file = `frames/example-${name}-${size.columns}x${size.rows}`;
    await expect(`${gridToText(bodyOf(stateOf(scene, size, 'none')))}\n`).toMatchFileSnapshot(`${file}.txt`);
    await expectStyles(scene, size, file);
    const ascii = textOf(stateOf(scene, size, 'none', true));
    expect(ascii).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

const size = { columns: 120, rows: 40 };
const shown = async (name: string): Promise<ScreenState> => stateOf([await eventsOf(name)], size, 'none');

describe('what a run lacks', () => {
  it('is said in the network view where there are no metrics of layers, and scalars are drawn all the same', async () => {
    const text = textOf(await shown('no-samples'));
    expect(text).toContain('This run has no metrics of layers:');
    expect(text).toMatch(/loss +\d/);
    expect(text).not.toContain('error');
  });

  it.each(['minimal', 'no-labels', 'steps'])(
    'is not made up in the header and the closing facts, of %s',
    async (name) => {
      for (const columns of [80, 200]) {
        const text = textOf(stateOf([await eventsOf(name)], { columns, rows: 24 }, 'none'));
        expect(text).toContain('tiny');
        for (const claim of ['unknown', '00:00', 'monitoring', 'rate 0', ' 0.0 %', '/0 '])
          expect(text).not.toContain(claim);
      }
    },
  );

  it('is said when its key is pressed', async () => {
    const state = key(await shown('no-labels'), 'd');
    expect(state.metric).toBe('density');
    expect(textOf(state)).toContain('This run has no discriminability: its images have no labels.');
  });

  it('leaves out the panes of classes where there are no labels', async () => {
    const neuron: ScreenState = { ...(await shown('no-labels')), screens: ['network', 'layer', 'neuron'] };
    expect(textOf(neuron)).toMatch(/This run has no activations by class: its images[^]*have no labels\./);
  });

  it('is said in the layer view, of values as of samples', async () => {
    const layer = after(press('open'), await shown('no-samples'));
    const error = { code: 'no-samples', message: 'The run keeps no samples of layer 1 up to epoch 1.' };
    const answered = after(
      [
        answer({ type: 'evolution', evolution: { layer: 1, epochs: [1], neurons: 3, metrics: {} } }),
        answer({ type: 'unavailable', about: 'map', error }),
      ],
      layer,
    );
    expect(textOf(answered)).toMatch(/The neurons of this layer have no[^]*discriminability\./);
    // No levels are made up for the status line.
    expect(textOf(answered)).toContain('epoch 1  D –');
    expect(textOf(answered)).toMatch(/The run keeps no samples of layer 1[^]*epoch 1\./);
  });
});

describe('metrics of a run', () => {
  it('that some records lack are said to be', async () => {
    const all = await shown('steps');
    const [first, ...others] = all.run.epochs;
    const { density, ...rest } = first.layers;
    expect(density).toBeDefined();
    const state = { ...all, run: { ...all.run, epochs: [{ ...first, layers: rest }, ...others] } };
    expect(textOf(key(state, 'M'))).not.toContain('This run has it at');
    expect(textOf(key(key(state, 'M'), 'down'))).toMatch(/This run has it at 2 of[^]*3 steps;/);
  });

  it.each([
    { columns: 40, rows: 12 },
    { columns: 60, rows: 15 },
  ])('keep their rows in the list where what is said of one is long, $columns x $rows', async (small) => {
    const list = key(stateOf([await eventsOf('unknown-metrics')], small, 'none'), 'M');
    expect(textOf(list)).toMatch(/▸ D +discriminability/);
    expect(textOf(list)).toMatch(/ DN +density/);
    expect(textOf(list)).toContain('How well a neuron tells the');
    expect(textOf(key(list, 'down'))).toMatch(/▸ DN +density/);
  });

  it('are not awaited of a run that is over', async () => {
    expect(textOf(key(await shown('minimal'), 'M'))).toContain('This run has no metrics of layers.');
  });

  it('stand behind a layer that is named once where it has no kind', async () => {
    expect(textOf(await shown('dotted-names'))).toContain('1 layer1.0.conv2, epoch 1');
  });

  it('are gone through by m, and listed with their meaning by M', async () => {
    const state = await shown('unknown-metrics');
    expect(state.metric).toBe('discriminability');
    const third = key(key(state, 'm'), 'm');
    expect(third.metric).toBe('update_ratio');
    expect(textOf(third)).toContain('update ratio');
    expect(key(third, 'm').metric).toBe('discriminability');
    const list = key(state, 'M');
    expect(textOf(list)).toMatch(/D +discriminability +d/);
    expect(textOf(list)).toMatch(/UR +update ratio/);
    expect(textOf(list)).toContain('How well a neuron tells the classes apart');
    expect(key(key(key(list, 'down'), 'down'), 'return').metric).toBe('update_ratio');
  });

  it('of records counted by steps are named by them', async () => {
    const state = await shown('steps');
    expect(textOf(state)).toContain('step 1000');
    expect(textOf(state)).toMatch(/ step +0 +500 +1000/);
    expect(gridToText(bodyOf(state))).not.toContain('epoch');
  });

  it('of records counted by steps are spoken of as steps by footer, help, palette and messages', async () => {
    const state = await shown('steps');
    const layer = key(state, 'return');
    for (const one of [state, layer, key(state, '?'), key(layer, '?'), key(state, ':'), key(state, '>')]) {
      expect(textOf(one)).toContain('step');
      expect(textOf(one)).not.toContain('epoch');
    }
    const typed = Array.from('step').reduce(key, key(state, ':'));
    expect(textOf(typed)).toContain('first step');
  });

  it('have axes over all of the range that their run tells of', async () => {
    const [action] = [await eventsOf('unknown-metrics')];
    const state = key(key(stateOf([action], size, 'none'), 'm'), 'm');
    const metrics = { update_ratio: Float64Array.of(0.1, 0.2, 0.3) };
    const evolution = answer({ type: 'evolution', evolution: { layer: 1, epochs: [1], neurons: 3, metrics } });
    const layer = after([...press('open'), evolution], state);
    expect(textOf(layer)).toMatch(/^ +1\.0 │/m);
    const neuron = { ...layer, screens: ['network', 'layer', 'neuron'] } as const;
    expect(textOf(neuron)).toMatch(/^ +1\.0 │/m);
  });

  it('tell the metric dead from the flag of that name', () => {
    const events = fakeEvents({ epochs: 1 }).map((event) =>
      event.type === 'epoch' ? { ...event, record: { ...event.record, layers: { dead: [0.5] } } } : event,
    );
    const list = key(stateOf([{ source: 'run', events }], { columns: 80, rows: 24 }, 'none'), 'M');
    expect(textOf(list)).toMatch(/The flag d \(dead\) says/);
    expect(textOf(list)).toContain('something else: the activation is the same for every image,');
  });

  it('are shown beside scalars whose chart covers the range that the run tells of', () => {
    const events = fakeEvents({ epochs: 3 }).map((event) =>
      event.type === 'run'
        ? { ...event, header: { ...event.header, metrics: { angle: { range: [-180, 180] as [number, number] } } } }
        : event.type === 'epoch'
          ? { ...event, record: { ...event.record, scalars: { angle: event.record.number } } }
          : event,
    );
    const text = textOf(stateOf([{ source: 'run', events }], size, 'none'));
    expect(text).toMatch(/angle +180/);
    expect(text).toMatch(/^ +-180 /m);
  });

  it('that are not finite are shown as such, beside others that are', async () => {
    const text = textOf(await shown('not-finite'));
    expect(text).toContain('NaN');
    expect(text).toContain('∞');
    expect(text).toMatch(/relu1/);
  });
});
