import { describe, expect, it } from 'vitest';
import type { Rgb } from '../../src/imaging/cells/cells.ts';
import { darkPicture, lightPicture } from '../../src/imaging/files/picture-colours.ts';
import { defaultTheme, styleOf, wishedTheme, type Theme, type Token } from '../../src/views/theme/theme.ts';

/** WCAG's contrast of two colours, 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: Rgb, other: Rgb): number {
  const luminance = (colour: Rgb): number => {
    const [red, green, blue] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const quiet: readonly Token[] = ['muted', 'dialogMuted', 'border'];
const wish = (theme: 'auto' | 'dark' | 'light' | 'high-contrast', env = {}): Theme => ({
  ...defaultTheme,
  ...wishedTheme({ theme, colourMap: 'viridis' }, env),
});

describe('a theme', () => {
  it('is the one asked for, else what the environment says of the background', () => {
    const [light, dark] = [{ COLORFGBG: '0;15' }, { COLORFGBG: '15;0' }];
    expect([wish('auto', light), wish('auto', dark), wish('auto')].map(({ background }) => background)).toEqual([
      'light',
      'dark',
      'dark',
    ]);
    expect([wish('light', dark), wish('dark', light)].map(({ background }) => background)).toEqual(['light', 'dark']);
    expect(wish('high-contrast', light)).toMatchObject({ background: 'light', isHighContrast: true });
    expect(wishedTheme({ theme: 'auto', colourMap: 'magma' }, {}).colourMap).toBe('magma');
  });

  it('of high contrast has no quiet text below 7 to 1, nor dim where colours are missing', () => {
    for (const background of ['dark', 'light'] as const) {
      const paper = (background === 'dark' ? darkPicture : lightPicture).background;
      for (const token of quiet) {
        const high = { ...wish('high-contrast'), background };
        const { foreground, background: panel = paper } = styleOf(token, high);
        expect([token, background, contrast(foreground!, panel) >= (token === 'border' ? 4.5 : 7)]).toEqual([
          token,
          background,
          true,
        ]);
        expect(styleOf(token, { ...high, depth: 'none' }).dim).toBeUndefined();
      }
      // Nothing else changes, so that a picture of it is known at once.
      expect(styleOf('train', { ...wish('high-contrast'), background })).toEqual(
        styleOf('train', { ...wish('auto'), background }),
      );
    }
  });
});
