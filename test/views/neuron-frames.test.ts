import { describe, expect, it } from 'vitest';
import { commandAt } from '../../src/views/frame/frame.ts';
import { type ViewAction } from '../../src/views/model/state.ts';
import { itKeepsFrames, stateOf, textOf, view } from './frame-files.ts';
import { after, fakeBatch, fakeEvents, press } from './fake-run.ts';
import { fakeFacets, fakePatches, neuronAnswers, toNeuron, usualNeuron } from './fake-neuron.ts';

const live: ViewAction = { source: 'run', events: [...fakeEvents({ epochs: 12 }), fakeBatch(13)] };
const usual = [live, ...toNeuron(usualNeuron), ...neuronAnswers(usualNeuron)];
const final = { ...usualNeuron, layer: 12, neuron: 3, units: 10, size: 32 };
const dead = { ...usualNeuron, patches: 0 };
const facet = (chosen: number | undefined): ViewAction => ({ source: 'key', command: { id: 'facet', facet: chosen } });
const unavailable = (about: 'patches' | 'facets'): ViewAction => ({
  source: 'exploration',
  answer: {
    type: 'unavailable',
    about,
    error: { code: 'no-features', message: 'The run has no strongest patches.', hint: 'Train with --features 1.' },
  },
});

/** What led to each picture. */
const scenes: Record<string, ViewAction[]> = {
  'neuron activations': [...usual, ...press('order', 'down')],
  'neuron facets': [...usual, ...press('next-pane', 'right', 'right')],
  'neuron patches': [
    ...usual,
    facet(1),
    ...press('next-pane', 'next-pane', 'right'),
    // The pictures of the facet, as they come.
    {
      source: 'exploration',
      answer: {
        type: 'patches',
        patches: fakePatches(usualNeuron, Array.from(fakeFacets(usualNeuron).facets[1]?.patches ?? []).slice(0, 30)),
      },
    },
  ],
  'neuron of a class': [live, ...toNeuron(final), ...neuronAnswers(final), ...press('previous-pane')],
  'neuron waiting': [
    live,
    ...toNeuron(usualNeuron),
    { source: 'exploration', answer: { type: 'facets', facets: fakeFacets(usualNeuron, 375) } },
    ...press('next-pane'),
  ],
  'neuron without features': [
    live,
    ...toNeuron(usualNeuron),
    ...neuronAnswers(usualNeuron).slice(0, 2),
    unavailable('patches'),
    unavailable('facets'),
    ...press('previous-pane'),
  ],
  'neuron dead': [live, ...toNeuron(dead), ...neuronAnswers(dead).slice(0, 3), ...press('previous-pane')],
};

describe('frames', () => {
  itKeepsFrames(scenes);
});

describe('before the first epoch', () => {
  it('nothing is said to be read', () => {
    const scene: ViewAction[] = [{ source: 'run', events: fakeEvents({ epochs: 0 }) }];
    const state = stateOf(scene, { columns: 120, rows: 40 }, 'none');
    const text = textOf({ ...state, screens: ['network', 'layer', 'neuron'] });
    expect(text).toContain('No epoch is done yet.');
    expect(text).not.toMatch(/Reading|Grouping/);
  });
});

describe('a click', () => {
  const size = { columns: 120, rows: 40 };

  it('on a facet selects it, on it again all patches', () => {
    const state = stateOf(usual, size, 'none');
    const target = view(state).targets.find(({ command }) => command.id === 'facet' && command.facet === 4);
    if (!target) throw new Error('a facet can be clicked');
    const command = commandAt(view(state), target.row, target.column);
    expect(command).toEqual({ id: 'facet', facet: 4 });
    if (!command) return;
    const selected = after([{ source: 'key', command }], state);
    expect(textOf(selected)).toContain('patches of facet 5');
    expect(textOf(after([{ source: 'key', command }], selected))).toContain('strongest patches');
  });

  it('on a patch puts the cursor there', () => {
    const state = stateOf(usual, size, 'none');
    const target = view(state).targets.find(({ command }) => command.id === 'patch' && command.index === 3);
    if (!target) throw new Error('a patch can be clicked');
    const clicked = after([{ source: 'key', command: target.command }], state);
    expect(textOf(clicked)).toContain('patch 4');
    expect(clicked.panes.neuron).toBe('patches');
  });

  it('on the name of a pane shows it', () => {
    const state = stateOf(usual, { columns: 80, rows: 24 }, 'none');
    const row = textOf(state).split('\n')[2] ?? '';
    const command = commandAt(view(state), 2, row.indexOf('facets'));
    expect(command).toEqual({ id: 'pane', pane: 'facets' });
  });
});

describe('a neuron of the final layer', () => {
  const size = { columns: 120, rows: 40 };

  it('is named by its class, and told when its patches are of another', () => {
    const text = textOf(stateOf(scenes['neuron of a class'] ?? [], size, 'none'));
    expect(text).toContain('neuron 3 = cat');
    expect(text).toMatch(/responds rather to bird \d+ %/);
    expect(text).toContain('≠bird');
    expect(text).not.toContain('≠cat');
  });

  it('is content when they are of its own', () => {
    const bird = { ...final, neuron: 2 };
    const text = textOf(stateOf([live, ...toNeuron(bird), ...neuronAnswers(bird)], size, 'none'));
    expect(text).toContain('neuron 2 = bird');
    expect(text).toMatch(/responds to bird \d+ %/);
  });
});

it('says how to get what is not there', () => {
  const text = textOf(stateOf(scenes['neuron without features'] ?? [], { columns: 80, rows: 24 }, 'none'));
  expect(text).toContain('The run has no strongest patches.');
  expect(text).toContain('Train with --features 1.');
});

it('shows patches without pictures where the images are not on this machine', () => {
  const known = fakePatches(usualNeuron, []);
  const patches = { ...known, average: undefined, patches: known.patches.map((patch) => ({ ...patch, label: -1 })) };
  const error = { code: 'data-unavailable', message: 'The images are not here.', hint: 'Fetch them.' };
  const scene: ViewAction[] = [
    live,
    ...toNeuron(usualNeuron),
    { source: 'exploration', answer: { type: 'patches', patches } },
    { source: 'exploration', answer: { type: 'unavailable', about: 'pictures', error } },
    ...press('previous-pane'),
  ];
  const state = stateOf(scene, { columns: 80, rows: 24 }, 'none');
  expect(view(state).pictures).toEqual([]);
  expect(textOf(state)).toContain(`#${patches.patches[0]?.image ?? ''}`);
  expect(textOf(state)).toContain('Fetch them.');
});
