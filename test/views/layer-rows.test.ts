import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/engine/training/messages.ts';
import { cursorPlace, groupsOf, rowsShown } from '../../src/views/model/layer-rows.ts';
import { windowOf } from '../../src/views/model/navigation.ts';
import type { ScreenState } from '../../src/views/model/state.ts';
import { placedLayers, resnet50Names } from './deep-run.ts';
import { after, press } from './fake-run.ts';
import { itKeepsFrames, stateOf, textOf } from './frame-files.ts';

const size = { columns: 80, rows: 24 };
const opened = (names: readonly string[], ...commands: Parameters<typeof press>): ScreenState =>
  stateOf([{ source: 'run', events: placedLayers(names) }, ...press(...commands)], size, 'none');
const resnet = (...commands: Parameters<typeof press>): ScreenState => opened(resnet50Names, ...commands);

const toldRows = (state: ScreenState): string[] =>
  rowsShown(state).map(({ first, count, group }) => (group === undefined ? `${first + 1}` : `${group} ${count}`));

const groups = (...names: string[]): string[] => {
  const layers = placedLayers(names).flatMap((event) => (event.type === 'run' ? event.header.network.layers : []));
  return [...groupsOf(layers).keys()].sort();
};

itKeepsFrames({
  'deep folded': [{ source: 'run', events: placedLayers(resnet50Names) }, ...press('fold-all', 'down', 'down')],
});

describe('groups of layers', () => {
  it('are paths that neighbours share, but for those that say no more than another', () => {
    expect(groups('a.x', 'a.y', 'b')).toEqual(['a']);
    // All of them lie in `model`; `model.encoder` and `model.encoder.layers` hold the same.
    expect(
      groups('model.encoder.layers.0.x', 'model.encoder.layers.0.y', 'model.encoder.layers.1.x', 'model.fc'),
    ).toEqual(['model.encoder.layers', 'model.encoder.layers.0']);
    expect(groups('conv1', 'conv2', 'fc')).toEqual([]);
    expect(groups('a.x', 'b', 'a.y', '.', '..', '')).toEqual([]);
    expect(groups('a.x', 'a.y', 'ab.x', 'ab.y', 'b')).toEqual(['a', 'ab']);
    expect(groups('constructor.a', 'constructor.b', '__proto__.a')).toEqual(['constructor']);
  });

  it('fold around the cursor from the innermost on, and open again', () => {
    const inside = resnet('down', 'down', 'down', 'down', 'down', 'fold');
    expect(toldRows(inside).slice(3, 7)).toEqual(['4', 'layer1.0 9', '14', '15']);
    expect(cursorPlace(inside)).toBe(4);
    const twice = after(press('fold'), inside);
    expect(toldRows(twice).slice(3, 7)).toEqual(['4', 'layer1 23', '28', '29']);
    expect(after(press('fold'), twice).message?.text).toBe('This row is in no group of layers.');
    // What was folded inside of it still is.
    expect(toldRows(after(press('unfold'), twice)).slice(3, 7)).toEqual(['4', 'layer1.0 9', '14', '15']);
    expect(toldRows(after(press('open', 'open'), twice))).toEqual(toldRows(resnet()));
    expect(after(press('unfold'), resnet()).message?.text).toMatch(/is a layer/);
    const apart = opened(['a.x', 'a.y', 'b', 'a.z'], 'fold', 'down', 'down');
    expect(toldRows(apart)).toEqual(['a 2', '3', '4']);
    expect(after(press('fold'), apart).message?.text).toBe('This row is in no group of layers.');
    expect(after(press('fold'), opened(['conv1', 'fc'])).message?.text).toMatch(/no groups/);
    expect(after(press('fold-all'), opened(['conv1', 'fc'])).message?.text).toMatch(/no groups/);
  });

  it('fold all at once, and open all', () => {
    const folded = resnet('fold-all');
    const stages = ['layer1 23', 'layer2 32', 'layer3 46', 'layer4 23'];
    // 3, 4, 6 and 3 blocks of 7 rows, with 2 more where a stage begins.
    expect(toldRows(folded)).toEqual(
      ['1', '2', '3', '4', ...stages, '125', '126'].map((row, place) => {
        const counts = [23, 30, 44, 23];
        return place >= 4 && place < 8 ? `layer${place - 3} ${counts[place - 4]}` : row;
      }),
    );
    expect(toldRows(after(press('fold-all'), folded))).toEqual(toldRows(resnet()));
    const stage = after(press('last-row', 'up', 'up', 'up', 'open'), folded);
    expect(toldRows(stage).slice(6, 10)).toEqual(['layer3.0 9', 'layer3.1 7', 'layer3.2 7', 'layer3.3 7']);
  });

  it('are found inside: the layer that is looked for has a row', () => {
    const found = after([...press('fold-all', 'find')], resnet());
    const typed = after([{ source: 'paste', text: 'layer3.2.conv2' }], found);
    const there = after(press('accept'), typed);
    expect(rowsShown(there)[cursorPlace(there)]).toEqual({
      first: resnet50Names.indexOf('layer3.2.conv2'),
      count: 1,
      group: undefined,
    });
    expect(toldRows(there)).toContain('layer3.1 7');
  });

  it('stay as they are when a layer inside is left, and are forgotten with the run', () => {
    const layer = resnet('down', 'down', 'down', 'down', 'open', 'next-layer', 'back', 'fold');
    expect(cursorPlace(layer)).toBe(4);
    expect(after([{ source: 'opened', control: 'none' }], layer).folded.size).toBe(0);
  });

  it('show the mean of their layers, of density without normalisations, and what is not finite', () => {
    const values = [0.2, 0.9, 0.4];
    const events = (told: (number | null)[]): RunEvent[] =>
      placedLayers(['a.conv1', 'a.bn1', 'a.relu', 'fc'], 1).map((event) =>
        event.type === 'epoch'
          ? {
              ...event,
              record: { ...event.record, layers: { density: [...told, 0.7], discriminability: [...values, 7] } },
            }
          : event,
      );
    const shown = (told: (number | null)[]): string =>
      textOf(stateOf([{ source: 'run', events: events(told) }, ...press('fold')], size, 'none'));
    expect(shown(values)).toMatch(/1 a ×3 .* 0\.50$/m);
    const density = textOf(
      stateOf([{ source: 'run', events: events(values) }, ...press('fold', 'next-metric')], size, 'none'),
    );
    expect(density).toMatch(/1 a ×3 .* 0\.300$/m);
    expect(density).toMatch(/layers 1-3/);
    expect(density).toMatch(/1-3 a, epoch 1 /);
    const broken = textOf(
      stateOf(
        [{ source: 'run', events: events([0.2, 0.9, Number.NaN]) }, ...press('fold', 'next-metric')],
        size,
        'none',
      ),
    );
    expect(broken).toMatch(/1 a ×3 .*NaN/);
    const absent = textOf(
      stateOf([{ source: 'run', events: events([0.2, 0.9, null]) }, ...press('fold', 'next-metric')], size, 'none'),
    );
    expect(absent).toMatch(/1 a ×3 .* 0\.200$/m);
  });

  it('keep every layer in one row, and the cursor in the window, whatever is pressed', () => {
    const word = fc.constantFrom('a', 'b', '0', '1', '');
    const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('.'));
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 40 });
    const command = fc.constantFrom(
      'fold',
      'unfold',
      'fold-all',
      'up',
      'down',
      'last-row',
      'page-down',
      'open',
      'back',
    );
    fc.assert(
      fc.property(names, fc.array(command, { maxLength: 25 }), (all, commands) => {
        let state = opened(all);
        for (const one of commands) {
          state = after(press(one), state);
          if (state.screens.length > 1) continue;
          const rows = rowsShown(state);
          expect(
            rows.flatMap(({ first, count }) => Array.from({ length: count }, (_, index) => first + index)),
          ).toEqual(all.map((_, index) => index));
          const place = cursorPlace(state);
          expect(rows[place].first).toBeLessThanOrEqual(state.cursor.layer);
          expect(state.cursor.layer).toBeLessThan(rows[place].first + rows[place].count);
          expect(place).toBeGreaterThanOrEqual(state.offset.row);
          expect(place).toBeLessThan(state.offset.row + windowOf(state).rows);
        }
        textOf(state);
      }),
      { numRuns: 60 },
    );
  });
});

it('gives long names room that a wide screen has, and leaves groups open that are most of the network', () => {
  const names = Array.from({ length: 6 }, (_, block) =>
    ['ln_1', 'mlp.c_fc', 'mlp.c_proj'].map((part) => `transformer.h.${block}.${part}`),
  ).flat();
  const gpt = (columns: number, ...commands: Parameters<typeof press>): ScreenState =>
    stateOf(
      [{ source: 'run', events: placedLayers([...names, 'lm_head']) }, ...press(...commands)],
      { columns, rows: 40 },
      'none',
    );
  expect(textOf(gpt(80))).toMatch(/ 2 \S{11} /);
  expect(textOf(gpt(120))).toMatch(/ 2 …ormer\.h\.0\.mlp\.c_fc /);
  expect(textOf(gpt(160))).toContain(' 2 transformer.h.0.mlp.c_fc ');
  const folded = gpt(120, 'fold-all');
  expect(toldRows(folded)).toEqual([...Array.from({ length: 6 }, (_, block) => `transformer.h.${block} 3`), '19']);
  expect(toldRows(after(press('fold', 'fold'), folded))).toEqual(['transformer.h 18', '19']);
  expect(toldRows(opened(['a.x', 'a.y', 'b', 'c'], 'fold-all'))).toEqual(['a 2', '3', '4']);
  const small = opened(['a.x', 'a.y', 'a.z', 'b'], 'fold-all');
  expect(small.message?.text).toBe('The only groups are most of the network; - folds one.');
});
