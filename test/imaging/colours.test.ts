import { describe, expect, test } from 'vitest';
import type { ColourDepth } from '../../src/imaging/cells/cells.ts';
import {
  backgroundOfReply,
  coloursFor,
  lightBackgroundFromEnv,
  type HeardColours,
} from '../../src/imaging/colour/colour-depth.ts';
import { colourMapNames, ramp, sample, type ColourMapName } from '../../src/imaging/colour/colour-maps.ts';
import { contrastingColour, oklabOf, type Oklab } from '../../src/imaging/colour/oklab.ts';
import { categoryStyle } from '../../src/imaging/colour/palette.ts';
import { ansiColours, nearestAnsi, nearestXterm, xtermColours } from '../../src/imaging/colour/terminal-colours.ts';

describe('colour maps', () => {
  test('hold matplotlib’s values', () => {
    // matplotlib.colormaps[name]([0, 64, 128, 192, 255]), rounded to 8 bits
    const known = {
      viridis: [
        [68, 1, 84],
        [59, 82, 139],
        [33, 145, 140],
        [94, 201, 98],
        [253, 231, 37],
      ],
      magma: [
        [0, 0, 4],
        [81, 18, 124],
        [183, 55, 121],
        [252, 137, 97],
        [252, 253, 191],
      ],
      cividis: [
        [0, 34, 78],
        [67, 78, 108],
        [125, 124, 120],
        [188, 174, 108],
        [254, 232, 56],
      ],
    } as const;
    for (const map of colourMapNames) {
      expect([0, 64, 128, 192, 255].map((index) => sample(map, index / 255))).toEqual(known[map]);
    }
    expect(sample('viridis', -3)).toEqual(sample('viridis', 0));
    expect(sample('viridis', 7)).toEqual(sample('viridis', 1));
    expect(() => sample('viridis', NaN)).toThrow(RangeError);
  });

  test('become lighter with every level at every depth, in colours the depth has', () => {
    for (const map of colourMapNames) {
      for (const depth of ['truecolour', '256', '16'] as const) {
        const colours = ramp(map, depth);
        expect(colours).toHaveLength({ truecolour: 32, '256': 8, '16': 5 }[depth]);
        const lightness = colours.map((colour) => oklabOf(colour)[0]);
        for (let index = 1; index < colours.length; index++) {
          expect(lightness[index]).toBeGreaterThan(lightness[index - 1]);
        }
        if (depth === '256') for (const colour of colours) expect(xtermColours.indexOf(colour)).toBeGreaterThan(15);
        if (depth === '16') for (const colour of colours) expect(ansiColours).toContain(colour);
      }
    }
  });

  test('in 256 colours are the nearest chain there is', () => {
    for (const map of colourMapNames) {
      expect(ramp(map, '256')).toEqual(monotoneChain(map, 8).map((entry) => xtermColours[entry]));
    }
  });

  test('in 256 colours stay near the map', () => {
    for (const map of colourMapNames) {
      ramp(map, '256').forEach((colour, level, all) => {
        const [wanted, got] = [oklabOf(sample(map, level / (all.length - 1))), oklabOf(colour)];
        expect(Math.hypot(...wanted.map((part, index) => part - got[index]))).toBeLessThan(0.16);
      });
    }
  });
});

describe('terminal colours', () => {
  test('follow xterm’s cube and greys', () => {
    expect(xtermColours).toHaveLength(256);
    expect(xtermColours[16]).toEqual([0, 0, 0]);
    expect(xtermColours[110]).toEqual([135, 175, 215]);
    expect(xtermColours[231]).toEqual([255, 255, 255]);
    expect(xtermColours[232]).toEqual([8, 8, 8]);
    expect(xtermColours[255]).toEqual([238, 238, 238]);
  });

  test('map every exact entry to a colour equal to itself', () => {
    for (let index = 16; index < 256; index++) {
      expect(xtermColours[nearestXterm(xtermColours[index])]).toEqual(xtermColours[index]);
    }
    ansiColours.forEach((colour, index) => expect(nearestAnsi([...colour])).toBe(index));
  });
});

test('the depth of colour follows what users and terminals say', () => {
  const cases: [Record<string, string>, boolean, ColourDepth][] = [
    [{ TERM: 'xterm-256color' }, true, '256'],
    [{ TERM: 'xterm-256color' }, false, 'none'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, true, 'truecolour'],
    [{ TERM: 'xterm-kitty' }, true, 'truecolour'],
    [{ TERM: 'screen-256color', STY: '1', COLORTERM: 'truecolor' }, true, '256'],
    [{ TERM: 'tmux-256color', TMUX: 'x', COLORTERM: 'truecolor' }, true, 'truecolour'],
    [{ TERM: 'tmux-256color', TMUX: 'x', TERM_PROGRAM: 'iTerm.app' }, true, '256'],
    [{ TERM: 'xterm' }, true, '16'],
    [{ TERM: 'linux' }, true, '16'],
    [{ TERM: 'vt100' }, true, 'none'],
    [{ TERM: 'dumb' }, true, 'none'],
    [{ TERM: 'dumb', COLORTERM: 'truecolor' }, true, 'none'],
    [{}, true, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '1' }, true, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '' }, true, '256'],
    [{ TERM: 'xterm-256color', NO_COLOR: '1', FORCE_COLOR: '3' }, false, 'truecolour'],
    [{ TERM: 'dumb', FORCE_COLOR: 'true' }, false, '16'],
    [{ TERM: 'xterm-256color', FORCE_COLOR: '0' }, true, 'none'],
  ];
  for (const [env, isTTY, depth] of cases) expect([env, coloursFor('auto', env, isTTY).depth]).toEqual([env, depth]);
});

test('what a terminal says of its colours counts more than the environment, and less than the user', () => {
  const xterm = { TERM: 'xterm-256color' };
  const stale = { ...xterm, COLORTERM: 'truecolor' };
  const inTmux = { TERM: 'tmux-256color', TMUX: 'x' };
  const [yes, no] = [{ isTrueColour: true }, { isTrueColour: false }];
  const cases: [Record<string, string>, HeardColours, ColourDepth][] = [
    [xterm, yes, 'truecolour'],
    [{ TERM: 'xterm' }, yes, 'truecolour'],
    [xterm, no, '256'],
    [stale, no, '256'],
    [stale, {}, 'truecolour'],
    [inTmux, { clientFeatures: 'bpaste,RGB,title' }, 'truecolour'],
    [{ ...inTmux, COLORTERM: 'truecolor' }, { clientFeatures: 'bpaste,title' }, '256'],
    [{ ...inTmux, COLORTERM: 'truecolor' }, { clientFeatures: '' }, 'truecolour'],
    [{ TERM: 'vt100' }, yes, 'none'],
    [{ ...xterm, NO_COLOR: '1' }, yes, 'none'],
    [{ ...xterm, FORCE_COLOR: '1' }, yes, '16'],
  ];
  for (const [env, heard, depth] of cases) {
    expect([env, heard, coloursFor('auto', env, true, heard).depth]).toEqual([env, heard, depth]);
  }
  expect(coloursFor('16', xterm, true, yes)).toEqual({ depth: '16', reason: 'asked for' });
  expect(coloursFor('auto', xterm, false, yes).depth).toBe('none');
});

test('light and dark backgrounds are told apart', () => {
  expect(lightBackgroundFromEnv({ COLORFGBG: '15;0' })).toBe(false);
  expect(lightBackgroundFromEnv({ COLORFGBG: '0;default;15' })).toBe(true);
  expect(lightBackgroundFromEnv({ COLORFGBG: 'nonsense' })).toBeUndefined();
  expect(lightBackgroundFromEnv({})).toBeUndefined();
  expect(backgroundOfReply('11;rgb:ffff/8080/0000')).toEqual([255, 128, 0]);
  expect(backgroundOfReply('11;rgb:f/8/0')).toEqual([255, 136, 0]);
  expect(backgroundOfReply('11;?')).toBeUndefined();
  expect(contrastingColour([250, 240, 200])).toEqual([0, 0, 0]);
  expect(contrastingColour([30, 20, 80])).toEqual([255, 255, 255]);
});

test('categories differ in mark, and in colour from any background', () => {
  for (const light of [false, true]) {
    const styles = Array.from({ length: 24 }, (_, index) => categoryStyle(index, light));
    expect(new Set(styles.map(({ colour, mark }) => `${String(colour)} ${mark}`)).size).toBe(24);
    expect(new Set(styles.slice(0, 12).map(({ mark }) => mark)).size).toBe(12);
    expect(new Set(styles.slice(0, 12).map(({ asciiMark }) => asciiMark)).size).toBe(12);
    for (const { colour } of styles) {
      if (light) expect(oklabOf(colour)[0]).toBeLessThan(0.72);
      else expect(oklabOf(colour)[0]).toBeGreaterThan(0.5);
    }
  }
});

// Least lightness between two neighbouring levels (OKLab), so that order can be seen in grey too.
const leastStep = 0.012;

// Lightness rises anyway; a hue that jumps to and fro looks like structure that is not there.
function chainDistance(wanted: Oklab, entry: Oklab): number {
  return 0.4 * (wanted[0] - entry[0]) ** 2 + 2 * ((wanted[1] - entry[1]) ** 2 + (wanted[2] - entry[2]) ** 2);
}

/**
 * The chain of palette entries of rising lightness nearest to the map: dynamic programming over [level][entry],
 * minimising the sum of squared OKLab distances (hue weighted above lightness) to `levels` evenly spaced samples.
 */
function monotoneChain(map: ColourMapName, levels: number): number[] {
  const labs = xtermColours.map(oklabOf);
  const entries = Array.from({ length: 240 }, (_, index) => 16 + index).sort(
    (one, other) => labs[one][0] - labs[other][0],
  );
  const cost: number[][] = [];
  const from: number[][] = [];
  for (let level = 0; level < levels; level++) {
    const wanted = oklabOf(sample(map, level / (levels - 1)));
    cost.push(new Array<number>(entries.length).fill(Infinity));
    from.push(new Array<number>(entries.length).fill(-1));
    let darker = 0;
    let best = -1;
    entries.forEach((entry, place) => {
      const own = chainDistance(wanted, labs[entry]);
      if (level === 0) {
        cost[0][place] = own;
        return;
      }
      const before = cost[level - 1];
      while (labs[entries[darker]][0] + leastStep <= labs[entry][0]) {
        if (best < 0 || before[darker] < before[best]) best = darker;
        darker++;
      }
      if (best >= 0) {
        cost[level][place] = own + before[best];
        from[level][place] = best;
      }
    });
  }
  const last = cost[levels - 1];
  let place = last.indexOf(Math.min(...last));
  const chain: number[] = [];
  for (let level = levels - 1; level >= 0; level--) {
    chain.unshift(entries[place]);
    place = from[level][place]!;
  }
  return chain;
}
