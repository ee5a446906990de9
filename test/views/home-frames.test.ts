import { describe, expect, it } from 'vitest';
import type { RunState } from '../../src/engine/run/format.ts';
import { gridToText } from '../../src/imaging/cells/grid.ts';
import { initialState, type HomeEntry } from '../../src/views/model/state.ts';
import { bodyOf, narrow, sizes } from './frame-files.ts';
import { after, press } from './fake-run.ts';

const entry = (network: string, dataset: string, state: RunState, epochs: number): HomeEntry => ({
  ...{ directory: `/runs/${network}`, id: network, network, dataset, differs: '', state, epochs, plannedEpochs: 45 },
  validationLoss: Array.from({ length: epochs }, (_, epoch) => 2 / (epoch + 1)),
  bestTop1Error: epochs > 0 ? 0.8 / epochs : undefined,
});
const entries = [
  entry('lenet-sig4-bn', 'fashion-mnist', 'running', 12),
  entry('lenet', 'cifar10', 'finished', 45),
  entry('shallow', 'shapes', 'stopped', 2),
  entry('nin', 'cifar100', 'crashed', 0),
];

it('claims no data set and no plan of a run whose recorder told neither', () => {
  const told = { ...entry('resnet50', 'x', 'finished', 3), dataset: undefined, plannedEpochs: undefined };
  const home = { source: 'home', entries: [told], demo: undefined } as const;
  const start = { ...initialState, screens: ['home' as const] };
  const body = bodyOf(after([{ source: 'resize', size: { columns: 80, rows: 24 } }, home], start));
  expect(gridToText(body)).toMatch(/resnet50 +– +3 +/);
});

it('tells runs of one network apart at 80 columns, with the whole of it for the chosen one', () => {
  const others = ['rate 0.005, seed 2, augmentation mirror,shift=4', 'rate 0.05, seed 1, augmentation none'];
  const list = others.map((differs) => ({ ...entry('lenet', 'cifar10', 'finished', 45), differs }));
  const start = { ...initialState, screens: ['home' as const] };
  const size = { columns: 80, rows: 24 };
  const home = { source: 'home', entries: list, demo: undefined } as const;
  const text = gridToText(bodyOf(after([{ source: 'resize', size }, home, ...press('down')], start)));
  expect(text).toMatch(/ network +data +differs in +epochs +best top-1 +state/);
  expect(text).toMatch(/ lenet +cifar10 rate 0.005, seed 2.* 45\/45 +1.8 % +. finished/);
  expect(text).toMatch(/ lenet +cifar10 rate 0.05, seed 1.* 45\/45 +1.8 % +. finished/);
  expect(text).toContain(`lenet  ${others[0]}`);
});

it('keeps the cursor on its run when others come and go', () => {
  const start = { ...initialState, screens: ['home' as const] };
  const listed = (...those: HomeEntry[]) => ({ source: 'home', entries: those, demo: '/demo' }) as const;
  const chosen = (...actions: Parameters<typeof after>[0]): string | undefined => {
    const { home } = after([{ source: 'resize', size: { columns: 80, rows: 24 } }, ...actions], start);
    return home.entries[home.choice - 2]?.network;
  };
  const [first, second, third, fourth] = entries;
  const before = [listed(second, third), ...press('down', 'down', 'down')];
  expect(chosen(...before)).toBe(third.network);
  expect(chosen(...before, listed(first, second, { ...third, state: 'finished' }, fourth))).toBe(third.network);
  expect(chosen(...before, listed(third))).toBe(third.network);
  // Where it is gone, on what took its place, or the last.
  expect(chosen(...before, listed(second, fourth))).toBe(fourth.network);
  expect(chosen(...before, listed(second))).toBe(second.network);
});

describe('frames of the home screen', () => {
  it.each([...narrow, ...sizes])('$columns x $rows', async (size) => {
    const home = { source: 'home', entries, demo: '/program/samples/demo' } as const;
    const start = { ...initialState, screens: ['home' as const] };
    const body = bodyOf(after([{ source: 'resize', size }, home, ...press('down', 'down')], start));
    await expect(`${gridToText(body)}\n`).toMatchFileSnapshot(`frames/home-${size.columns}x${size.rows}.txt`);
  });
});
