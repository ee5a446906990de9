import type { Cell, ColourDepth, Rgb } from '../../imaging/cells/cells.ts';
import type { ColourMapName } from '../../imaging/colour/colour-maps.ts';
import { ansiColours } from '../../imaging/colour/terminal-colours.ts';

/** Meanings that text on the screen can have. Components name these; only this file knows colours. */
export type Token =
  | 'title'
  | 'muted'
  | 'key'
  | 'cursor'
  | 'selected'
  | 'outlier'
  | 'warning'
  | 'error'
  | 'live'
  | 'paused'
  | 'frozen'
  | 'finished'
  | 'train'
  | 'validation'
  | 'top1'
  | 'top5'
  | 'series1'
  | 'series2'
  | 'series3'
  | 'series4'
  | 'rising'
  | 'falling'
  | 'progress'
  | 'border'
  | 'dialog'
  | 'dialogTitle'
  | 'dialogKey'
  | 'dialogMuted';

export type Background = 'dark' | 'light';

/** How the screen is drawn. */
export interface Theme {
  depth: ColourDepth;
  background: Background;
  /** Only ASCII characters. */
  ascii: boolean;
  colourMap: ColourMapName;
}

export const defaultTheme: Theme = { depth: 'truecolour', background: 'dark', ascii: false, colourMap: 'viridis' };

/** What a token looks like: a cell without its text. */
export type Style = Omit<Cell, 'text'>;

interface Palette {
  muted: Rgb;
  border: Rgb;
  accent: Rgb;
  orange: Rgb;
  blue: Rgb;
  green: Rgb;
  yellow: Rgb;
  red: Rgb;
  purple: Rgb;
  panel: Rgb;
  panelText: Rgb;
  panelMuted: Rgb;
}

// Orange and blue carry train and validation: the pair of Okabe and Ito that all common colour blindnesses keep apart.
// Every colour is an exact entry of the 6x6x6 cube or the grey ramp, so that 256 colours show the same.
const palettes: Record<Background, Palette> = {
  dark: {
    muted: [138, 138, 138],
    border: [88, 88, 88],
    accent: [95, 215, 255],
    orange: [255, 175, 95],
    blue: [95, 175, 255],
    green: [135, 215, 135],
    yellow: [255, 215, 95],
    red: [255, 95, 95],
    purple: [215, 175, 255],
    panel: [38, 38, 38],
    panelText: [228, 228, 228],
    panelMuted: [158, 158, 158],
  },
  light: {
    muted: [108, 108, 108],
    border: [178, 178, 178],
    accent: [0, 95, 175],
    orange: [175, 95, 0],
    blue: [0, 95, 215],
    green: [0, 135, 0],
    yellow: [135, 95, 0],
    red: [215, 0, 0],
    purple: [135, 0, 175],
    panel: [228, 228, 228],
    panelText: [28, 28, 28],
    panelMuted: [88, 88, 88],
  },
};

// Sixteen colours are the terminal's own, and its greys are unreliable: there the rank of a text is told by bold and dim.
function themePalette(background: Background): Palette {
  const [normal, bright] = background === 'dark' ? [0, 8] : [0, 0];
  const colour = (index: number, offset: number): Rgb => ansiColours[index + offset] ?? [0, 0, 0];
  return {
    ...palettes[background],
    accent: colour(6, bright),
    orange: colour(3, normal),
    blue: colour(4, bright),
    green: colour(2, normal),
    yellow: colour(3, bright),
    red: colour(1, bright),
    purple: colour(5, normal),
  };
}

const sixteen: Record<Background, Palette> = { dark: themePalette('dark'), light: themePalette('light') };

const paletteOf = (theme: Theme): Palette => (theme.depth === '16' ? sixteen : palettes)[theme.background];

/** The look of a token. Meaning never rests on colour alone: each has a word, a mark or a weight besides. */
export function styleOf(token: Token | undefined, theme: Theme): Style {
  if (!token) return {};
  const colours = paletteOf(theme);
  const dialog: Style =
    theme.depth === 'none' || theme.depth === '16' ? {} : { background: colours.panel, foreground: colours.panelText };
  const coloured = (foreground: Rgb, rest: Style = {}): Style =>
    theme.depth === 'none' ? rest : { foreground, ...rest };
  const faint: Style = theme.depth === 'none' || theme.depth === '16' ? { dim: true } : { foreground: colours.muted };
  switch (token) {
    case 'title':
      return { bold: true };
    case 'muted':
      return faint;
    case 'border':
      return theme.depth === 'none' || theme.depth === '16' ? { dim: true } : { foreground: colours.border };
    case 'key':
      return coloured(colours.accent, { bold: true });
    case 'cursor':
      return coloured(colours.yellow, { bold: true });
    case 'selected':
      return { inverse: true };
    case 'outlier':
      return coloured(colours.purple, { bold: true });
    case 'warning':
      return coloured(colours.yellow, { bold: true });
    case 'error':
      return coloured(colours.red, { bold: true });
    case 'live':
      return coloured(colours.green, { bold: true });
    case 'paused':
      return coloured(colours.yellow, { bold: true });
    case 'frozen':
      return { ...coloured(colours.accent), bold: true, inverse: true };
    case 'finished':
      return coloured(colours.accent, { bold: true });
    case 'train':
      return coloured(colours.orange);
    case 'validation':
      return coloured(colours.blue);
    case 'top1':
      return coloured(colours.blue);
    case 'top5':
      return coloured(colours.green);
    case 'series1':
      return coloured(colours.blue);
    case 'series2':
      return coloured(colours.orange);
    case 'series3':
      return coloured(colours.green);
    case 'series4':
      return coloured(colours.purple);
    case 'rising':
      return coloured(colours.green);
    case 'falling':
      return coloured(colours.red);
    case 'progress':
      return coloured(colours.accent);
    case 'dialog':
      return dialog;
    case 'dialogTitle':
      return { ...dialog, bold: true };
    case 'dialogKey':
      return { ...dialog, ...coloured(colours.accent), bold: true };
    case 'dialogMuted':
      return theme.depth === 'none' || theme.depth === '16' ? faint : { ...dialog, foreground: colours.panelMuted };
  }
}
