import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { exploredRun, type LayerSketch } from '../engine/analysis/questions/explored-run.ts';
import { keys, type TestTerminal } from '../support/terminal/open-terminal.ts';
import { newPerson, openProgram, runProgram } from './support.ts';

/** A layer that sees corners of the shapes, and one that sees all of them, with a neuron a class. */
const sketches: LayerSketch[] = [
  { units: 6, label: 'conv5-6' },
  { units: 4, label: 'conv1-4', shape: [1, 1, 4], receptiveField: { size: 32, stride: 32, offset: 0 } },
];

/** The program on a neuron of a run whose patches are of the shapes, which need no download. */
async function onNeuron(options: {
  columns?: number;
  rows?: number;
  down?: number;
  features?: boolean;
  silent?: number[];
}): Promise<TestTerminal> {
  const { columns = 120, rows = 40, down = 0, ...run } = options;
  const { directory } = await exploredRun(sketches, run);
  const terminal = openProgram(await newPerson(), ['open', directory, '--images', 'blocks'], { columns, rows });
  await terminal.waitFor(/1 conv5-6, epoch 2/);
  for (let times = 0; times < down; times++) terminal.press(keys.down);
  terminal.press(keys.enter);
  await terminal.waitFor(/layer \d of 2/);
  terminal.press(keys.tab, keys.tab);
  await terminal.waitFor(/▸ ?neurons/);
  terminal.press(keys.enter);
  await terminal.waitFor(/neuron \d.* of [46]/);
  return terminal;
}

const colours = (terminal: TestTerminal): number =>
  new Set(
    terminal
      .screen()
      .flat()
      .map(({ background }) => background?.join()),
  ).size;

describe('a neuron', () => {
  it('shows curve, activations, facets and patches, and a facet its own patches', async () => {
    const terminal = await onNeuron({});
    await terminal.waitFor(/suggested: /);
    await terminal.waitFor(/strongest patches +1-\d+ of 40, strongest first {2}of epoch 1/);
    const text = terminal.text();
    expect(text).toMatch(/discriminability +\d/);
    expect(text).toMatch(/activations by class/);
    expect(text).toMatch(/facets +10/);
    expect(colours(terminal)).toBeGreaterThan(20);
    terminal.press('2');
    await terminal.waitFor(/patches of facet 2 +1-\d+ of \d+, most typical first/);
    terminal.press('0');
    await terminal.waitFor(/strongest patches/);
    terminal.press('-');
    await terminal.waitFor(/facets +9/);
  });

  it('is one of several: brackets walk, Esc comes back to the layer', async () => {
    const terminal = await onNeuron({});
    const before = /neuron (\d+)/.exec(terminal.text())?.[1];
    terminal.press(before === '5' ? '[' : ']');
    await terminal.waitFor((shown) => /neuron (\d+)/.exec(shown.text())?.[1] !== before);
    terminal.press(keys.escape);
    await terminal.waitFor(/layer 1 of 2/);
    expect(terminal.isAlternate).toBe(true);
  });

  it('is shown a pane at a time in 80x24', async () => {
    const terminal = await onNeuron({ columns: 80, rows: 24 });
    await terminal.waitFor(/activations by class/);
    terminal.press(keys.tab);
    await terminal.waitFor(/suggested: /);
    terminal.press(keys.tab);
    await terminal.waitFor(/strongest patches +1-\d+ of 40/);
    terminal.press('G');
    await terminal.waitFor(/-40 of 40/);
    await terminal.waitFor(/patch 40/);
  });

  it('bears the name of its class in the final layer, and marks patches of others', async () => {
    const terminal = await onNeuron({ down: 1 });
    await terminal.waitFor(/neuron \d = [abcd] of 4/);
    await terminal.waitFor(/≠(class \d|[abcd])/);
    // The images are of ten classes, of which this run names four.
    await terminal.waitFor(/responds (rather )?to (class \d|[abcd]) \d+ %/);
  });

  it('says how to get patches where none are stored', async () => {
    const terminal = await onNeuron({ features: false });
    await terminal.waitFor(/no strongest patches/);
    await terminal.waitFor(/--features/);
  });

  it('says that it is dead where no image activates it', async () => {
    const terminal = await onNeuron({ silent: [0, 1, 2, 3, 4, 5] });
    await terminal.waitFor(/No validation image activates this neuron/);
  });
});

describe('show RUN LAYER/NEURON', () => {
  it('prints the same view as text', async () => {
    const { directory } = await exploredRun(sketches);
    const { code, stdout } = await runProgram(await newPerson(), ['show', directory, '1/3', '--size', '120x40']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/neuron 3 of 6/);
    expect(stdout).toMatch(/suggested: /);
    expect(stdout).toMatch(/strongest patches +1-\d+ of 40/);
    expect(stdout.trimEnd().split('\n')).toHaveLength(40);
  });

  it('prints it as a picture with the pictures in their own pixels', async () => {
    const { directory } = await exploredRun(sketches);
    const person = await newPerson();
    const file = join(person.home, 'neuron.png');
    const { code } = await runProgram(person, ['show', directory, '2/1', '-o', file]);
    expect(code).toBe(0);
    const { width, height } = await sharp(await readFile(file)).metadata();
    expect([width, height]).toEqual([2400, 1600]);
  });
});
