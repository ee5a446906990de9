import { describe, expect, it } from 'vitest';
import type { Key } from 'ink';
import { isPasted, keyNames } from '../../src/views/screen/key-names.ts';
import { bindingsAt, commandFor, keyTable, paletteChoices, type Place } from '../../src/views/keys/table.ts';
import { toggles } from '../../src/views/keys/toggles.ts';
import { footerLine } from '../../src/views/frame/footer.ts';
import { keyLines, lastOffset } from '../../src/views/dialogs/lines.ts';
import { initialState, placeOf, type ScreenState } from '../../src/views/model/state.ts';
import { lineWidth, plainText } from '../../src/views/text/spans.ts';
import { after, fakeEvents, press } from './fake-run.ts';

const views = ['home', 'network', 'layer', 'map', 'neurons', 'neuron', 'facets', 'patches'] as const;
const places: readonly Place[] = [...views, 'help', 'leave', 'palette', 'find', 'metrics', 'failure', 'message'];
const noKey: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

describe('the key table', () => {
  it('gives no key two meanings at one place', () => {
    for (const place of places) {
      const keys = bindingsAt(place).flatMap((binding) => binding.keys);
      expect(new Set(keys).size, place).toBe(keys.length);
    }
  });

  it('lets every place be left, and Esc never leave the program', () => {
    for (const place of places) {
      const ways = bindingsAt(place).map(({ command }) => command);
      expect(ways.includes('leave') || ways.includes('cancel'), place).toBe(true);
      expect(['back', 'cancel']).toContain(commandFor('escape', place)?.id);
    }
  });

  it('is what help shows', () => {
    for (const place of views) {
      const lines = keyLines(bindingsAt(place), 100, false);
      expect(lines).toHaveLength(bindingsAt(place).length);
      bindingsAt(place).forEach(({ label }, index) => {
        expect(lines[index]?.some(({ text }) => text === label)).toBe(true);
      });
    }
  });

  it('is what the palette offers', () => {
    const offered = paletteChoices('network', '').map(({ command }) => command);
    expect(offered).toContain('screenshot');
    expect(offered).not.toContain('up');
    for (const command of offered) expect(keyTable.some((binding) => binding.command === command)).toBe(true);
  });

  it('steps through every value of a setting, and comes back to the first', () => {
    const start = after([{ source: 'run', events: fakeEvents() }], initialState);
    for (const { name, values, key, where } of toggles) {
      const [place] = where;
      const panes = { map: 'map', layer: 'evolution' } as const;
      let state: ScreenState = {
        ...start,
        screens: place === 'network' || place === 'neuron' ? ['network', place] : ['network', 'layer'],
        panes: { ...start.panes, ...(place in panes && { layer: panes[place as keyof typeof panes] }) },
      };
      const command = commandFor(key, placeOf(state));
      if (!command) throw new Error(`${key} means nothing at ${place}`);
      const seen = values.map(() => {
        const before = state.toggles[name];
        state = after([{ source: 'key', command }], state);
        return before;
      });
      expect(seen, name).toEqual(values);
      expect(state.toggles, name).toEqual(start.toggles);
    }
  });

  it('types into dialogs what is no command there', () => {
    expect(commandFor('d', 'find')).toEqual({ id: 'type', text: 'd' });
    expect(commandFor('?', 'palette')).toEqual({ id: 'type', text: '?' });
    expect(commandFor('d', 'network')).toEqual({ id: 'metric', metric: 'discriminability' });
    expect(commandFor('ctrl+u', 'find')).toBeUndefined();
  });
});

describe('the footer', () => {
  const state = after([{ source: 'run', events: fakeEvents() }], { ...initialState, control: 'own' });

  it('fits any width and keeps help and leave as long as anything fits', () => {
    for (let columns = 20; columns <= 200; columns++) {
      const line = footerLine(state, columns);
      expect(lineWidth(line)).toBeLessThanOrEqual(columns);
      const commands = line.map(({ command }) => command);
      expect(commands).toContain('help');
      expect(commands).toContain('leave');
    }
  });

  it('scrolls a dialog no further than to its last line, so that the first key back moves it', () => {
    const times = (count: number, command: 'next-choice' | 'previous-choice') =>
      Array.from({ length: count }, () => press(command)).flat();
    const help = after(press('help'), after([{ source: 'run', events: fakeEvents() }], initialState));
    const last = lastOffset(help, bindingsAt);
    expect(last).toBeGreaterThan(1);
    expect(after(times(last + 50, 'next-choice'), help).dialog).toEqual({ kind: 'help', offset: last });
    const back = after([...times(last + 50, 'next-choice'), ...press('previous-choice')], help);
    expect(back.dialog).toEqual({ kind: 'help', offset: last - 1 });
    // A window that grew shows more: what lies above it comes at once, too.
    const size = { columns: 80, rows: 30 };
    const grown = after([...times(99, 'next-choice'), { source: 'resize', size }, ...press('previous-choice')], help);
    expect(grown.dialog).toEqual({ kind: 'help', offset: lastOffset({ ...help, size }, bindingsAt) - 1 });
    // All of it is shown: nothing changes, and nothing is drawn.
    const large = { ...help, size: { columns: 120, rows: 100 } };
    expect(after(press('next-choice'), large)).toBe(large);
  });

  it('is this at each place, by width', async () => {
    const own = { ...initialState, control: 'own' as const };
    const live = after([{ source: 'run', events: fakeEvents() }], own);
    const layer = after(press('open'), live);
    const neuron: ScreenState = { ...layer, screens: ['network', 'layer', 'neuron'] };
    const pane = (name: 'map' | 'neurons'): ScreenState =>
      after([{ source: 'key', command: { id: 'pane', pane: name } }], layer);
    const part = (name: 'facets' | 'patches'): ScreenState => ({ ...neuron, panes: { ...neuron.panes, neuron: name } });
    const finished = after([{ source: 'run', events: [{ type: 'state', state: 'finished' }] }], live);
    const failure = { ...live, dialog: { kind: 'failure' as const, offset: 0 } };
    const shown: Record<string, ScreenState> = {
      ...{ home: { ...own, screens: ['home'], home: { ...own.home, demo: '/demo' } }, network: live, layer },
      ...{ map: pane('map'), neurons: pane('neurons'), neuron, facets: part('facets'), patches: part('patches') },
      ...{ help: after(press('help'), live), leave: after(press('leave'), live), failure },
      ...{ palette: after(press('palette'), live), find: after(press('find'), live) },
      ...{ preparing: own, frozen: after(press('freeze'), live), finished, playing: after(press('play'), finished) },
    };
    const lines = Object.entries(shown).flatMap(([name, at]) => [
      `${name} (${placeOf(at)})`,
      ...[200, 120, 80, 60, 40].map((columns) =>
        footerLine(at, columns)
          .map(({ text }) => text)
          .join(''),
      ),
      footerLine({ ...at, theme: { ...at.theme, ascii: true } }, 80)
        .map(({ text }) => text)
        .join(''),
    ]);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('frames/footers.txt');
  });

  it('calls ways out of a training as the dialog does', () => {
    const asked = after(press('leave'), state);
    const hints = bindingsAt('leave')
      .filter(({ hint }) => hint)
      .map(({ hint, label }) => [hint?.[1], label]);
    for (const [hint, label] of hints) expect(label).toMatch(new RegExp(`^${hint as string}`));
    expect(plainText(footerLine(asked, 80))).toBe(' c stay  d leave  s stop after this epoch  x stop now');
  });

  it('does not offer what means nothing', () => {
    const commandsOf = (width: number, from = state) => footerLine(from, width).map(({ command }) => command);
    expect(commandsOf(200)).toContain('pause');
    expect(commandsOf(200)).not.toContain('back');
    expect(commandsOf(200, { ...state, control: 'none' })).not.toContain('pause');
    expect(commandsOf(200, after(press('open'), state))).toContain('back');
  });
});

describe('names of keys', () => {
  it('tell arrows, control keys, letters and their case apart', () => {
    expect(keyNames('', { ...noKey, upArrow: true })).toEqual(['up']);
    expect(keyNames('u', { ...noKey, ctrl: true })).toEqual(['ctrl+u']);
    expect(keyNames('', { ...noKey, tab: true, shift: true })).toEqual(['shift+tab']);
    expect(keyNames('S', { ...noKey, shift: true })).toEqual(['S']);
    expect(keyNames('s', noKey)).toEqual(['s']);
  });

  it('are one a character when several arrive at once', () => {
    expect(keyNames('jjk\r', noKey)).toEqual(['j', 'j', 'k', 'return']);
  });

  it('are a paste when several arrive at once that are no keys, and never what a slow line kept back', () => {
    const isPastedAt = (input: string, place: Place = 'network'): boolean =>
      isPasted(input, (character) => commandFor(character === '\r' ? 'return' : character, place)?.id);
    const typed = [
      'jjjjjjjjjjjjj',
      'nnnn',
      'jkjkjkjkjk',
      'jjkkll',
      'jjhl\r',
      ':leave',
      '/conv4\r',
      'jj/conv4-64',
      ':help\r',
    ];
    expect(typed.filter((input) => isPastedAt(input))).toEqual([]);
    const pasted = [
      'requests',
      'import x',
      'curl http://a.org',
      'see /usr/lib',
      'hjklhjkl',
      '/a\rq\r',
      'ab\rq',
      ': a\nq',
    ];
    expect(pasted.filter((input) => !isPastedAt(input))).toEqual([]);
  });

  it('leave out what is no key: releases, Alt, control characters', () => {
    expect(keyNames('j', { ...noKey, eventType: 'release' })).toEqual([]);
    expect(keyNames('j', { ...noKey, meta: true })).toEqual([]);
    expect(keyNames('\u0001\u007f', noKey)).toEqual([]);
  });
});
