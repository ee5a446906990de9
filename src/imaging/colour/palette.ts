import type { Rgb } from '../cells/cells.ts';

/** How a category (a cluster, a series) is told apart: by colour and, where there is none, by its mark. */
export interface CategoryStyle {
  colour: Rgb;
  /** One narrow character. */
  mark: string;
  asciiMark: string;
}

// Okabe and Ito, "Color Universal Design" (2008), their black left out; for dark screens blue and vermilion are lifted
// and for light ones yellow is darkened, so that each keeps its distance from the background.
const onDark: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [60, 140, 220],
  [230, 110, 40],
  [204, 121, 167],
  [187, 187, 187],
];
const onLight: readonly Rgb[] = [
  [190, 125, 0],
  [40, 140, 200],
  [0, 130, 95],
  [150, 140, 0],
  [0, 90, 160],
  [200, 80, 0],
  [180, 85, 140],
  [90, 90, 90],
];
const marks = ['●', '▲', '■', '◆', '✚', '▼', '★', '○', '△', '□', '◇', '☆'] as const;
const asciiMarks = Array.from('ox#*+v@%&$=~');

/**
 * The style of category `index` (0 or more). Colours repeat after 8 and marks after 12, so that a pair first
 * repeats after 24.
 */
export function categoryStyle(index: number, light = false): CategoryStyle {
  const colours = light ? onLight : onDark;
  const place = index % marks.length;
  return { colour: colours[index % colours.length], mark: marks[place], asciiMark: asciiMarks[place] };
}
