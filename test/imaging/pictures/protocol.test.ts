import { describe, expect, test } from 'vitest';
import type { TerminalAbilities } from '../../../src/imaging/terminal/detect.ts';
import { cellSizeOf } from '../../../src/imaging/pictures/picture-mode.ts';
import { discover } from '../../../src/imaging/pictures/discover.ts';
import { chooseProtocol, type PictureSurroundings } from '../../../src/imaging/pictures/protocol.ts';
import { allowPassthrough, throughTmux } from '../../../src/imaging/pictures/tmux.ts';
import type { TerminalEvent } from '../../../src/imaging/terminal/terminal-input.ts';

const answering = (abilities: Partial<TerminalAbilities> = {}): TerminalAbilities => ({
  isAnswering: true,
  ...abilities,
});
const choose = (surroundings: Partial<PictureSurroundings>): string =>
  chooseProtocol('auto', { abilities: answering(), env: {}, hasColours: true, ...surroundings }).protocol;
const tmux = { TMUX: '/tmp/tmux-0/default,1,0', TMUX_PANE: '%3' };

describe('the protocol chosen by itself', () => {
  test.each<[string, Partial<TerminalAbilities>, string]>([
    ['kitty since placeholders', { name: 'kitty(0.41.1)', hasKittyGraphics: true }, 'kitty'],
    ['kitty before them', { name: 'kitty(0.26.5)', hasKittyGraphics: true }, 'kitty-direct'],
    ['kitty that refuses', { name: 'kitty(0.41.1)', hasKittyGraphics: false }, 'blocks'],
    ['Ghostty', { name: 'ghostty 1.1.3', hasKittyGraphics: true }, 'kitty'],
    ['Rio', { name: 'Rio 0.2.2', hasKittyGraphics: true, attributes: [62, 4] }, 'kitty'],
    ['Konsole', { name: 'Konsole 24.08.1', hasKittyGraphics: true, attributes: [62, 4] }, 'kitty-direct'],
    ['iTerm2', { name: 'iTerm2 3.5.4', hasKittyGraphics: true, attributes: [62, 4] }, 'iterm2'],
    ['WezTerm', { name: 'WezTerm 20240203-110809-5046fc22', hasKittyGraphics: true, attributes: [65, 4] }, 'iterm2'],
    ['mintty', { name: 'mintty 3.7.0', attributes: [64, 4] }, 'iterm2'],
    ['xterm.js that says OK and has no pictures', { name: 'xterm.js(5.6.0)', hasKittyGraphics: true }, 'blocks'],
    ['xterm.js with its add-on', { name: 'xterm.js(5.6.0)', attributes: [62, 4, 9] }, 'iterm2'],
    ['foot', { name: 'foot(1.13.1)', attributes: [62, 4, 22] }, 'sixel'],
    ['xterm as a VT340', { name: 'XTerm(379)', attributes: [63, 1, 2, 4] }, 'sixel'],
    ['xterm as it comes', { name: 'XTerm(379)', attributes: [64, 1, 2] }, 'blocks'],
    ['one without a name that takes sixel', { attributes: [61, 4] }, 'sixel'],
    ['one without a name that says OK', { hasKittyGraphics: true, attributes: [62] }, 'blocks'],
    ['one that says nothing', { isAnswering: false }, 'blocks'],
  ])('%s: %s', (_, abilities, protocol) => {
    expect(choose({ abilities: answering(abilities) })).toBe(protocol);
  });

  test('takes LC_TERMINAL’s word over SSH, when the terminal gives no name', () => {
    expect(choose({ env: { LC_TERMINAL: 'iTerm2' } })).toBe('iterm2');
    expect(
      choose({
        env: { LC_TERMINAL: 'iTerm2' },
        abilities: answering({ name: 'kitty(0.30.0)', hasKittyGraphics: true }),
      }),
    ).toBe('kitty');
  });

  test('is blocks without colours, and in GNU screen', () => {
    const abilities = answering({ name: 'kitty(0.41.1)', hasKittyGraphics: true });
    expect(choose({ abilities, hasColours: false })).toBe('blocks');
    expect(choose({ abilities, env: { STY: '1.tty' } })).toBe('blocks');
  });

  test('in tmux is what the terminal outside takes and tmux lets through', () => {
    const inside = answering({ name: 'tmux 3.5a', attributes: [1, 2, 4] });
    const outside = (abilities: Partial<TerminalAbilities>, isReached = true): string =>
      choose({ env: tmux, abilities: inside, outside: { abilities: answering(abilities), isReached } });
    expect(outside({ name: 'kitty(0.41.1)', hasKittyGraphics: true })).toBe('kitty');
    expect(outside({ name: 'kitty(0.41.1)' })).toBe('kitty');
    expect(outside({ name: 'kitty(0.41.1)', hasKittyGraphics: true }, false)).toBe('blocks');
    expect(outside({ name: 'kitty(0.26.0)', hasKittyGraphics: true })).toBe('blocks');
    expect(outside({ name: 'foot(1.13.1)', attributes: [62, 4] })).toBe('sixel');
    expect(outside({ name: 'iTerm2 3.5.4', attributes: [62] })).toBe('blocks');
    expect(outside({})).toBe('blocks');
    expect(choose({ env: tmux, abilities: inside })).toBe('blocks');
  });

  test('gives way to what a person asks for', () => {
    const surroundings = { abilities: answering({ name: 'Konsole 24.08.1' }), env: {}, hasColours: false };
    expect(chooseProtocol('kitty', surroundings).protocol).toBe('kitty-direct');
    expect(chooseProtocol('kitty', { ...surroundings, env: tmux }).protocol).toBe('kitty');
    for (const wanted of ['iterm2', 'sixel', 'blocks', 'off'] as const) {
      expect(chooseProtocol(wanted, surroundings).protocol).toBe(wanted);
    }
  });
});

test('a cell’s size comes from the best answer that can be true', () => {
  const size = { columns: 80, rows: 24 };
  const of = (abilities: Partial<TerminalAbilities>) => cellSizeOf(answering(abilities), size);
  expect(of({ cell: { width: 9, height: 19 }, textArea: { width: 800, height: 480 } })).toEqual({
    width: 9,
    height: 19,
  });
  expect(of({ cell: { width: 0, height: 0 }, textArea: { width: 805, height: 490 } })).toEqual({
    width: 10,
    height: 20,
  });
  expect(of({ sixelArea: { width: 640, height: 384 } })).toEqual({ width: 8, height: 16 });
  expect(of({ cell: { width: 99999, height: 1 }, sixelArea: { width: 1, height: 1 } })).toEqual({
    width: 8,
    height: 16,
  });
  expect(of({})).toEqual({ width: 8, height: 16 });
});

test('a window larger than any sixel picture tells no more than what a cell is at least', () => {
  const largestSixel = { width: 1000, height: 1000 };
  const of = (columns: number, rows: number, width: number, height: number) =>
    cellSizeOf(answering({ sixelArea: { width, height }, largestSixel }), { columns, rows });
  // xterm with cells of 9 x 19 pixels.
  expect(of(80, 24, 720, 456)).toEqual({ width: 9, height: 19 });
  expect(of(120, 40, 1000, 760)).toEqual({ width: 8, height: 19 });
  expect(of(200, 60, 1000, 1000)).toEqual({ width: 7, height: 16 });
  expect(of(80, 60, 720, 1000)).toEqual({ width: 9, height: 16 });
  // Never more than it is, in fonts of other proportions neither.
  for (const [width, height] of [
    [6, 13],
    [7, 14],
    [8, 16],
    [9, 18],
    [10, 20],
    [12, 26],
  ]) {
    for (const [columns, rows] of [
      [80, 24],
      [120, 40],
      [200, 60],
      [300, 90],
    ]) {
      const cell = of(columns, rows, Math.min(1000, columns * width), Math.min(1000, rows * height));
      expect(cell.width).toBeLessThanOrEqual(width);
      expect(cell.height).toBeLessThanOrEqual(height);
    }
  }
});

/** A terminal that gives certain answers to certain questions. */
function scripted(answers: readonly [question: string, events: TerminalEvent[]][]) {
  const asked: string[] = [];
  const listeners = new Set<(event: TerminalEvent) => void>();
  return {
    asked,
    write: (data: string) => {
      asked.push(data);
      const found = answers.find(([question]) => data.includes(question));
      setImmediate(() => {
        for (const event of found?.[1] ?? []) for (const listener of [...listeners]) listener(event);
      });
    },
    onEvent: (listener: (event: TerminalEvent) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    awaits: () => undefined,
  };
}
const reply = (kind: 'csi' | 'dcs' | 'apc' | 'osc', text: string): TerminalEvent => ({ type: 'reply', kind, text });

describe('finding out', () => {
  test('takes one question and all answers', async () => {
    const terminal = scripted([
      [
        '\u001b[c',
        [
          reply('dcs', '>|foot(1.13.1)'),
          reply('apc', 'Gi=31;EINVAL:no'),
          reply('csi', '6;20;10t'),
          reply('csi', '4;480;800t'),
          reply('csi', '?1;0;256S'),
          reply('csi', '?2;0;800;480S'),
          reply('csi', '?2;0;10000;10000S'),
          reply('osc', '1337;ReportCellSize=10;5;2'),
          reply('csi', '?62;4;22c'),
        ],
      ],
    ]);
    const { abilities, outside } = await discover({
      terminal,
      env: { TERM: 'foot' },
      tmux: () => Promise.resolve(undefined),
    });
    expect(outside).toBeUndefined();
    expect(terminal.asked).toHaveLength(1);
    expect(abilities).toEqual({
      isAnswering: true,
      name: 'foot(1.13.1)',
      hasKittyGraphics: false,
      cell: { width: 10, height: 20 },
      textArea: { width: 800, height: 480 },
      sixelRegisters: 256,
      sixelArea: { width: 800, height: 480 },
      largestSixel: { width: 10_000, height: 10_000 },
      attributes: [62, 4, 22],
    });
  });

  test('asks about kitty’s pictures only a terminal whose name has them: others print the question', async () => {
    const ask = async (name?: string) => {
      const terminal = scripted([
        ['\u001b[>q', [...(name === undefined ? [] : [reply('dcs', `>|${name}`)]), reply('csi', '?62c')]],
        ['\u001b_G', [reply('apc', 'Gi=31;OK'), reply('csi', '?62c')]],
      ]);
      const { abilities } = await discover({
        terminal,
        env: { TERM: 'xterm' },
        tmux: () => Promise.resolve(undefined),
      });
      return { abilities, asked: terminal.asked.join('') };
    };
    for (const name of [undefined, 'VTE(7600)', 'xterm.js(5.5.0)']) {
      expect((await ask(name)).asked).not.toContain('\u001b_');
    }
    const { abilities, asked } = await ask('kitty(0.41.1)');
    expect(asked.split('\u001b_G')).toHaveLength(2);
    expect(abilities).toEqual({ isAnswering: true, name: 'kitty(0.41.1)', hasKittyGraphics: true, attributes: [62] });
  });

  test('in tmux asks tmux, lets questions through, and asks the terminal outside', async () => {
    const terminal = scripted([
      ['\u001bPtmux;', [reply('apc', 'Gi=31;OK'), reply('csi', '6;20;10t'), reply('csi', '?62c')]],
      ['\u001b[c', [reply('dcs', '>|tmux 3.5a'), reply('csi', '?1;2;4c')]],
    ]);
    const commands: string[] = [];
    const question = '#{&&:#{pane_active},#{&&:#{window_active},#{session_attached}}}';
    const found = await discover({
      terminal,
      env: { ...tmux, TERM: 'tmux-256color' },
      tmux: (args) => {
        commands.push(args.join(' '));
        if (args[0] === 'show-options') return Promise.resolve('off');
        if (args.at(-1) === question) return Promise.resolve('1');
        return Promise.resolve(args[0] === 'display-message' ? 'kitty(0.41.1)' : '');
      },
    });
    expect(terminal.asked).toHaveLength(2);
    // tmux would make a window's title of it.
    expect(terminal.asked[0]).not.toContain('\u001b_G');
    expect(terminal.asked[1]).toContain(throughTmux('\u001b[c'));
    expect(found.outside).toEqual({
      isReached: true,
      abilities: {
        isAnswering: true,
        hasKittyGraphics: true,
        cell: { width: 10, height: 20 },
        attributes: [62],
        name: 'kitty(0.41.1)',
      },
    });
    expect(chooseProtocol('auto', { ...found, env: tmux, hasColours: true }).protocol).toBe('kitty');
    await found.undo();
    expect(commands).toEqual([
      'show-options -pAv -t %3 allow-passthrough',
      'set-option -p -t %3 allow-passthrough all',
      `display-message -p -t %3 ${question}`,
      'display-message -p -t %3 #{client_termtype}',
      'set-option -pu -t %3 allow-passthrough',
    ]);
  });

  test('in tmux asks nothing whose answer another pane would get', async () => {
    const terminal = scripted([['\u001b[c', [reply('csi', '?1;2;4c')]]]);
    const { outside } = await discover({
      terminal,
      env: { ...tmux, TERM: 'tmux-256color' },
      tmux: ([command, , , , what]) =>
        Promise.resolve(command === 'show-options' ? 'on' : what.includes('pane_active') ? '0' : 'kitty(0.41.1)'),
    });
    expect(terminal.asked).toHaveLength(1);
    expect(outside).toEqual({ isReached: true, abilities: { isAnswering: false, name: 'kitty(0.41.1)' } });
  });

  test('gives up after a while', async () => {
    const terminal = scripted([]);
    const { abilities } = await discover({
      terminal,
      env: { TERM: 'xterm' },
      tmux: () => Promise.resolve(undefined),
      timeout: 5,
    });
    expect(abilities).toEqual({ isAnswering: false });
  });
});

test('tmux is told no more than needed', async () => {
  const answers = new Map<string, string>();
  const commands: string[] = [];
  const run = (args: readonly string[]): Promise<string | undefined> => {
    commands.push(args.join(' '));
    return Promise.resolve(answers.get(args.join(' ')));
  };
  answers.set('show-options -pAv allow-passthrough', 'on');
  const allowed = await allowPassthrough(run, undefined);
  await allowed.undo();
  expect(allowed.isAllowed).toBe(true);
  expect(commands).toEqual(['show-options -pAv allow-passthrough']);
  // A version that knows `on` and not `all`.
  answers.set('show-options -pAv allow-passthrough', 'off');
  answers.set('set-option -p allow-passthrough on', '');
  expect((await allowPassthrough(run, undefined)).isAllowed).toBe(true);
  answers.delete('set-option -p allow-passthrough on');
  expect((await allowPassthrough(run, undefined)).isAllowed).toBe(false);
});
