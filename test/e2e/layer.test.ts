import { describe, expect, it } from 'vitest';
import { exploredRun } from '../engine/analysis/questions/explored-run.ts';
import { keys, type TestTerminal } from '../support/terminal/open-terminal.ts';
import { newPerson, openProgram, runProgram } from './support.ts';

const wide = { columns: 120, rows: 40 };

/** A finished run of two layers, of 12 and of 3 neurons, on the screen with its first layer open. */
async function opened(size: { columns: number; rows: number }, features = true): Promise<TestTerminal> {
  const { directory } = await exploredRun([{ units: 12 }, { units: 3, shape: [1, 1, 3] }], { features });
  const terminal = openProgram(await newPerson(), ['open', directory], { ...size, env: { COLORTERM: 'truecolor' } });
  await terminal.waitFor(/epoch 2/);
  terminal.press(keys.enter);
  await terminal.waitFor(/12 neurons/);
  return terminal;
}

describe('a layer on the screen', () => {
  it('shows how its neurons evolve, group, and what they respond to, side by side', async () => {
    const terminal = await opened(wide);
    await terminal.waitFor(/5 clusters +average linkage/);
    await terminal.waitFor(/lines|levels/);
    await terminal.waitFor(/strongest patches/);
    await terminal.waitFor(/D \d+\.\d+–\d+\.\d+ +\d+(\.\d)? % +\d+ of 12 neurons/);
    // Pictures are made of half blocks where the terminal knows nothing better.
    await terminal.waitFor((shown) => (shown.text().match(/▀/g) ?? []).length > 40);
  });

  it('answers keys: levels, clusters, linkage, metric, layers, outliers', async () => {
    const terminal = await opened(wide);
    await terminal.waitFor(/5 clusters/);
    terminal.press('+');
    await terminal.waitFor(/21 levels/);
    terminal.press(keys.tab, '-');
    await terminal.waitFor(/4 clusters/);
    terminal.press('l');
    await terminal.waitFor(/complete linkage/);
    terminal.press('2');
    await terminal.waitFor(/cluster 2 .* around neuron \d/);
    terminal.press('n');
    await terminal.waitFor(/evolution +density/);
    terminal.press('x');
    await terminal.waitFor(/Neuron \d+ (stands out|is)/);
    terminal.press(']');
    await terminal.waitFor(/layer 2 of 2.* 3 neurons/);
    await terminal.waitFor(/3 clusters/);
    terminal.press('[');
    await terminal.waitFor(/layer 1 of 2/);
  });

  it('takes one to a neuron and back, on a small screen pane by pane', async () => {
    const terminal = await opened({ columns: 80, rows: 24 });
    await terminal.waitFor(/▸evolution/);
    terminal.press(keys.tab);
    await terminal.waitFor(/5 clusters/);
    terminal.press(keys.enter);
    await terminal.waitFor(/neuron +D +DN +trend/);
    terminal.press(keys.down, keys.enter);
    await terminal.waitFor((shown) => !/trend +avg/.test(shown.text()));
    terminal.press(keys.escape);
    await terminal.waitFor(/neuron +D +DN +trend/);
    terminal.press('q');
    await terminal.waitFor((shown) => shown.ending !== undefined);
  });

  it('says how to get pictures where the run stores none', async () => {
    const terminal = await opened(wide, false);
    await terminal.waitFor(/5 clusters/);
    await terminal.waitFor(/Pictures: The run has no strongest patches/);
    await terminal.waitFor(/--features/);
  });
});

it('a layer is printed as it is shown, once all of it is known', async () => {
  const { directory } = await exploredRun([{ units: 12 }, { units: 3, shape: [1, 1, 3] }]);
  const person = await newPerson();
  const ended = await runProgram(person, ['show', directory, '1', '--format', 'text', '--size', '120x40']);
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/5 clusters/);
  expect(ended.stdout).not.toMatch(/settles|measuring|reading/);
  expect(ended.stdout).toMatch(/strongest patches/);
});
