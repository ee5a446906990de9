import type { ColourDepth, Rgb } from '../cells/cells.ts';
import { colourMapTables } from './colour-map-tables.ts';
import { oklabOf, type Oklab } from './oklab.ts';
import { ansiColours, xtermColours, xtermLabs } from './terminal-colours.ts';

export type ColourMapName = keyof typeof colourMapTables;

export const colourMapNames = Object.keys(colourMapTables) as readonly ColourMapName[];

const tables = new Map<ColourMapName, Buffer>();

function tableOf(map: ColourMapName): Buffer {
  let table = tables.get(map);
  if (!table) {
    table = Buffer.from(colourMapTables[map], 'base64');
    tables.set(map, table);
  }
  return table;
}

/**
 * The map's colour at `t`, clamped to 0..1, interpolated between matplotlib's 256 entries (exact at those).
 * @throws RangeError for NaN: a missing value has no colour
 */
export function sample(map: ColourMapName, t: number): Rgb {
  if (Number.isNaN(t)) throw new RangeError('a missing value has no colour');
  const table = tableOf(map);
  const place = Math.min(1, Math.max(0, t)) * 255;
  const index = Math.min(254, Math.floor(place));
  const share = place - index;
  const channel = (offset: number): number =>
    Math.round(table[3 * index + offset] * (1 - share) + table[3 * index + 3 + offset] * share);
  return [channel(0), channel(1), channel(2)];
}

/** How many levels tell values apart at a depth without wasting bytes on steps that cannot be seen. */
export const usualLevels: Readonly<Record<Exclude<ColourDepth, 'none'>, number>> = {
  truecolour: 32,
  '256': 8,
  '16': 5,
};

// Least lightness between two neighbouring levels (OKLab), so that order can be seen in grey too.
const leastStep = 0.012;

// The theme's sixteen are too few and too saturated to be searched: by hand, of rising lightness in xterm's defaults.
const themeChains: Readonly<Record<ColourMapName, readonly number[]>> = {
  viridis: [4, 12, 6, 10, 11],
  magma: [4, 5, 9, 3, 15],
  cividis: [4, 12, 8, 3, 11],
};

// Lightness rises anyway; a hue that jumps to and fro looks like structure that is not there.
function chainDistance(wanted: Oklab, entry: Oklab): number {
  return 0.4 * (wanted[0] - entry[0]) ** 2 + 2 * ((wanted[1] - entry[1]) ** 2 + (wanted[2] - entry[2]) ** 2);
}

/**
 * The chain of palette entries of rising lightness nearest to the map: dynamic programming over [level][entry],
 * minimising the sum of squared OKLab distances (hue weighted above lightness) to `levels` evenly spaced samples.
 */
function monotoneChain(map: ColourMapName, levels: number): number[] {
  const labs = xtermLabs();
  const entries = Array.from({ length: 240 }, (_, index) => 16 + index).sort(
    (one, other) => labs[one][0] - labs[other][0],
  );
  const cost: number[][] = [];
  const from: number[][] = [];
  for (let level = 0; level < levels; level++) {
    const wanted = oklabOf(sample(map, levels === 1 ? 0.5 : level / (levels - 1)));
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

function themeChain(map: ColourMapName, levels: number): number[] {
  const chain = themeChains[map];
  return Array.from({ length: levels }, (_, level) => chain[Math.round((level / (levels - 1)) * (chain.length - 1))]);
}

const ramps = new Map<string, readonly Rgb[]>();

/**
 * The map in `levels` steps (2..32, dark to light; at most 5 in 16 colours), each a colour that the depth shows exactly
 * and lighter than the one before. At 256 colours these are entries 16-255, at 16 the theme's. Computed once a map,
 * depth and count; the same arrays come back each time.
 */
export function ramp(
  map: ColourMapName,
  depth: Exclude<ColourDepth, 'none'>,
  levels: number = usualLevels[depth],
): readonly Rgb[] {
  if (!Number.isInteger(levels) || levels < 2 || levels > 32 || (depth === '16' && levels > 5)) {
    throw new RangeError(`a colour ramp of ${levels} levels cannot be made in depth ${depth}`);
  }
  const key = `${map} ${depth} ${levels}`;
  let colours = ramps.get(key);
  if (!colours) {
    colours =
      depth === 'truecolour'
        ? Array.from({ length: levels }, (_, level) => sample(map, level / (levels - 1)))
        : depth === '256'
          ? monotoneChain(map, levels).map((entry) => xtermColours[entry])
          : themeChain(map, levels).map((entry) => ansiColours[entry]);
    ramps.set(key, colours);
  }
  return colours;
}

/** Ink of rising density, for terminals without colour; each level leaves a trace. */
export const shades = ['░', '▒', '▓', '█'] as const;

/** As {@link shades}, in ASCII. */
export const asciiShades = Array.from(' .:-=+*#%@') as readonly string[];
