import type { ColourDepth, Rgb } from '../cells/cells.ts';
import { colourMapTables } from './colour-map-tables.ts';
import { xtermColours } from './terminal-colours.ts';

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

/** How many levels tell values apart in truecolour without wasting bytes on steps that cannot be seen. */
const truecolourLevels = 32;

/**
 * The levels where there is a palette, as entries of it, dark to light. Of 256 colours those above the theme's sixteen:
 * the chain of rising lightness that is nearest to the map (the test finds it again). The theme's sixteen are too few and
 * too saturated to be searched: by hand, of rising lightness in xterm's defaults.
 */
const chains: Readonly<Record<'256' | '16', Readonly<Record<ColourMapName, readonly number[]>>>> = {
  '256': {
    viridis: [53, 54, 24, 30, 36, 78, 148, 220],
    magma: [16, 17, 54, 89, 168, 209, 216, 229],
    cividis: [17, 24, 60, 242, 245, 144, 185, 220],
  },
  '16': {
    viridis: [4, 12, 6, 10, 11],
    magma: [4, 5, 9, 3, 15],
    cividis: [4, 12, 8, 3, 11],
  },
};

const ramps = new Map<string, readonly Rgb[]>();

/**
 * The map in steps, dark to light, each a colour that the depth shows exactly and lighter than the one before: 32 in
 * truecolour, 8 of 256 colours, 5 of the theme's. The same arrays come back each time.
 */
export function ramp(map: ColourMapName, depth: Exclude<ColourDepth, 'none'>): readonly Rgb[] {
  const key = `${map} ${depth}`;
  let colours = ramps.get(key);
  if (!colours) {
    colours =
      depth === 'truecolour'
        ? Array.from({ length: truecolourLevels }, (_, level) => sample(map, level / (truecolourLevels - 1)))
        : chains[depth][map].map((entry) => xtermColours[entry]);
    ramps.set(key, colours);
  }
  return colours;
}

/** Ink of rising density, for terminals without colour; each level leaves a trace. */
export const shades = ['░', '▒', '▓', '█'] as const;

/** As {@link shades}, in ASCII. */
export const asciiShades = Array.from(' .:-=+*#%@') as readonly string[];
