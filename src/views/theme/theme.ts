import type { Cell, ColourDepth, Rgb } from '../../imaging/cells/cells.ts';
import { lightBackgroundFromEnv } from '../../imaging/colour/colour-depth.ts';
import type { ColourMapName } from '../../imaging/colour/colour-maps.ts';
import { ansiColours } from '../../imaging/colour/terminal-colours.ts';

export type Background = 'dark' | 'light';

/** What the user may ask for: a background, or on either one more contrast than taste would have. */
export const themeChoices = ['auto', 'dark', 'light', 'high-contrast'] as const;
export type ThemeChoice = (typeof themeChoices)[number];

/** How the screen is drawn. */
export interface Theme {
  depth: ColourDepth;
  background: Background;
  /** Quiet text and lines are as legible as the rest. */
  isHighContrast: boolean;
  /** Only ASCII characters. */
  ascii: boolean;
  colourMap: ColourMapName;
}

export const defaultTheme: Theme = {
  depth: 'truecolour',
  background: 'dark',
  isHighContrast: false,
  ascii: false,
  colourMap: 'viridis',
};

/** What users say of the theme. */
export interface ThemeWishes {
  theme: ThemeChoice;
  colourMap: ColourMapName;
}

/** The part of the theme that users decide, before the terminal is asked. */
export const wishedTheme = (
  { theme, colourMap }: ThemeWishes,
  env: Readonly<Record<string, string | undefined>>,
): Pick<Theme, 'background' | 'isHighContrast' | 'colourMap'> => ({
  background: theme === 'light' || (theme !== 'dark' && lightBackgroundFromEnv(env)) ? 'light' : 'dark',
  isHighContrast: theme === 'high-contrast',
  colourMap,
});

/** What a token looks like: a cell without its text. */
export type Style = Omit<Cell, 'text'>;

/** A colour of text on either background. */
interface Colour extends Record<Background, Rgb> {
  /** Where contrast is to be high. */
  high?: Record<Background, Rgb>;
  /** Where there are sixteen, which are the terminal's own, the number of the one for it. */
  own?: Record<Background, number>;
}

// Orange and blue carry train and validation: the pair of Okabe and Ito that all common colour blindnesses keep apart.
// Every colour is an exact entry of the 6x6x6 cube or the grey ramp, so that 256 colours show the same.
const colours = {
  accent: { dark: [95, 215, 255], light: [0, 95, 175], own: { dark: 14, light: 6 } },
  orange: { dark: [255, 175, 95], light: [175, 95, 0], own: { dark: 3, light: 3 } },
  blue: { dark: [95, 175, 255], light: [0, 95, 215], own: { dark: 12, light: 4 } },
  green: { dark: [135, 215, 135], light: [0, 135, 0], own: { dark: 2, light: 2 } },
  yellow: { dark: [255, 215, 95], light: [135, 95, 0], own: { dark: 11, light: 3 } },
  red: { dark: [255, 95, 95], light: [215, 0, 0], own: { dark: 9, light: 1 } },
  purple: { dark: [215, 175, 255], light: [135, 0, 175], own: { dark: 5, light: 5 } },
  // A terminal's own greys are unreliable: among sixteen colours the rank of a text is told by bold and dim.
  muted: {
    ...{ dark: [138, 138, 138], light: [108, 108, 108] },
    high: { dark: [208, 208, 208], light: [48, 48, 48] },
  },
  border: {
    ...{ dark: [88, 88, 88], light: [178, 178, 178] },
    high: { dark: [178, 178, 178], light: [88, 88, 88] },
  },
  panel: { dark: [38, 38, 38], light: [228, 228, 228] },
  panelText: { dark: [228, 228, 228], light: [28, 28, 28] },
  panelMuted: {
    ...{ dark: [158, 158, 158], light: [88, 88, 88] },
    high: { dark: [208, 208, 208], light: [48, 48, 48] },
  },
} as const satisfies Record<string, Colour>;

interface Look extends Pick<Style, 'bold' | 'inverse'> {
  colour?: keyof typeof colours;
  /** Dim where its colour cannot be shown. */
  isFaint?: true;
  /** On the panel of a dialog. */
  onPanel?: true;
}

// Components name these meanings; only this file knows colours. A meaning never rests on colour alone: each has a word,
// a mark or a weight besides.
const looks = {
  title: { bold: true },
  muted: { colour: 'muted', isFaint: true },
  border: { colour: 'border', isFaint: true },
  key: { colour: 'accent', bold: true },
  cursor: { colour: 'yellow', bold: true },
  selected: { inverse: true },
  outlier: { colour: 'purple', bold: true },
  warning: { colour: 'yellow', bold: true },
  error: { colour: 'red', bold: true },
  live: { colour: 'green', bold: true },
  paused: { colour: 'yellow', bold: true },
  frozen: { colour: 'accent', bold: true, inverse: true },
  finished: { colour: 'accent', bold: true },
  train: { colour: 'orange' },
  validation: { colour: 'blue' },
  top5: { colour: 'green' },
  series1: { colour: 'blue' },
  series2: { colour: 'orange' },
  series3: { colour: 'green' },
  series4: { colour: 'purple' },
  rising: { colour: 'green' },
  falling: { colour: 'red' },
  progress: { colour: 'accent' },
  dialog: { colour: 'panelText', onPanel: true },
  dialogTitle: { colour: 'panelText', onPanel: true, bold: true },
  dialogKey: { colour: 'accent', onPanel: true, bold: true },
  dialogMuted: { colour: 'panelMuted', onPanel: true, isFaint: true },
} as const satisfies Record<string, Look>;

/** Meanings that text on the screen can have. */
export type Token = keyof typeof looks;

/** A colour as the theme shows it; nothing where it cannot. */
function shown({ own, high, ...exact }: Colour, { depth, background, isHighContrast }: Theme): Rgb | undefined {
  if (depth === 'truecolour' || depth === '256') return (isHighContrast && high ? high : exact)[background];
  return depth === '16' && own ? ansiColours[own[background]] : undefined;
}

/** The look of a token. */
export function styleOf(token: Token | undefined, theme: Theme): Style {
  if (!token) return {};
  const { colour, isFaint, onPanel, ...weight }: Look = looks[token];
  const foreground = colour && shown(colours[colour], theme);
  const background = onPanel && shown(colours.panel, theme);
  return {
    ...weight,
    ...(foreground && { foreground }),
    ...(background && { background }),
    ...(isFaint && !foreground && !theme.isHighContrast && { dim: true }),
  };
}
